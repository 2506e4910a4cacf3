"""The GitHub workflows of this repository, and of the starter, whose steps test_starter.py executes as well."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import ROOT, Project
from workflow_steps import Runner

FILES = sorted(ROOT.glob("**/.github/workflows/*.yml"))
CHECK = Path(sys.executable).with_name("check-jsonschema")


def test_workflows_keep_to_githubs_schema() -> None:
    assert len(FILES) == 4
    command = [CHECK, "--builtin-schema", "vendor.github-workflows", *FILES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_workflows_lint_build_test_and_keep_the_sites(file: Path) -> None:
    content = yaml.safe_load(file.read_text())
    (job,) = content["jobs"].values()
    commands = "\n".join(step.get("run", "") for step in job["steps"])
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)", commands)) <= targets
    artifacts = [
        step["with"]["path"].split() for step in job["steps"] if "upload-artifact" in step.get("uses", "")
    ]
    assert artifacts == [["target/static_index.html", "target/report"]]
    assert content["permissions"] == {"contents": "read"}
    events = content[True]  # YAML's `on`
    if file.stem == "production":
        assert events["schedule"] and content["concurrency"] == {"group": "production"}
    else:
        assert events == "pull_request"
        assert re.search(r"make lint|pre-commit run", commands)
        assert "--select state:modified+ --defer --state production" in commands


def test_a_pull_request_builds_what_it_changes_beside_production(yesterday: Project, tmp_path: Path) -> None:
    pulled = yesterday.copy_to(tmp_path / "pulled")
    shutil.copytree(ROOT / ".github", pulled.folder / ".github")
    (pulled.folder / ".venv").symlink_to(sys.prefix)
    (pulled.folder / "production").mkdir()
    shutil.move(pulled.warehouse, pulled.folder / "production/warehouse.duckdb")
    assert pulled.dbt("parse").code == 0
    shutil.move(pulled.folder / "target/manifest.json", pulled.folder / "production")
    pulled.replace("models/ml/arrival_delay_minutes.yml", "min: 0.1}", "min: 0.11}")

    variables = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_"))}
    runner = Runner(pulled.folder, variables, tmp_path / "cache", "3.11")
    runner.execute("pull_request.yml", only=["Build and test what has changed"])

    tables = Project(pulled.folder, "ci.duckdb").query(
        "select table_name from duckdb_tables() where schema_name in ('ml', 'marts', 'features', 'raw') order by all"
    )
    assert [name for (name,) in tables] == ["arrival_delay_minutes", "arrival_delay_predictions", "decisions"]
