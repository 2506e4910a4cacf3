"""A warehouse that the release before wrote, with two versions and a promotion, is carried over when it is opened.

The tables and views of its schema ``ml`` lie in `released_warehouse`, as that release made them.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

import scoring
from scoring.carrying_over import OLD_TABLES, OLD_VIEWS, carry_over
from scoring.decisions import past
from scoring.registry import Reference, find
from scoring.warehouse import Warehouse

RELEASED = Path(__file__).with_name("released_warehouse")
DECISIONS = "select version, action, reason from ml.decisions order by sequence"
STORY = [(1, "accept", "gates"), (2, "accept", "gates"), (1, "promote", "promote: audit")]


@pytest.fixture
def released(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with scoring.connect(tmp_path / "released.duckdb") as connection:
        connection.execute("create schema ml")
        for file in sorted(RELEASED.glob("*.parquet")):
            connection.execute(f"create table ml.{file.stem} as from '{file}'")
        connection.execute((RELEASED / "views.sql").read_text())
        assert connection.sql("select version from ml.champions").fetchall() == [(1,)]
        yield connection


def test_no_version_is_lost_and_no_champion_changes(released: duckdb.DuckDBPyConnection) -> None:
    rows = "select version, sha256(artifact), scoring_sha256 from ml.rain_soon order by 1"
    before = released.sql(rows).fetchall()
    carry_over(released)
    assert released.sql(rows).fetchall() == before and len(before) == 2
    assert released.sql(DECISIONS).fetchall() == STORY
    warehouse = Warehouse(released)
    decisions = past(warehouse, find(warehouse, Reference.parse("rain_soon")))
    assert decisions.champion == 1
    assert decisions.held is not None and decisions.last is not None
    assert decisions.last.passing_versions == (1, 2)


def test_what_nothing_reads_any_more_is_dropped_and_a_second_opening_changes_nothing(
    released: duckdb.DuckDBPyConnection,
) -> None:
    for _ in range(2):
        carry_over(released)
        names = released.sql("select table_name from information_schema.tables where table_schema = 'ml'")
        assert not {name for (name,) in names.fetchall()} & {*OLD_VIEWS, *OLD_TABLES}
        assert released.sql(DECISIONS).fetchall() == STORY


def test_a_pin_of_the_seed_goes_on_as_a_promotion(released: duckdb.DuckDBPyConnection) -> None:
    released.execute("delete from ml.model_promotions")
    released.execute("update ml.champion_history set reason = 'pin: audit' where live_until_at is null")
    carry_over(released)
    assert released.sql(DECISIONS).fetchall()[-1] == (1, "promote", "pin: audit")


def test_a_clock_that_was_behind_changes_no_champion(released: duckdb.DuckDBPyConnection) -> None:
    released.execute("delete from ml.model_promotions")
    released.execute(
        "update ml.champion_history set reason = 'gates', live_from_at = live_from_at - interval 2 hours "
        "where live_until_at is null"
    )
    carry_over(released)
    assert released.sql(DECISIONS).fetchall()[-1][0] == 1


def test_decisions_get_the_columns_that_they_lack(released: duckdb.DuckDBPyConnection) -> None:
    carry_over(released)
    released.execute("alter table ml.decisions drop column challenger")
    released.execute("alter table ml.decisions drop column challenger_share")
    carry_over(released)
    assert released.sql("select distinct challenger, challenger_share from ml.decisions").fetchall() == [
        (None, None)
    ]
    warehouse = Warehouse(released)
    assert past(warehouse, find(warehouse, Reference.parse("rain_soon"))).champion == 1
