"""One line of the profile builds the starter on a server of Spark Connect: the same artifact, the same scores."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from connect_server import ConnectServer
from parsed_projects import parsed_once
from project import NOT_COPIED, ROOT, WITHOUT_TESTS, Project, Run, install
from spark_process import SparkProcess

BUILD = ("build", "-s", "package:this", *WITHOUT_TESTS)
ENDS = 300
"""Seconds after which a process hangs."""
SESSION = re.compile(r'"Event":"[\w.]*SparkListenerConnectSession(Started|Closed)","sessionId":"([\w-]+)"')
VERSIONS = "select version, artifact_sha256, data_fingerprint from ml.churn"
DECISIONS = "select sequence, version, action from ml.decisions order by sequence"
OPENED = (
    "from scoring.spark.session import Options, session\nsession(Options.of('local', {!r}, 'tables', {}))\n"
)


@dataclass(frozen=True)
class Starter:
    project: Project
    server: ConnectServer


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Starter]:
    folder = tmp_path_factory.mktemp("starter")
    shutil.copytree(ROOT / "dbt_project", folder, ignore=NOT_COPIED, dirs_exist_ok=True)
    project = Project(folder)
    install(project)
    with ConnectServer(tmp_path_factory.mktemp("server")) as server:
        server.serve(project, "{spark.sql.shuffle.partitions: 4}")
        for run in (project.plain(*BUILD), dbt(project, *BUILD, "--target", "spark")):
            assert run.code == 0, run.output
            assert "Warning" not in run.output
        yield Starter(project, server)


def dbt(project: Project, *arguments: str) -> Run:
    """Run dbt as a user does, from its start to its end."""
    program = Path(sys.executable).with_name("dbt")
    with parsed_once(project.folder, arguments):
        return ended([str(program), "--no-use-colors", *arguments], project.folder)


def ended(command: list[str], folder: Path) -> Run:
    inherited = {
        name: text for name, text in os.environ.items() if not name.startswith(("DBT_", "WAREHOUSE_"))
    }
    done = subprocess.run(
        command, cwd=folder, env=inherited, capture_output=True, text=True, check=False, timeout=ENDS
    )
    return Run(done.returncode, " ".join(f"{done.stdout} {done.stderr}".split()))


def test_a_second_build_finds_the_same_artifact_and_scores(starter: Starter) -> None:
    with SparkProcess(starter.project.folder) as spark:
        run = spark.dbt("build", "-s", "churn", "churn_predictions")
        assert run.code == 0, run.output
        for query in (VERSIONS, DECISIONS):
            assert spark.rows(query) == starter.project.query(query)
        assert len(spark.rows(VERSIONS)) == len(spark.rows(DECISIONS)) == 1
        run = spark.parity()
    assert run.code == 0
    assert "marts.churn_predictions: 423 rows, 4 columns, equal." in run.output


def test_a_setting_of_the_server_is_named(starter: Starter) -> None:
    for name in ("spark.sql.warehouse.dir", "spark.executor.memory"):
        code = OPENED.format(starter.server.address, {name: "1g"})
        run = ended([sys.executable, "-c", code], starter.project.folder)
        assert run.code == 1
        assert (
            f"SparkError: The setting {name} is not one of a session at {starter.server.address}"
            in run.output
        )
        assert "server_side_parameters" in run.output


def test_one_process_has_sessions_of_one_kind(starter: Starter) -> None:
    code = OPENED.format(starter.server.address, {}) + OPENED.format(None, {})
    run = ended([sys.executable, "-c", code], starter.project.folder)
    assert run.code == 1
    assert "SparkError: One process opens sessions of Spark either by `master` or by `remote`" in run.output


def test_dbt_leaves_nothing_and_says_when_the_server_is_gone(starter: Starter) -> None:
    starter.server.end()  # and so writes its events
    events = SESSION.findall(starter.server.events())
    first = events[0][1]
    assert events[:2] == [("Started", first), ("Closed", first)]
    run = dbt(starter.project, "run", "-s", "churn", "--target", "spark")
    assert run.code != 0
    assert f"The server of Spark Connect at {starter.server.address} does not open a session" in run.output
    assert "within 10 seconds" in run.output and "`remote` in profiles.yml" in run.output
    assert "Traceback" not in run.output
