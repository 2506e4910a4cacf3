"""A model that is renamed keeps its versions, its decisions and its monitoring; nothing is trained anew for a name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import own_project
import pytest
from made_versions import add, champion, decide, made
from project import Project

import scoring
from scoring.errors import WarehouseMLError
from scoring.warehouse import Relation, Warehouse
from training.errors import RenamingError
from training.renaming import take_over

OLD, NEW = "late trips", 'Späte "Fahrten"'


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with three versions of the old model, of which the second was promoted; another model beside it."""
    with scoring.connect() as opened:
        for schema in ("ml", "dev_ml"):
            add(opened, *(made(OLD, number) for number in (1, 2, 3)), schema=schema)
            decide(opened, OLD, 2, schema=schema, action="promote", reason="promote: audit", newest_version=3)
        add(opened, made("other"))
        yield opened


def renamed(
    connection: duckdb.DuckDBPyConnection,
    name: str = NEW,
    old: Any = OLD,
    models: Sequence[tuple[str, str]] = ((NEW, OLD), ("other", "")),
) -> list[str]:
    warehouse = Warehouse(connection)
    versions = Relation("memory", "ml", name)
    warehouse.create(versions, made().to_row().schema)
    return take_over(
        warehouse,
        versions,
        {"renamed_from": old},
        models=[("memory", "ml", *model) for model in models],
        retrain_decisions=None,
        invocation="run-1",
        folder=None,
    )


def story(connection: duckdb.DuckDBPyConnection, model: str, schema: str = "ml") -> list[tuple[Any, ...]]:
    return connection.execute(
        f"select version, action, reason from {schema}.decisions where model_name = ? order by sequence",
        [model],
    ).fetchall()


