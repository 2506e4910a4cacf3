"""The script and the crontab line of docs/cron.md, run as cron does: by a shell, with next to no variables."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import own_project
import pytest
from project import ROOT, Project

PAGE = (ROOT / "docs/cron.md").read_text()
ROWS = "".join(f"{n},{n % 7},{int(n % 7 > 3)}\n" for n in range(200))
BLOCK = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "test": 0.2},
    "params": {"num_iterations": 10, "min_data_in_leaf": 5},
}


def run_line(project: Project) -> int:
    (line,) = re.findall(r"```text\n\S+ \S+ \* \* \* (.*)\n```", PAGE)
    command = line.replace("/srv/warehouse", str(project.folder))
    variables = {"PATH": "/usr/bin:/bin", "HOME": str(project.folder), "LOGNAME": "cron"}
    return subprocess.run(["/bin/sh", "-c", command], cwd="/", env=variables, check=False).returncode


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("cron")
    project = own_project.make(folder, {"orders": f"id,x,y\n{ROWS}"}, {"late": BLOCK})
    (script,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    own_project.write(project, "build.sh", script)
    (folder / "build.sh").chmod(0o755)
    (folder / ".venv").symlink_to(sys.prefix)
    return project


def test_a_build_is_published_and_a_refused_model_publishes_nothing(project: Project) -> None:
    published = project.folder / "published/warehouse.duckdb"
    assert run_line(project) == 0, (project.folder / "build.log").read_text()
    first = published.stat()
    assert Project(published.parent).query("select version from ml.champions") == [(1,)]
    gate = {
        **BLOCK,
        "gates": [{"metric": "accuracy", "min": 1.0, "dataset": "test"}, {"metric": "roc_auc", "max": 0.1}],
    }
    own_project.declare(project, gate, "select * from {{ ref('orders') }}", "late")
    assert run_line(project) == 1
    assert "late" in (project.folder / "build.log").read_text()
    assert published.stat().st_ino == first.st_ino


def test_a_second_build_beside_the_first_is_left_out(project: Project) -> None:
    holder = subprocess.Popen(["flock", project.folder / ".build.lock", "sleep", "60"])
    try:
        deadline = Path(project.folder / ".build.lock")
        while (
            not deadline.exists()
            or subprocess.run(["flock", "-n", deadline, "true"], check=False).returncode == 0
        ):
            pass
        log = (project.folder / "build.log").read_text()
        assert run_line(project) == 1
        assert (project.folder / "build.log").read_text() == log
    finally:
        holder.kill()
        holder.wait()
