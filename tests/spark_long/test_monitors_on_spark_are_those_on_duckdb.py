"""Monitors, retrain decisions, explanations, masks and SQL forms are the same on DuckDB and on Spark."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

import pytest
import shop_with_people
import sql_forms
import watched_project
from project import ROOT, Project, Run
from spark_process import MASK_KEY, SparkProcess

VIEWS = ("drift", "live_metrics", "profile")
FORMS = {"leaving": 0.0, "amount": 0.0, "linear": 1e-12}
"""Models with a SQL form, and by how much raw scores may differ, relative to their size."""
CLOCKS = ("measured_at", "dbt_invocation_id", "decided_at", "as_of", "scored_at")
RACING = """from pyspark.sql import SparkSession


def model(dbt, session):
    dbt.config(materialized="ml_model")
    rows = dbt.ref("visits")
    spark = SparkSession.builder.getOrCreate()
    spark.sql("insert into ml.decisions select * from ml.decisions limit 1")  # as another build would
    return rows.project("visit_id, seen_at, age, income, plan, joined_at, paid").limit(400)
"""


@dataclass(frozen=True)
class Both:
    duckdb: Project
    spark: SparkProcess
    run: Run

    def rows(self, sql: str) -> tuple[list[Any], list[Any]]:
        """Return the rows that both give, without clocks, in an order of their texts."""
        spark = [_plain(row) for row in self.spark.call(Rows(sql))]
        return sorted(map(_plain, _mappings(self.duckdb, sql)), key=str), sorted(spark, key=str)


@dataclass(frozen=True)
class Rows:
    """A query for the process of Spark, whose rows come as mappings."""

    sql: str

    def __call__(self, spark: Any) -> list[dict[str, Any]]:
        return [row.asDict(recursive=True) for row in spark.sql(self.sql).collect()]


def _mappings(project: Project, sql: str) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect(str(project.warehouse), read_only=True) as connection:
        relation = connection.sql(sql)
        return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _plain(value: Any) -> Any:
    """Return a value whose text both engines give alike."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in sorted(value.items()) if name not in CLOCKS}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    project = watched_project.make(tmp_path_factory.mktemp("watched"))
    for run in (shop_with_people.build(project, MASK_KEY), project.dbt("run", "-s", *VIEWS)):
        assert run.code == 0, run.output
    with SparkProcess(project.folder) as spark:
        run = spark.build("-s", "package:own", *VIEWS)
        assert run.code == 0, run.output
        yield Both(project, spark, run)


@pytest.mark.parametrize("table", ["watch", *VIEWS, "retrain_decisions"])
def test_monitors_and_retrain_decisions_are_the_same(both: Both, table: str) -> None:
    duckdb, spark = both.rows(f"select * from monitoring.{table}")
    assert len(spark) >= (2 if table == "retrain_decisions" else 10)
    assert duckdb == spark


def test_a_monitor_in_the_schema_of_the_target_is_tested_for_drift(both: Both) -> None:
    duckdb, spark = both.rows("select * from main.watch_amounts")
    assert duckdb == spark
    verdicts = both.spark.rows(
        "select distinct verdict from monitoring.drift "
        f"where monitor = 'watch_amounts' and feature = '{watched_project.STEADY}' and compared_with = 'training'"
    )
    assert ("stable",) in verdicts
    for project in (both.duckdb, both.spark):
        run = project.dbt("test", "-s", "watch_amounts")
        assert run.code == 0 and "PASS=1" in run.output, run.output


def test_a_test_says_its_rule_whatever_signs_it_has(both: Both) -> None:
    rule = {
        "rule": "is no day's\\note", "condition": "visit_id < 0", "remedy": "look into C:\\new and 'temp'"
    }  # fmt: skip
    described = {"name": "amounts", "data_tests": [{"warehouse_ml.every_row": {"arguments": rule}}]}
    shop_with_people.write(both.duckdb, "models/marts/amounts.yml", json.dumps({"models": [described]}))
    for project in (both.duckdb, both.spark):
        run = project.dbt("test", "-s", "amounts,test_type:data")
        assert run.code != 0
        assert "amounts is no day's\\note, but there are 2500 row(s) that break it" in run.output
        assert ": look into C:\\new and 'temp'." in run.output


def test_later_weeks_drift_and_make_the_model_due(both: Both) -> None:
    ((verdicts,),) = both.spark.rows("select count(*) from monitoring.drift where verdict = 'drift'")
    assert verdicts > 2
    ((is_due, reason),) = both.spark.rows(
        "select is_due, reason from monitoring.retrain_decisions where model_name = 'leaving'"
    )
    assert is_due and "features drift" in reason and "log_loss is" in reason


def test_explanations_are_the_same(both: Both) -> None:
    duckdb, spark = both.rows("select visit_id, explanation, model_version from marts.reasons")
    assert len(spark) == watched_project.SCORED
    assert all(len(row["explanation"]) == 4 for row in spark)  # two features, the others, and the base
    assert duckdb == spark


