"""A macro that adds columns to rows refuses rows that have one of them already, in any case of letters."""

from __future__ import annotations

import own_project
import pytest
from project import Project

ROWS = "".join(f"{n},{n % 7},{n % 5},{(n % 7) * 2 + n % 5}\n" for n in range(300))
BLOCK = {
    "task": "regression",
    "label": "price",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "params": {"num_iterations": 10, "min_data_in_leaf": 5},
}
NUMBERS = "select columns(*)::integer from {{ ref('rows') }}"
TAKEN = {
    "prediction": "predict(ref('price'), ref('taken_prediction'))",
    "Model_Version": "predict(ref('price'), ref('taken_model_version'))",
    "scored_at": "explain(ref('price'), ref('taken_scored_at'))",
    "EXPLANATION": "explain(ref('price'), ref('taken_explanation'))",
    "row_hash": "predict(ref('price'), ref('taken_row_hash'), key='id')",
    "p_prediction": "predict(ref('price'), ref('taken_p_prediction'), prefix='p_')",
    "scored_rows": "predict(ref('price'), ref('taken_scored_rows'))",
}
INCREMENTAL = """
{{{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['order']) }}}}
{{{{ warehouse_ml.{} }}}}
"""
MISSING = "predict(ref('price'), ref('numbers'), key='idd')"
PREFIXED = "predict(ref('price'), ref('taken'), outputs=['prediction'], key='order', prefix='my ')"
FREE = {
    "prefixed": INCREMENTAL.format(PREFIXED),
    "explained": "{{ warehouse_ml.explain(ref('price'), ref('taken'), k=1, prefix='my ') }}",
    "other": "{{ warehouse_ml.predict(ref('price'), ref('taken_row_hash'), outputs='prediction') }}",
}
ALL_TAKEN = "id as \"order\", -1 as prediction, 'mine' as model_version, 'then' as scored_at, 0 as row_hash"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A project with views that have such columns and models that call macros on them, built once."""
    files = {f"models/marts/{name}.sql": query for name, query in FREE.items()}
    files["models/marts/numbers.sql"] = NUMBERS
    files["models/marts/taken.sql"] = f"select *, {ALL_TAKEN}, 1 as explanation from {{{{ ref('numbers') }}}}"
    files["models/marts/missing.sql"] = f"{{{{ warehouse_ml.{MISSING} }}}}"
    for column, call in TAKEN.items():
        query = f"select *, -1 as \"{column}\" from {{{{ ref('numbers') }}}}"
        files[f"models/marts/taken_{column.lower()}.sql"] = query
        files[f"models/marts/collides_{column.lower()}.sql"] = f"{{{{ warehouse_ml.{call} }}}}"
    seeds = {"rows": f"id,rooms,floor,price\n{ROWS}"}
    folder, queries = tmp_path_factory.mktemp("own"), {"price": "select * from {{ ref('numbers') }}"}
    project = own_project.make(folder, seeds, {"price": BLOCK}, queries=queries, files=files)
    return project, project.build("-s", "package:own").output


@pytest.mark.parametrize("column", TAKEN)
def test_rows_with_such_a_column_are_refused(built: tuple[Project, str], column: str) -> None:
    project, output = built
    assert f"has a column {column}" in output
    tables = "select table_name from information_schema.tables where table_schema = 'marts'"
    assert (f"collides_{column.lower()}",) not in project.query(tables)


def test_a_missing_key_is_named(built: tuple[Project, str]) -> None:
    assert "predict: column idd of the key is not in" in built[1]


def test_a_prefix_keeps_both(built: tuple[Project, str]) -> None:
    project, _ = built
    ours, theirs = 'count("my prediction"), max("my model_version")', "max(prediction), max(model_version)"
    assert project.query(f"select {ours}, {theirs} from marts.prefixed") == [(300, 1, -1, "mine")]
    assert project.query('select count("my explanation"), min(explanation) from marts.explained') == [
        (300, 1)
    ]
    assert project.query("select count(prediction), min(row_hash) from marts.other") == [(300, -1)]


def test_a_prefixed_increment_scores_nothing_twice(built: tuple[Project, str]) -> None:
    project, _ = built
    before = project.query('select max("my scored_at") from marts.prefixed')
    run = project.build("-s", "prefixed")
    assert run.code == 0, run.output
    assert project.query('select max("my scored_at") from marts.prefixed') == before
