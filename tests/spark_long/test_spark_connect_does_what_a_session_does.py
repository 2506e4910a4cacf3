"""Monitors, explanations, masks, SQL forms, quarantine and training in executors through Spark Connect."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import own_project
import pyarrow as pa
import pytest
import shop_with_people
import test_models_are_trained_in_executors as executors
import test_monitors_on_spark_are_those_on_duckdb as monitors
import test_quarantine_on_spark_is_that_on_duckdb as quarantine
import watched_project
from connect_server import ConnectServer
from project import NOT_COPIED, ROOT, Project, install
from spark_process import MASK_KEY, SparkProcess

# The packages of this environment but for those that are installed to be edited, such as these.
WITHOUT_OURS = """#!/bin/sh
PYTHONPATH={} exec {} "$@"
"""
CALLING = """
from scoring.spark.messages import message_of
from scoring.spark import register_models
from scoring.spark.session import Options, session

spark = session(Options.of("local", {!r}, "tables", {{}}))
register_models(spark, schemas=[])
try:
    spark.sql("select ml_mask('x')").collect()
except Exception as error:
    print(message_of(error))
"""
SUMMARY = re.compile(r"PASS=\d+ WARN=\d+ ERROR=\d+ SKIP=\d+")
TASKS = "spark.warehouse_ml.training_tasks"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ConnectServer]:
    with ConnectServer(tmp_path / "server") as server:
        yield server


def test_monitors_explanations_masks_and_sql_forms_are_those_on_duckdb(
    tmp_path: Path, server: ConnectServer
) -> None:
    project = watched_project.make(tmp_path / "watched")
    server.serve(project)
    views = monitors.VIEWS
    for run in (shop_with_people.build(project, MASK_KEY), project.dbt("run", "-s", *views)):
        assert run.code == 0, run.output
    with SparkProcess(project.folder) as spark:
        run = spark.build("-s", "package:own", *views)
        assert run.code == 0, run.output
        both = monitors.Both(project, spark, run)
        for table in ("watch", *views, "retrain_decisions"):
            monitors.test_monitors_and_retrain_decisions_are_the_same(both, table)
        monitors.test_explanations_are_the_same(both)
        monitors.test_masks_are_the_same(both)
        for model in monitors.FORMS:
            monitors.test_any_client_scores_by_a_function_in_the_metastore(both, model)
        sentence = spark.problem("select ml_predict('leaving', struct(age)) from raw.visits")
        assert sentence.startswith("Model 'leaving@1' needs the columns 'income'")
        assert len(sentence.splitlines()) == 1
    server.end()
    events = server.events()
    # What ran is there, functions too; of what they take along only the beginning.
    assert "register_function" in events and "ml_mask" in events
    assert MASK_KEY not in events + "".join(server.log)


def test_models_are_trained_in_the_executors_of_a_server(tmp_path: Path, server: ConnectServer) -> None:
    files = {"models/marts/scores.sql": executors.PREDICTIONS}
    seeds = {"people": executors.people()}
    project = own_project.make(tmp_path / "together", seeds, executors.MODELS, files=files)
    server.serve(project, f"{{{TASKS}: 2}}")
    with SparkProcess(project.folder) as spark:
        run = spark.dbt(*executors.BUILD)
        assert run.code == 0, run.output
        executors.test_it_is_as_good_as_one_that_a_single_process_fits(spark)
        executors.test_it_has_the_same_parts_of_the_split_and_the_same_features(spark)
        executors.test_the_same_rows_give_the_same_trees(spark)
        executors.test_it_passes_the_parity_gate_and_scores(spark)
        executors.test_a_build_without_changes_trains_nothing(spark)
    project.replace("profiles.yml", f"{{{TASKS}: 2}}", "{}")
    with SparkProcess(project.folder) as spark:
        run = spark.dbt("run", "-s", "together", "--full-refresh")
    assert run.code != 0
    assert f"{TASKS} in server_side_parameters" in run.output and "Traceback" not in run.output


def test_raw_tables_are_divided_by_their_contracts_on_a_server(tmp_path: Path, server: ConnectServer) -> None:
    project = quarantine.make(tmp_path / "shop", remote=server.address)
    with SparkProcess(project.folder) as spark:
        quarantine.build(project, spark)
        shop = (project, spark)
        quarantine.test_the_same_rows_are_in_quarantine(shop)
        quarantine.test_the_same_quality_is_measured(shop)
        quarantine.test_past_a_threshold_a_model_fails_before_it_is_built(shop)


def test_workers_without_the_packages_are_reported(tmp_path: Path) -> None:
    python = tmp_path / "programs/python"
    python.parent.mkdir()
    python.write_text(
        WITHOUT_OURS.format(Path(pa.__file__).parents[1], Path(sys.base_prefix) / "bin/python3")
    )
    python.chmod(0o755)
    with ConnectServer(tmp_path / "server", python.parent) as server:
        code = CALLING.format(server.address)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (sentence,) = done.stdout.splitlines()
    assert sentence.startswith("The Python workers of Spark have no module scoring: install")
    assert "PYSPARK_PYTHON" in sentence


def test_a_server_that_ends_in_between_is_reported(tmp_path: Path, server: ConnectServer) -> None:
    project = own_project.make(tmp_path / "own", {"numbers": "number\n1\n"}, {})
    server.serve(project)
    with SparkProcess(project.folder) as spark:
        assert spark.build("-s", "numbers").code == 0
        server.end()
        sentence = spark.problem("select * from raw.numbers")
        assert sentence.startswith("The server of Spark Connect does not answer any more: ")
        assert "run again" in sentence and len(sentence.splitlines()) == 1


def test_the_whole_starter_is_built_twice(tmp_path: Path, server: ConnectServer) -> None:
    folder = tmp_path / "starter"
    shutil.copytree(ROOT / "dbt_project", folder, ignore=NOT_COPIED)
    project = Project(folder)
    install(project)
    server.serve(project)
    on_duckdb = project.build()
    assert on_duckdb.code == 0, on_duckdb.output
    with SparkProcess(folder) as spark:
        for _ in range(2):
            run = spark.build()
            assert run.code == 0, run.output
            assert SUMMARY.findall(run.output) == SUMMARY.findall(on_duckdb.output)
            assert "Warning" not in run.output
            for table in ("ml.model_versions", "ml.champion_history", "ml.decisions"):
                shown = f"select model_name, version from {table}"
                assert spark.rows(shown) == project.query(shown) == [("churn", 1)]
