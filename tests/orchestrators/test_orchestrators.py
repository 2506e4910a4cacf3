"""What docs/dagster.md and docs/airflow.md show, with the tools installed as the pages say, on the starter.

In a target of their own, `make orchestrators`: the tools bring some hundred packages.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from fresh_environments import copy_of_the_repository, fresh_environment, supported_pythons, wheel_of
from project import ROOT, Project

OLDEST, _ = supported_pythons()
FILE = re.compile(r"^`([\w/]+\.py)`.*?\n```python\n(.*?)```", re.DOTALL | re.MULTILINE)


class Reader:
    """Somebody who follows a page in a copy of the starter."""

    def __init__(self, folder: Path, page: str) -> None:
        self.page = (ROOT / page).read_text()
        left_out = shutil.ignore_patterns("target", "logs", "dbt_packages", "*.duckdb*", "package-lock.yml")
        shutil.copytree(ROOT / "dbt_project", folder / "my_warehouse", ignore=left_out)
        self.project = Project(folder / "my_warehouse")
        self.project.replace("packages.yml", "local: ..", f"local: {ROOT}")
        wheel = wheel_of(copy_of_the_repository(folder / "repository"), folder / "wheel")
        self.project.replace("requirements.txt", "\n..[", f"\n{wheel}[")
        self.variables = {
            **fresh_environment(folder / "environment", OLDEST),
            "UV_CONSTRAINT": "",  # the tools choose what they need
            "AIRFLOW_HOME": str(folder / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.project.folder / "dags"),
            "WAREHOUSE_PROJECT": str(self.project.folder),
        }

    def follow(self) -> str:
        for path, text in FILE.findall(self.page):
            (self.project.folder / path).parent.mkdir(exist_ok=True)
            (self.project.folder / path).write_text(text)
        printed = ""
        for command in re.findall(r"^\$ (.*)$", self.page, re.MULTILINE):
            printed = self.type(command)
        return printed

    def type(self, command: str) -> str:
        code, printed = self.exit_code(command)
        assert code == 0, printed
        return printed

    def exit_code(self, command: str) -> tuple[int, str]:
        words = shlex.split(command)
        if words[0] == "pip":
            words = ["uv", *words]
        done = subprocess.run(
            words, cwd=self.project.folder, env=self.variables, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr


def champions(project: Project) -> list[tuple]:
    return project.query("select model_name, version from ml.champions")


def test_dagster_builds_the_starter_and_a_refused_model_fails_its_run(tmp_path: Path) -> None:
    reader = Reader(tmp_path, "docs/dagster.md")
    reader.follow()
    assert champions(reader.project) == [("churn", 1)]
    reader.project.replace("models/churn.yml", "min: 0.75", "min: 0.95")
    reader.type("dbt parse")
    code, printed = reader.exit_code("dagster asset materialize -f definitions.py --select 'ml/churn'")
    assert code == 1 and "roc_auc on the test data of at least 0.95" in printed
    assert champions(reader.project) == [("churn", 1)]


def test_airflow_builds_and_publishes_the_starter(tmp_path: Path) -> None:
    reader = Reader(tmp_path, "docs/airflow.md")
    own = fresh_environment(reader.project.folder / ".venv", OLDEST)
    install = ["uv", "pip", "install", "--requirement", "requirements.txt"]
    subprocess.run(install, cwd=reader.project.folder, env=own, check=True)
    subprocess.run(["dbt", "deps"], cwd=reader.project.folder, env=own, check=True)
    reader.follow()
    assert champions(Project(reader.project.folder / "published")) == [("churn", 1)]


@pytest.mark.parametrize("page", ["docs/dagster.md", "docs/airflow.md"])
def test_files_of_the_pages_are_formatted(page: str) -> None:
    for path, text in FILE.findall((ROOT / page).read_text()):
        command = [Path(sys.executable).with_name("ruff"), "format", "--check", "--stdin-filename", path, "-"]
        assert subprocess.run(command, input=text, text=True, check=False).returncode == 0
