"""Raw tables under contracts on Spark: the same rows in quarantine, the same quality, the same thresholds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from project import Project
from shop import CONTRACTS, PAYMENTS, declare_contracts, make_shop
from spark_process import SparkProcess

ACCEPTED = ("-s", "+accepted_customers", "+accepted_orders", "+accepted_payments")
# Rows of a table of Spark have no order to be numbered by; those of a file have.
QUARANTINE = (
    "select table_name, case when table_name <> 'bank.payments' then row_id end as row_id, raw_row, rule, dimension, "
    "reason, max_bad_share from staging.quarantine order by table_name, row_id, raw_row, rule"
)
QUALITY = (
    "select table_name, input_rows, accepted_rows, quarantined_rows, completeness, accuracy, validity, score, "
    "max_bad_share, min_score, may_be_empty from monitoring.data_quality order by measured_at, table_name"
)
READ = "select order_id, note from shop.accepted_orders order by order_id"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, SparkProcess]]:
    """The shop after a build on each engine; not to be changed."""
    project = make(tmp_path_factory.mktemp("shop"))
    with SparkProcess(project.folder) as spark:
        build(project, spark)
        yield project, spark


def make(folder: Path, **output: str) -> Project:
    """Make the shop with a target for Spark, of which more may be said."""
    project = make_shop(folder)
    profile = json.loads((project.folder / "profiles.yml").read_text())
    outputs = profile["shop"]["outputs"]
    outputs["spark"] = {
        "type": "warehouse_ml_spark",
        "schema": "main",
        "plugins": outputs["dev"]["plugins"],
        **output,
    }
    (project.folder / "profiles.yml").write_text(json.dumps(profile))
    return project


def build(project: Project, spark: SparkProcess) -> None:
    run = project.build(*ACCEPTED)
    assert run.code == 0, run.output
    assert spark.dbt("debug").code == 0
    spark.call(write_payments)
    run = spark.build(*ACCEPTED)
    assert run.code == 0, run.output


def write_payments(session: Any) -> None:
    session.sql("create schema bank")
    session.sql("create table bank.payments (payment_id string, paid_on string, order_id string)")
    for row in PAYMENTS:
        values = ", ".join("null" if value is None else f"'{value}'" for value in row)
        session.sql(f"insert into bank.payments values ({values})")


def test_the_same_rows_are_in_quarantine(shop: tuple[Project, SparkProcess]) -> None:
    project, spark = shop
    expected = project.query(QUARANTINE)
    assert {rule for _, _, _, rule, *_ in expected} >= {
        "required_order_id",
        "type_amount",
        "type_paid_on",
        "range_amount",
        "customer's_limit",
        "reference_customer_id",
        "repeated_row",
        "conflicting_key",
        "too_few_values",
    }
    assert spark.rows(QUARANTINE) == expected
    assert spark.rows(READ) == project.query(READ)


def test_the_same_quality_is_measured(shop: tuple[Project, SparkProcess]) -> None:
    project, spark = shop
    expected = project.query(QUALITY)
    assert len(expected) == 3
    assert sorted(spark.rows(QUALITY)) == sorted(expected)


def test_past_a_threshold_a_model_fails_before_it_is_built(shop: tuple[Project, SparkProcess]) -> None:
    project, spark = shop
    declare_contracts(project, {**CONTRACTS, "customers": {**CONTRACTS["customers"], "max_bad_share": 0.1}})
    try:
        before = spark.rows("select count(*) from monitoring.data_quality")
        outputs = [target.build("-s", "accepted_customers") for target in (project, spark)]
        for run in outputs:
            assert run.code == 1
            assert (
                "The raw table customers must have at most 10 % of its rows in quarantine"
                in run.output.replace("10.0", "10")
            )
        ((rows,),) = spark.rows("select count(*) from monitoring.data_quality")
        assert rows == before[0][0] + 1
    finally:
        declare_contracts(project, CONTRACTS)
