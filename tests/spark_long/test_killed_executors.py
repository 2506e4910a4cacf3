"""Executors that are killed as a build reads, trains, scores and writes: others do the work, the rows are the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import own_project
from spark_process import ENVIRONMENT, SparkProcess
from test_models_on_spark_are_those_on_duckdb import BLOCK, BUILD, PREDICTIONS, SCORES, people

BETWEEN_KILLS = (8, 12)
"""Seconds. Spark gives a task up that fails four times."""
LEAST_KILLS = 3


def test_executors_that_are_killed_are_replaced(tmp_path: Path) -> None:
    files = {"models/marts/scores.sql": PREDICTIONS}
    project = own_project.make(tmp_path, {"people": people()}, {"leaving": BLOCK}, files=files)
    assert project.dbt(*BUILD).code == 0
    profile = project.folder / "profiles.yml"
    one_process = profile.read_text()
    profile.write_text(
        one_process.replace(
            "type: warehouse_ml_spark",
            "type: warehouse_ml_spark\n      master: local-cluster[2,1,1024]\n"
            f"      server_side_parameters: {json.dumps({'spark.executor.memory': '1g'})}",
        )
    )
    kills = _build_while_executors_die(project.folder)
    assert kills >= LEAST_KILLS
    profile.write_text(one_process)
    with SparkProcess(tmp_path) as spark:
        assert spark.dbt("debug").code == 0
        assert spark.rows(SCORES) == project.query(SCORES)
        version = "select version, artifact_sha256 from ml.leaving"
        assert spark.rows(version) == project.query(version)


def _build_while_executors_die(folder: Path) -> int:
    """Build, kill an executor every few seconds, and return how many were killed."""
    log = folder / "build.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "dbt"), *BUILD, "--target", "spark"],
            cwd=folder,
            env={**os.environ, **ENVIRONMENT},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    chance, kills = random.Random(7), 0
    try:
        while process.poll() is None:
            time.sleep(chance.uniform(*BETWEEN_KILLS))
            if executors := _executors(process.pid):
                os.kill(chance.choice(executors), signal.SIGKILL)
                kills += 1
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, log.read_text()
    return kills


def _executors(group: int) -> list[int]:
    """Return the processes of executors in the process group of a build."""
    command = ["pgrep", "--pgroup", str(group), "--full", "CoarseGrainedExecutorBackend"]
    return [int(line) for line in subprocess.run(command, capture_output=True, text=True).stdout.split()]
