from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from made_versions import add, decide, made, sum_model

import scoring
from scoring.decisions import past
from scoring.errors import (
    AmbiguousModelError,
    DecisionsError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
)
from scoring.registry import CHALLENGER, CHAMPION, Reference, VersionRow, find
from scoring.registry import resolve as resolve_in
from scoring.warehouse import Warehouse

Add = Callable[..., None]


def resolve(connection: duckdb.DuckDBPyConnection, text: str, schema: str | None = None) -> VersionRow:
    return resolve_in(Warehouse(connection, schema), text)


@pytest.mark.parametrize(
    ("text", "name", "selector"),
    [
        ("m", "m", CHAMPION),
        ("m@champion", "m", CHAMPION),
        ("m@challenger", "m", CHALLENGER),
        ("m@3", "m", 3),
        ("a b", "a b", CHAMPION),
    ],
)
def test_reference_is_taken_apart(text: str, name: str, selector: int | str) -> None:
    assert Reference.parse(text) == Reference(name, selector)
    assert Reference.parse(f"dev_ml.{text}") == Reference(name, selector, "dev_ml")
    assert Reference.parse(f"prod.dev_ml.{text}") == Reference(name, selector, "dev_ml", "prod")


@pytest.mark.parametrize("text", ["", "@1", "m@", "m@-1", "m@1.5", "m@newest", "m@1@2", "m@99999999999"])
def test_malformed_reference_is_refused(text: str) -> None:
    with pytest.raises(ModelReferenceError, match="write it in one of these forms"):
        Reference.parse(text)


@pytest.mark.parametrize(
    ("text", "version"), [("m", 2), ("m@champion", 2), ("m@challenger", 3), ("m@1", 1), ("M", 2)]
)
def test_reference_selects_a_version(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, text: str, version: int
) -> None:
    for number in (1, 2, 3):
        add_version("m", number, champion=number == 2)
    assert resolve(warehouse, text).name == f"m@{version}"


@pytest.mark.parametrize("name", ['my "own" model', "drop table; --", "Größe", "select"])
def test_any_model_name_is_safe(warehouse: duckdb.DuckDBPyConnection, add_version: Add, name: str) -> None:
    add_version(name)
    assert resolve(warehouse, name).model_name == name


def test_unknown_model_is_reported_with_the_known_ones(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version("flight_delay", champion=False)
    add_version("taxi_out")
    warehouse.execute("create table ml.gate_failures (model_name varchar)")
    with pytest.raises(
        UnknownModelError, match=r"'flight_delay', 'taxi_out';.*Did you mean 'flight_delay'\?"
    ):
        resolve(warehouse, "flight_dela")


def test_unknown_version_is_reported_with_the_known_ones(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version(version=1)
    add_version(version=2)
    with pytest.raises(UnknownVersionError, match=r"'m' has no version 7.*versions.* 1, 2;"):
        resolve(warehouse, "m@7")


def test_model_without_versions_has_no_challenger(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version()
    warehouse.execute("delete from ml.m")
    with pytest.raises(UnknownVersionError, match="'m' has no version yet"):
        resolve(warehouse, "m@challenger")


def test_model_without_champion_points_to_the_gates(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    """Nothing was decided yet, then something about another model, then that no version may score."""
    add_version(champion=False)
    for decided in (None, "other", "m"):
        if decided:
            decide(warehouse, decided, None)
        with pytest.raises(NoChampionError, match=r"versions \(1\).*decisions"):
            resolve(warehouse, "m")
    assert resolve(warehouse, "m@1").version == resolve(warehouse, "m@challenger").version == 1


def test_champion_is_the_last_decision_by_sequence_whatever_the_clock_says(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    for number in (1, 2, 3):
        add_version(version=number, champion=False)
    noon = datetime(2024, 5, 1, 12)
    for number, decided_at in ((1, noon), (3, noon), (2, noon - timedelta(hours=2))):
        decide(warehouse, "M", number, decided_at=decided_at)
    decide(warehouse, "other", 1)
    assert resolve(warehouse, "m").version == 2
    before = past(Warehouse(warehouse), find(Warehouse(warehouse), Reference.parse("m")))
    assert (before.champion, before.champions) == (2, (2, 3, 1))
    assert [one.sequence for one in (before.last, before.since) if one] == [3, 3]


def test_schema_before_the_name_says_which_model_is_meant(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version(version=1, schema="Dev_ml")
    add_version(version=2, schema="ml")
    add_version("single", 3, schema="odd.schema")
    with pytest.raises(AmbiguousModelError) as caught:
        resolve(warehouse, "m")
    for fact in ("Dev_ml.m", "ml.m", "schema="):
        assert fact in str(caught.value)
    for text, schema, name in (
        ("ml.m", None, "m@2"),
        ("dev_ml.M@champion", None, "m@1"),
        ("memory.ml.m@challenger", None, "m@2"),
        ("m", "ml", "m@2"),
        ("m", "DEV_ML", "m@1"),
        ("ml.m", "dev_ml", "m@2"),
        ("single", None, "single@3"),
    ):
        assert resolve(warehouse, text, schema).name == name, text
    for text, schema in (("gone.m", None), ("single", "ml"), ("gone.ml.m", None)):
        with pytest.raises(UnknownModelError):
            resolve(warehouse, text, schema)


def test_functions_read_the_schema_of_their_connection(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    with scoring.connect(path) as connection:
        for schema, factor in (("dev", 10.0), ("prod", 1.0)):
            add(connection, made(artifact=sum_model(2, factor)), schema=schema)
    query = "select ml_predict('{}', {{'x': 1, 'y': 1}})"
    for schema, reference, expected in (("dev", "m", 20.0), ("prod", "m", 2.0), ("prod", "dev.m@1", 20.0)):
        with scoring.connect(path, schema=schema, read_only=True) as connection:
            assert connection.sql(query.format(reference)).fetchall() == [(expected,)]
    with scoring.connect(path, read_only=True) as connection:
        assert connection.sql(query.format("prod.m")).fetchall() == [(2.0,)]
        with pytest.raises(duckdb.Error, match=r"several schemas.*dev\.m"):
            connection.sql(query.format("m")).fetchall()


GONE = "create table gone as from ml.decisions; drop table ml.decisions; {}; drop table gone"


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (GONE.format("create view ml.decisions as from gone"), "gone"),
        ("alter table ml.decisions drop version", "version"),
        ("alter table ml.decisions drop sequence", "sequence"),
        ("alter table ml.decisions rename model_name to name", "model_name"),
        ("drop table ml.decisions; create table ml.decisions (minutes integer)", "model_name"),
    ],
)
def test_decisions_that_cannot_be_read_are_an_error(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, change: str, fact: str
) -> None:
    add_version()
    warehouse.execute(change)
    with pytest.raises(DecisionsError, match=f"ml.decisions.*{fact}"):
        resolve(warehouse, "m")
    with pytest.raises(DecisionsError, match=f"ml.decisions.*{fact}"):
        past(Warehouse(warehouse), find(Warehouse(warehouse), Reference.parse("m")))
    assert resolve(warehouse, "m@1").version == 1


def test_empty_warehouse_has_no_models() -> None:
    with scoring.connect() as connection, pytest.raises(UnknownModelError, match="its models are: nothing"):
        resolve(connection, "m")
