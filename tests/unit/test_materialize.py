"""A node of materialization ``ml_model``, without dbt: what a build leaves in the warehouse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import made_versions
import pyarrow as pa
import pytest

import scoring
from scoring.errors import DecisionsError
from scoring.version_schema import VERSION_SCHEMA
from training.materialize import materialize

DECISIONS = "select sequence, version, action, reason, dbt_invocation_id from {}.decisions order by sequence"


@pytest.fixture
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    with scoring.connect() as connection:
        yield connection


def build(
    session: duckdb.DuckDBPyConnection,
    query: str,
    config: dict[str, Any] | None,
    schema: str = "ml",
    *,
    without_data: bool = False,
    retrain: bool = False,
) -> tuple[str | None, list[str]]:
    """Return the details and the notices of the build."""
    done = materialize(
        session,
        load=session.table,
        query=query,
        relation=("memory", schema, "late"),
        config=config,
        retrain=retrain,
        without_data=without_data,
        invocation="run-1",
    )
    return done.details, done.notices


def tables(session: duckdb.DuckDBPyConnection) -> set[str]:
    views = session.sql("select view_name from duckdb_views() where not internal").fetchall()
    return {name for (name,) in views + session.sql("select table_name from duckdb_tables()").fetchall()}


def decided(session: duckdb.DuckDBPyConnection, schema: str = "ml") -> list[tuple]:
    return session.sql(DECISIONS.format(schema)).fetchall()


@pytest.mark.parametrize("schema", ["ml", "main_ml", "Dev of alice"])
def test_a_version_and_its_decision_are_appended_and_a_second_build_appends_nothing(
    session: duckdb.DuckDBPyConnection, binary_sql: str, config: dict[str, Any], schema: str
) -> None:
    details, notices = build(session, binary_sql, config, schema)
    assert details is None
    assert tables(session) == {"late", "decisions"}
    assert decided(session, f'"{schema}"') == [(1, 1, "accept", "gates", "run-1")]
    stored = session.table(f'"{schema}".late').to_arrow_table()
    assert stored.schema.names == VERSION_SCHEMA.names
    assert stored.column("notices").to_pylist() == [notices]
    score = "select count(*) from ({}) as t where abs(ml_predict('late', t) - {}.late_sql(t)) < 1e-12"
    assert session.sql(score.format(binary_sql, f'"{schema}"')).fetchall() == [(600,)]

    assert build(session, binary_sql, config, schema) == (None, [])
    assert len(decided(session, f'"{schema}"')) == 1

    build(session, binary_sql, config, schema, retrain=True)
    assert [version for _, version, *_ in decided(session, f'"{schema}"')] == [1, 2]


@pytest.mark.parametrize(
    ("query", "changes", "problem"),
    [
        ("{sql}", {"task": "ranking"}, "Model 'late' has 1 problem under config: meta: ml:"),
        ("{sql}", None, "Model 'late'"),
        ("from ({sql}) limit 3", {}, "Model 'late' has 1 problem in its training data:"),
        ("select nothing from ({sql})", {}, "Model 'late' cannot read its training data: the warehouse must"),
        ("select error('no such ' || id) from ({sql})", {}, "Model 'late' cannot read its training data"),
    ],
)
def test_what_goes_wrong_is_a_refusal_and_the_champion_goes_on(
    session: duckdb.DuckDBPyConnection,
    trained: pa.Table,
    binary_sql: str,
    config: dict[str, Any],
    query: str,
    changes: dict[str, Any] | None,
    problem: str,
) -> None:
    block = None if changes is None else {**config, **changes}
    assert build(session, query.format(sql=binary_sql), block)[0] is None
    ((_, version, action, reason, _),) = decided(session)
    assert (version, action) == (None, "refuse") and reason.startswith(problem)
    assert session.sql("from ml.late").fetchall() == []

    session.execute("drop table ml.decisions")
    made_versions.add(session, trained)
    for _ in range(2):
        build(session, query.format(sql=binary_sql), block)
    accepted, refused = decided(session)
    assert accepted[1:3] == (1, "accept")
    assert refused[1:3] == (1, "refuse") and refused[3].startswith(problem)
    assert made_versions.champion(session, "late") == 1


def test_refusal_holds_until_a_training_is_not_refused(
    session: duckdb.DuckDBPyConnection, binary_sql: str, config: dict[str, Any]
) -> None:
    build(session, binary_sql, {**config, "seed": -1})
    build(session, binary_sql, config)
    build(session, binary_sql, {**config, "seed": -1})
    build(session, binary_sql, config)
    decisions = [(version, action) for _, version, action, *_ in decided(session)]
    assert decisions == [(None, "refuse"), (1, "accept"), (1, "refuse"), (1, "accept")]
    assert "ml.seed is -1" in decided(session)[0][3]


def test_nothing_is_trained_or_decided_without_data(
    session: duckdb.DuckDBPyConnection, trained: pa.Table, binary_sql: str, config: dict[str, Any]
) -> None:
    empty = f"select * from ({binary_sql}) where false"
    assert build(session, empty, config, without_data=True) == (None, [])
    assert (tables(session), decided(session)) == ({"late", "decisions"}, [])
    made_versions.add(session, trained)
    before = decided(session)
    build(session, empty, {**config, "gates": [{"metric": "roc_auc", "min": 0.99}]}, without_data=True)
    assert decided(session) == before


def test_a_relation_that_holds_something_else_is_left_alone(
    session: duckdb.DuckDBPyConnection, binary_sql: str, config: dict[str, Any]
) -> None:
    session.execute("create schema ml; create table ml.late as select 1 as version")
    build(session, binary_sql, config)
    ((*_, action, reason, _),) = decided(session)
    assert action == "refuse" and "ml.late" in reason
    assert session.sql("from ml.late").fetchall() == [(1,)]


@pytest.mark.parametrize("change", ["drop sequence", "drop version", "rename gates to other"])
def test_decisions_that_cannot_be_read_stop_the_model_and_nothing_is_appended(
    session: duckdb.DuckDBPyConnection,
    trained: pa.Table,
    binary_sql: str,
    config: dict[str, Any],
    change: str,
) -> None:
    made_versions.add(session, trained)
    session.execute(f"alter table ml.decisions {change}")
    with pytest.raises(DecisionsError, match=r"ml\.decisions"):
        build(session, binary_sql, {**config, "seed": 2})
    assert session.sql("select version from ml.late").fetchall() == [(1,)]


def test_interrupt_is_raised(
    session: duckdb.DuckDBPyConnection,
    binary_sql: str,
    config: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.data.dataset.fingerprint", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(session, binary_sql, config)
    assert decided(session) == []
