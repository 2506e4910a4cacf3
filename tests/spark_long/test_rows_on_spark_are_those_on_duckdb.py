"""Marts and features that Spark builds have the rows that DuckDB builds, in every column."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import events_project
import pytest
from project import ROOT, Project
from spark_process import SparkProcess

ROWS_ONLY = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
EVENTS = ("joined", "latest", "rolled", "rolled_with_itself", "generated", "subscription_usage")
SEEDS = ("sales", "visits", "instants", "subscriptions")
TABLES = len(EVENTS) + 1
"""With the predictions of the starter's model."""


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, SparkProcess]]:
    """The starter's features and those of late, early and corrected rows, built on both engines."""
    project = events_project.make(tmp_path_factory.mktemp("events"))
    selected = (*ROWS_ONLY, "-s", *SEEDS, *EVENTS, "churn", "churn_predictions")
    with SparkProcess(project.folder) as spark:
        for run in (project.build(*selected), spark.build(*selected)):
            assert run.code == 0, run.output
        yield project, spark


def test_late_early_and_corrected_rows_give_the_same_features(events: tuple[Project, SparkProcess]) -> None:
    _, spark = events
    run = spark.parity()
    assert run.code == 0, run.output
    assert f"{TABLES} tables are equal in dev and spark." in run.output
    page = (ROOT / "docs/spark.md").read_text()
    shown = re.findall(r"^(?:features|marts)[.]\w+: .* rows, .* equal[.]$", page, re.MULTILINE)
    assert len(shown) == 2
    assert all(line in run.output for line in shown)
    assert "features.joined: 300 rows, 12 columns, equal." in run.output
    # Sums of fractions in another order; everything else is the same.
    rounded = re.findall(r"but for rounding in ([^.]*)[.]", run.output)
    assert {name.rpartition("_")[0] for part in rounded for name in part.split(", ")} <= {
        "total",
        "mean",
        "spread",
    }


def test_a_difference_is_named_by_key_and_column(events: tuple[Project, SparkProcess]) -> None:
    project, spark = events
    with duckdb.connect(str(project.warehouse)) as connection:
        ((value, row_id),) = connection.sql(
            "select min(amount), min_by(row_id, row_id) from features.joined where amount is not null"
        ).fetchall()
        assert value is not None
        connection.execute("update features.joined set amount = amount + 1e-6 where row_id = ?", [row_id])
        connection.execute("delete from features.joined where row_id = 299")
    run = spark.parity()
    assert run.code == 1
    assert f"amount in 1 row, the first of row_id {row_id}" in run.output
    assert "missing on dev in 1 row, the first of row_id 299" in run.output
    assert "features.rolled: 382 rows" in run.output
    assert f"1 of {TABLES} tables differ between dev and spark." in run.output
    assert "has no tables in the schemas nowhere" in spark.parity("--schema", "nowhere").output
