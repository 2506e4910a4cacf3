"""The starter's workflow for pull requests, with the newest Python and before production with the oldest."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from fresh_environments import fresh_environment, supported_pythons
from project import Project
from test_starter import LEFT_OUT, NEWEST, Release, release, runner
from workflow_steps import Runner

__all__ = ["release", "runner"]

OLDEST, _ = supported_pythons()
OF_PULL_REQUEST = "ci.duckdb"


def test_a_pull_request_builds_what_it_changes_and_its_children(runner: Runner, tmp_path: Path) -> None:
    shutil.copytree(runner.folder, tmp_path / "pulled", symlinks=True, ignore=LEFT_OUT)
    pulled = replace(runner, folder=tmp_path / "pulled")
    project = Project(pulled.folder, OF_PULL_REQUEST)
    shutil.rmtree(project.folder / "production")
    project.replace("models/churn.yml", "{metric: log_loss, max: 0.3}", "{metric: log_loss, max: 0.25}")

    pulled.execute("pull_request.yml")

    schemas = "('raw', 'features', 'ml', 'marts')"
    tables = project.query(
        f"select schema_name || '.' || table_name from duckdb_tables() where schema_name in {schemas}"
    )
    assert {name for (name,) in tables} == {"ml.churn", "ml.decisions", "marts.churn_predictions"}
    gates = project.query("select unnest(gates, recursive := true) from ml.churn")
    assert 0.25 in {value for gate in gates for value in gate}


def test_before_production_a_pull_request_builds_everything(
    release: Release, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("oldest")
    package = f"git: file://{release.repository}\n    revision: main"
    project = release.starter(folder / "my_warehouse", package)
    variables = fresh_environment(folder / "environment", OLDEST)
    steps = ("Install", "Install dbt packages", "Build and test what has changed")
    Runner(project.folder, variables, folder / "cache", NEWEST).execute("pull_request.yml", only=steps)
    predictions = "select count(*), min(probability) >= 0, max(probability) <= 1 from marts.churn_predictions"
    ((count, *within),) = Project(project.folder, OF_PULL_REQUEST).query(predictions)
    assert count > 0 and within == [True, True]