def test_versions_and_decisions_move_and_another_call_does_nothing(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    before = story(connection, OLD)
    (notice,) = renamed(connection)
    assert "3 versions of ml.late trips" in notice
    assert story(connection, OLD) == []
    assert story(connection, NEW) == [*before, (2, "promote", "renamed from late trips: promote: audit")]
    assert champion(connection, NEW) == 2
    assert champion(connection, OLD, schema="dev_ml") == 2  # another developer's
    assert champion(connection, "other") == 1
    rows = {"x": 1, "y": 2}
    assert connection.execute("select ml_predict(?, ?)", [f"{NEW}@2", rows]).fetchall() == [(3.0,)]
    with pytest.raises(duckdb.Error, match="is not in this warehouse"):
        connection.execute("select ml_predict(?, ?)", [f"ml.{OLD}", rows]).fetchall()
    assert renamed(connection) == []
    assert len(story(connection, NEW)) == len(before) + 1


def test_a_refusal_that_came_first_does_not_hold(connection: duckdb.DuckDBPyConnection) -> None:
    decide(connection, NEW, None, action="refuse", reason="conflict")
    renamed(connection)
    assert champion(connection, NEW) == 2


def test_a_warehouse_that_never_knew_the_old_name_trains_the_first_version() -> None:
    with scoring.connect() as connection:
        (notice,) = renamed(connection)
        assert "ml.late trips" in notice


def nothing_but_versions(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("create table ml.sales as select 1 as one")
    connection.execute(f'create view ml.seen as from ml."{OLD}"')


CONFLICTS: dict[str, tuple[dict[str, Any], str]] = {
    "its own name": ({"old": NEW.upper()}, "is its own name"),
    "still a model": ({"models": [(NEW, OLD), (OLD, "")]}, "still a model of this project"),
    "claimed twice": ({"models": [(NEW, OLD), ("third", OLD.upper())]}, "'third'.*one model can take over"),
    "both have versions": (
        {"name": "other", "models": [("other", OLD)]},
        "both it and ml.late trips have some",
    ),
    "another table": ({"old": "sales"}, "ml.sales, which is not a table of versions"),
    "a view of versions": ({"old": "seen"}, "ml.seen, which is not a table of versions"),
}


@pytest.mark.parametrize("case", CONFLICTS)
def test_a_conflict_is_one_sentence_and_moves_nothing(
    connection: duckdb.DuckDBPyConnection, case: str
) -> None:
    arguments, fact = CONFLICTS[case]
    nothing_but_versions(connection)
    before = [connection.sql(f'from ml."{OLD}"').fetchall(), connection.sql("from ml.decisions").fetchall()]
    with pytest.raises(RenamingError, match=fact) as caught:
        renamed(connection, **arguments)
    assert "\n" not in str(caught.value)
    after = [connection.sql(f'from ml."{OLD}"').fetchall(), connection.sql("from ml.decisions").fetchall()]
    assert after == before


def test_what_goes_wrong_half_way_moves_nothing(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise duckdb.Error("the disk is full")

    before = story(connection, OLD)
    monkeypatch.setattr("training.renaming._rename", fail)
    with pytest.raises(duckdb.Error):
        renamed(connection)
    assert story(connection, OLD) == before
    assert connection.sql(f'select count(*) from ml."{OLD}"').fetchall() == [(3,)]


ROWS = "id,sold_at,x,y\n" + "".join(
    f"{n},2024-01-{1 + n // 10:02} 12:00:00,{n * 37 % 100},{int(n * 37 % 100 > 50)}\n" for n in range(280)
)
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "time": "sold_at",
    "split": {"method": "sequential", "test": 0.3},
    "params": {"min_data_in_leaf": 10, "num_iterations": 5},
    "retrain": {"new_rows": 1},
}
SCORES = "{{{{ warehouse_ml.predict(ref('{}'), ref('sales'), outputs=['prediction']) }}}}"
WATCHED = "{{ config(materialized='ml_monitor') }} select * from {{ ref('scores') }}"


def monitor(model: str) -> str:
    block = {"model": model, "period": "week", "time": "sold_at"}
    return json.dumps({"models": [{"name": "watched", "config": {"meta": {"ml_monitor": block}}}]})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with dbt's own schema names, built once."""
    made = own_project.make(
        tmp_path_factory.mktemp("renaming"),
        {"sales": ROWS},
        {"sold": BLOCK},
        files={
            "models/marts/scores.sql": SCORES.format("sold"),
            "models/monitoring/watched.sql": WATCHED,
            "models/monitoring/watched.yml": monitor("sold"),
        },
        has_macros=False,
    )
    run = made.build("-s", "sales+")
    assert run.code == 0, run.output
    return made


def test_a_build_under_the_new_name_goes_on_with_the_history(project: Project) -> None:
    kept = {
        "scores": "select id, prediction, model_version from main_marts.scores order by id",
        "versions": "select scoring_sha256, created_at, artifact from main_ml.{}",
        "monitoring": "select count(*) > 0, min(period_start) from main.watched where model_name = '{}'",
        "due": "select count(*) > 0 from main_monitoring.retrain_decisions where model_name = '{}'",
    }
    before = {name: project.query(query.format("sold")) for name, query in kept.items()}
    for suffix in ("sql", "yml"):
        (project.folder / f"models/ml/sold.{suffix}").unlink()
    own_project.declare(
        project, {**BLOCK, "renamed_from": "sold"}, "select * from {{ ref('sales') }}", "bought"
    )
    own_project.write(project, "models/marts/scores.sql", SCORES.format("bought"))
    own_project.write(project, "models/monitoring/watched.yml", monitor("bought"))

    run = project.build("-s", "bought+")
    assert run.code == 0 and "took over 1 version of main_ml.sold" in run.output, run.output
    assert {name: project.query(query.format("bought")) for name, query in kept.items()} == before
    actions = (
        "select version, action, reason from main_ml.decisions where model_name = 'bought' order by sequence"
    )
    decided = project.query(actions)
    assert decided[:2] == [(1, "accept", "gates"), (1, "accept", "renamed from sold: gates")]
    left = "select table_name from duckdb_tables() where table_name = 'sold' union all "
    left += "select function_name from duckdb_functions() where function_name like 'sold%'"
    assert project.query(left) == []
    assert project.query(
        "select main_ml.bought_sql({x: 1, sold_at: timestamp '2024-01-01'}) is not null"
    ) == [(True,)]

    run = project.build("-s", "bought")
    assert run.code == 0 and "took over" not in run.output, run.output
    assert project.query(actions) == decided


def test_the_block_takes_a_name_and_nothing_else() -> None:
    from training.declared import config

    spec = config.parse({**BLOCK, "renamed_from": OLD}, model_name="m")
    assert spec.renamed_from == OLD
    assert config.config_hash({**BLOCK, "renamed_from": OLD}) == config.config_hash(BLOCK)
    with pytest.raises(WarehouseMLError, match=r"ml\.renamed_from"):
        config.parse({**BLOCK, "renamed_from": ["a"]}, model_name="m")
