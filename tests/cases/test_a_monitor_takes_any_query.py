"""Monitors of queries with unusual names, versions and values: they measure what is there, or say what is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import own_project
import pytest
from project import WITHOUT_TESTS, Project, Run

ROWS = """
    select range as id, timestamp '{start}' + to_minutes(cast(range % 40000 as integer)) as predicted_at,
        hash(range, 'x') % 1000 / 1000e0 as x, cast({void} as double) as void, 7.5e0 as constant,
        case when hash(range, 'y') % 1000 / 1000e0 < x then 'ja' else 'nein' end as outcome,
        3 * x + hash(range, 'e') % 100 / 100e0 as score, hash(range, 'k') % 3 as label
    from range({rows})
"""
SHARED = {
    "key": "id",
    "time": "predicted_at",
    "split": {"method": "sequential", "test": 0.2},
    "estimator": "lightgbm",
    "params": {"num_iterations": 5, "num_leaves": 7, "min_data_in_leaf": 20},
}
MODELS: dict[str, dict[str, Any]] = {
    "said": {**SHARED, "task": "binary", "label": "outcome", "positive": "ja"},
    "sized": {**SHARED, "task": "regression", "label": "score"},
    "kinds": {**SHARED, "task": "multiclass", "label": "label"},
}
LIVE = "select * from {{ ref('live') }}"
MONITORS = {
    # Labels with the names that metrics have for columns of their own.
    "regressed": ("sized", f"select *, x as guess, 1 as model_version from ({LIVE})"),
    "classed": ("kinds", f"select *, label as guess, 1 as model_version from ({LIVE})"),
    "classed_by_numbers": ("kinds", f"select *, label::double as guess, 1 as model_version from ({LIVE})"),
    # Versions that the model does not have, some of them no version at all.
    "of_others": (
        "said",
        "select *, x as guess, case id % 4 when 0 then 3e9 when 1 then 'nan'::double else 1 end as model_version "
        f"from ({LIVE})",
    ),
    "pivoted": (
        "said",
        f"select *, x as guess, 1 as model_version from (pivot (select *, outcome as said_, 1 as one from ({LIVE})) "
        "on said_ using sum(one))",
    ),
    "misspelled": (
        "said",
        f"select * replace (upper(outcome) as outcome), x as guess, 1 as model_version from ({LIVE})",
    ),
    "misspelled_classes": (
        "kinds",
        f"select * replace ('kind ' || label as label), label as guess, 1 as model_version from ({LIVE})",
    ),
    "new_class": (
        "kinds",
        f"select * replace (case when id % 2 = 0 then 7 else label end as label), label as guess, 1 as model_version "
        f"from ({LIVE})",
    ),
    # Two slices that a collation takes for one, beside a column without.
    "collated": (
        "said",
        "select *, x as guess, 1 as model_version, 'b' || id % 2 as plain, "
        f"case when id % 4 = 0 then 'A' else 'a' end collate nocase as upper_a from ({LIVE})",
    ),
    "typed": (
        "said",
        "select * replace (x || ' cm' as x, date '2024-01-01' as constant), x as guess, 1 as model_version "
        f"from ({LIVE})",
    ),
    "sampled": ("said", f"select *, x as guess, 1 as model_version from ({LIVE}) where random() < 0.5"),
}
THRESHOLDS = {"psi": {"warn": "SMALLEST", "drift": "SMALL"}}
NUMBERS = {'"SMALLEST"': "0.0000001", '"SMALL"': "0.00001"}
"""YAML takes them for texts with an exponent, as JSON writes them."""
TESTED = {"regressed": ["void"], "classed": ["viod"]}
"""The features that a test of drift names; one is misspelled."""
WRONG = ("misspelled", "misspelled_classes", "typed", "sampled")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    training = ROWS.format(start="2023-01-01", void="null", rows=4_000)
    blocks = [
        {
            "name": name,
            "data_tests": [
                {"warehouse_ml.has_no_drift": {"arguments": {"features": features}}}
                for monitor, features in TESTED.items()
                if monitor == name
            ],
            "config": {
                "meta": {
                    "ml_monitor": {
                        "model": model,
                        "prediction": "guess",
                        "period": "month",
                        "thresholds": THRESHOLDS,
                        **({"slices": ["upper_a", "plain"]} if name == "collated" else {}),
                    }
                }
            },
        }
        for name, (model, _) in MONITORS.items()
    ]
    described = json.dumps({"models": blocks})
    for placeholder, number in NUMBERS.items():
        described = described.replace(placeholder, number)
    files = {
        f"models/monitoring/{name}.sql": "{{ config(materialized='ml_monitor') }}\n"
        f"-- depends_on: {{{{ ref('{model}') }}}}\n{query}"
        for name, (model, query) in MONITORS.items()
    }
    return own_project.make(
        tmp_path_factory.mktemp("monitored"),
        {"nothing": "n\n1\n"},
        MODELS,
        queries={
            "said": f"select * exclude (score, label) from ({training})",
            "sized": f"select * exclude (outcome, label) from ({training})",
            "kinds": f"select * exclude (score, outcome) from ({training})",
        },
        files={
            **files,
            "models/monitoring/monitors.yml": described,
            "models/marts/live.sql": ROWS.format(start="2024-01-01", void="1.5", rows=3_000),
        },
    )


@pytest.fixture(scope="module")
def run(project: Project) -> Run:
    return project.build("-s", *MODELS, "live", *MONITORS, *WITHOUT_TESTS)


@pytest.fixture
def warehouse(project: Project, run: Run) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        yield connection


def metrics(warehouse: duckdb.DuckDBPyConnection, monitor: str) -> dict[str, Any]:
    rows = warehouse.sql(
        f"select entry.metric, entry.value from (select unnest(metrics) as entry from {monitor})"
    ).fetchall()
    return dict(rows)


def test_columns_called_like_those_of_metrics_are_the_querys_own(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ((error,),) = warehouse.sql("select sqrt(avg((score - x) * (score - x))) from marts.live").fetchall()
    measured = metrics(warehouse, "regressed")
    assert (measured["rmse"], measured["non_finite_scores"]) == (pytest.approx(error), 0)
    assert metrics(warehouse, "classed")["accuracy"] == 1


def test_classes_may_be_numbers_of_any_type(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert metrics(warehouse, "classed_by_numbers")["accuracy"] == 1


def test_a_class_that_training_did_not_have_is_predicted_wrongly(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert metrics(warehouse, "new_class")["accuracy"] == 0.5


def test_rows_of_versions_that_the_model_does_not_have_are_left_out(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    assert warehouse.sql("select version, row_count from of_others").fetchall() == [(1, 1_500)]


def test_any_query_that_makes_a_table_is_monitored(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert warehouse.sql("select version, row_count from pivoted").fetchall() == [(1, 3_000)]


def test_slices_of_a_column_with_a_collation_are_told_apart(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.sql(
        "select slice_value, row_count, list_distinct(list_transform(profile, lambda entry: entry.row_count)), "
        "list_sum(list_transform(profile[1].bins, lambda bin: bin.row_count)) "
        "from collated where slice_column is not null order by 1"
    ).fetchall()
    assert rows == [
        (value, count, [count], count)
        for value, count in zip(["A", "a", "b0", "b1"], (750, 2_250, 1_500, 1_500), strict=True)
    ]


def test_values_of_a_feature_that_had_none_are_unseen_and_one_value_does_not_vary(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.sql(
        "select entry.feature, entry.unseen, entry.stddev from (select unnest(profile) as entry from regressed) "
        "where entry.feature in ('void', 'constant') order by 1"
    ).fetchall()
    assert rows == [("constant", 0, 0.0), ("void", 3_000, 0.0)]
    ((verdict,),) = warehouse.sql(
        "select entry.verdict from (select unnest(drift) as entry from regressed) "
        "where entry.feature = 'void' and entry.compared_with = 'training'"
    ).fetchall()
    assert verdict == "drift"


@pytest.mark.parametrize(
    ("monitor", "facts"),
    [
        ("misspelled", ("The label outcome of monitor misspelled", "(nein, ja)", "3000 rows")),
        ("misspelled_classes", ("The label label of monitor misspelled_classes", "(0, 1, 2)", "3000 rows")),
        (
            "typed",
            (
                "Monitor typed needs a number in column 'x': model said was trained so",
                "is VARCHAR; cast it",
                "a number in column 'constant'",
                "is DATE; cast it",
            ),
        ),
        ("sampled", ("The query of monitor sampled must give the same rows each time", "hash of the key")),
    ],
)
def test_what_would_be_measured_wrongly_ends_in_a_sentence(
    warehouse: duckdb.DuckDBPyConnection, run: Run, monitor: str, facts: tuple[str, ...]
) -> None:
    assert run.code == 1
    assert all(fact in run.output for fact in facts), run.output
    assert warehouse.sql(f"select count(*) from {monitor}").fetchall() == [(0,)]


def test_nothing_else_fails(run: Run) -> None:
    assert f"ERROR={len(WRONG)} " in run.output, run.output


def test_a_test_of_drift_looks_at_the_version_that_was_measured_last(project: Project, run: Run) -> None:
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute(
            "insert into regressed select * replace (9 as version, measured_at - interval 1 hour as measured_at) "
            "from regressed"
        )
    tested = project.plain("test", "-s", "regressed")
    assert tested.code == 1
    assert "sized@1, month from 2024-01-01: feature void against training: drift" in tested.output
    assert "sized@9" not in tested.output


def test_a_test_of_drift_that_names_no_feature_is_wrong(project: Project, run: Run) -> None:
    tested = project.plain("test", "-s", "classed")
    assert tested.code == 1
    assert "has_no_drift on classed: features names 'viod'" in tested.output
    assert "Did you mean 'void'?" in tested.output


def test_a_table_of_another_kind_stays(project: Project, run: Run) -> None:
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("drop table pivoted; create table pivoted as select 7 as kept")
    again = project.build("-s", "pivoted")
    assert again.code == 1
    assert "must be that of a monitor, but has no column period_start" in again.output
    assert project.query("from pivoted") == [(7,)]
