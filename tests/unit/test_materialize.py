from typing import Any

import pytest

import scoring
from scoring.registry import VERSION_SCHEMA
from training.materialize import materialize

OUTCOME = "training of late"


def outcome(
    query: str, config: dict[str, Any] | None, schema: str = "ml", *, without_data: bool = False
) -> tuple[list[tuple], list[str]]:
    """Return version, problem and whether it is one of place for every row, and the connection's tables."""
    with scoring.connect() as session:
        materialize(
            session,
            query=query,
            schema=schema,
            model_name="late",
            config=config,
            retrain=False,
            without_data=without_data,
            outcome=OUTCOME,
        )
        columns = session.sql(f'from "{OUTCOME}"').columns
        assert columns == [*VERSION_SCHEMA.names, "problem", "is_misplaced", "details"]
        rows = session.sql(f'select version, problem, is_misplaced from "{OUTCOME}"').fetchall()
        tables = session.sql(
            "select table_name from duckdb_tables() where table_name <> 'training_refusals'"
        ).fetchall()
        views = session.sql("select view_name from duckdb_views() where not internal").fetchall()
        return rows, [name for (name,) in tables + views]


def test_version_is_left_in_a_temporary_table_and_nothing_else(
    binary_sql: str, config: dict[str, Any]
) -> None:
    assert outcome(binary_sql, config) == ([(1, None, False)], [OUTCOME])


@pytest.mark.parametrize(
    ("query", "changes", "schema", "problem"),
    [
        ("{sql}", {"task": "ranking"}, "ml", "Model 'late' has 1 problem under config: meta: ml:"),
        ("from ({sql}) limit 3", {}, "ml", "Model 'late' has 1 problem in its training data:"),
        ("select nothing from ({sql})", {}, "ml", "Model 'late' cannot read its training data: DuckDB must"),
        ("{sql}", {}, "main_ml", "Model 'late' must be built in schema ml, "),
    ],
)
def test_problem_is_left_instead_of_a_version(
    binary_sql: str, config: dict[str, Any], query: str, changes: dict[str, Any], schema: str, problem: str
) -> None:
    rows, names = outcome(query.format(sql=binary_sql), {**config, **changes}, schema)
    ((version, found, is_misplaced),) = rows
    assert version is None and found.startswith(problem)
    assert is_misplaced == (schema != "ml")
    assert names == [OUTCOME]


def test_refusal_is_kept_until_a_training_is_not_refused(binary_sql: str, config: dict[str, Any]) -> None:
    with scoring.connect() as session:

        def kept(**changes: Any) -> list[tuple]:
            materialize(
                session,
                query=binary_sql,
                schema="ml",
                model_name="late",
                config={**config, **changes},
                retrain=False,
                without_data=False,
                outcome=OUTCOME,
            )
            return session.sql("select model_name, problem from ml.training_refusals").fetchall()

        ((model_name, problem),) = kept(seed=-1)
        assert model_name == "late" and "ml.seed is -1" in problem
        assert kept() == []


def test_nothing_is_trained_without_data(binary_sql: str, config: dict[str, Any]) -> None:
    empty = f"select * from ({binary_sql}) where false"
    assert outcome(empty, config, without_data=True) == ([], [OUTCOME])


def test_interrupt_is_raised(
    binary_sql: str, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("training.data.dataset.fingerprint", interrupted)
    with pytest.raises(KeyboardInterrupt):
        outcome(binary_sql, config)