def test_masks_are_the_same(both: Both) -> None:
    duckdb, spark = both.rows("select * from marts.masked")
    assert duckdb == spark
    assert {row["email_start"] for row in spark} == {"pe", None}


@pytest.mark.parametrize("model", FORMS)
def test_any_client_scores_by_a_function_in_the_metastore(both: Both, model: str) -> None:
    version = both.duckdb.query(f"select signature from ml.{model}")[0][0]
    names = [each["name"] for each in version["features"]]
    given = ", ".join(f"`{name}` => `{name}`" for name in reversed(names))
    spark = dict(
        both.spark.call(
            Foreign(f"select visit_id, ml.{model}_raw_sql({given}), ml.{model}_sql({given}) from raw.visits")
        )
    )
    rows = both.duckdb.query(
        f"select visit_id, ml.{model}_raw_sql(visits), ml.{model}_sql(visits) from raw.visits as visits"
    )
    assert len(rows) == len(spark) == watched_project.SCORED
    for key, raw, prediction in rows:
        assert isclose(spark[key][0], raw, rel_tol=FORMS[model], abs_tol=0), (key, raw)
        assert isclose(spark[key][1], prediction, rel_tol=1e-15 + FORMS[model], abs_tol=0), (key, prediction)
    whole = dict(both.spark.rows(f"select visit_id, ml_predict('{model}', struct(*)) from raw.visits"))
    assert all(isclose(spark[key][1], whole[key], rel_tol=1e-12) for key in whole)


@dataclass(frozen=True)
class Foreign:
    """A query in a session as other clients open it, by the key of its rows."""

    sql: str

    def __call__(self, spark: Any) -> list[tuple[Any, tuple[Any, ...]]]:
        rows = sql_forms.in_foreign_session(spark).sql(self.sql).collect()
        return [(row[0], tuple(row)[1:]) for row in rows]


def test_the_page_calls_such_a_function(both: Both) -> None:
    (text,) = re.findall(
        r"^```sql\n([^`]*_sql\([^`]*)^```", (ROOT / "docs/spark.md").read_text(), re.MULTILINE
    )
    assert len(both.spark.call(Foreign(text))) == watched_project.SCORED


def test_several_classes_have_no_function(both: Both) -> None:
    assert "There is no macro ml.kind_sql" in both.run.output
    assert both.spark.rows("show user functions in ml like 'kind*'") == []


def test_functions_follow_the_champion(both: Both) -> None:
    there, without_champion, again = both.spark.call(sql_forms.followed)
    assert {comment[:20] for comment in there.values()} == {"Version 1 of leaving"}
    assert (len(there), without_champion, again) == (2, {}, there)


def test_forms_score_as_the_libraries_do_at_every_threshold(both: Both) -> None:
    for model, (rows, raw, prediction) in both.spark.call(sql_forms.largest_differences).items():
        is_linear = model == "linear"
        assert rows > 300
        assert raw <= (1e-10 if is_linear else 0.0), (model, raw)
        assert prediction <= (1e-10 if is_linear else 1e-15), (model, prediction)


def test_rows_against_a_rule_are_refused_in_a_sentence(both: Both) -> None:
    null, nan, unseen = both.spark.call(sql_forms.refusals)
    assert "a number in column 'Amount': its rule for nulls is `error`" in null
    assert "a number in column 'Amount': its rule for nulls is `error`" in nan
    assert "text in column 'region' that training saw: its rule for unseen ones is `error`" in unseen


@pytest.mark.parametrize(("model", "rows"), [("months", 4), ("whole", 2)])
def test_sources_in_parquet_are_read_where_they_lie(both: Both, model: str, rows: int) -> None:
    duckdb, spark = both.rows(f"select * from marts.{model}")
    assert len(spark) == rows
    assert duckdb == spark


def test_sources_in_other_files_are_refused_in_a_sentence(both: Both) -> None:
    shop_with_people.write(
        both.duckdb, "models/marts/lines.sql", "select * from {{ source('files', 'lines') }}"
    )
    run = both.spark.build("-s", "lines")
    assert run.code != 0
    assert (
        "The source files.lines lies in read_csv('data/lines.csv'), and of files only Parquet is read"
        in run.output
    )


def test_a_decision_of_another_build_meanwhile_ends_this_one(both: Both) -> None:
    block = {**watched_project.SHARED, **watched_project.PARAMS, "task": "regression", "label": "paid"}
    shop_with_people.write(both.duckdb, "models/ml/raced.py", RACING)
    shop_with_people.write(both.duckdb, "models/ml/raced.yml", watched_project.described("raced", block))
    (before,) = both.spark.rows("select count(*) from ml.decisions")[0]
    run = both.spark.build("-s", "raced")
    assert run.code != 0
    assert "ml.decisions was changed while this build ran, by +1 rows" in run.output
    assert "run it again" in run.output
    assert both.spark.rows("select count(*) from ml.decisions") == [(before + 1,)]
    assert both.spark.rows("select count(*) from ml.decisions where model_name = 'raced'") == [(0,)]
    assert both.spark.rows("show tables in ml like 'raced'") == []
