from typing import Any

import pytest

import scoring
from scoring.registry import VERSION_SCHEMA
from training.materialize import materialize

OUTCOME = "training of late"


def outcome(query: str, config: dict[str, Any] | None, schema: str = "ml") -> tuple[list[tuple], list[str]]:
    """Return version, problem and whether it is one of place for every row, and the connection's tables."""
    with scoring.connect() as session:
        materialize(
            session,
            query=query,
            schema=schema,
            model_name="late",
            config=config,
            retrain=False,
            outcome=OUTCOME,
        )
        columns = session.sql(f'from "{OUTCOME}"').columns
        assert columns == [*VERSION_SCHEMA.names, "problem", "is_misplaced"]
        rows = session.sql(f'select version, problem, is_misplaced from "{OUTCOME}"').fetchall()
        tables = session.sql("select table_name from duckdb_tables()").fetchall()
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


def test_error_that_is_none_of_ours_is_raised(
    binary_sql: str, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("training.dataset.fingerprint", broken)
    with pytest.raises(ZeroDivisionError):
        outcome(binary_sql, config)
