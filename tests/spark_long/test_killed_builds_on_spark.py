"""A driver that is killed leaves the last state whole, and a rerun finishes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import own_project
import pytest
from project import Project
from spark_process import ENVIRONMENT, SparkProcess
from test_models_on_spark_are_those_on_duckdb import BLOCK, BUILD, PREDICTIONS, people

KILLS = 10
STATE = """
select
    (select count(*) from ml.leaving), (select max(version) from ml.decisions), (select count(*) from marts.scores)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("killed")
    files = {"models/marts/scores.sql": PREDICTIONS}
    return own_project.make(folder, {"people": people()}, {"leaving": BLOCK}, files=files)


def start(project: Project) -> subprocess.Popen[bytes]:
    command = [str(Path(sys.executable).parent / "dbt"), *BUILD, "--target", "spark"]
    return subprocess.Popen(
        command,
        cwd=project.folder,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def test_a_driver_that_is_killed_leaves_the_last_state_whole(project: Project) -> None:
    with SparkProcess(project.folder) as spark:
        assert spark.dbt(*BUILD).code == 0
        spark.rows(STATE)
        started = time.monotonic()
        assert spark.dbt(*BUILD).code == 0
        seconds = time.monotonic() - started
    chance = random.Random(7)
    for number in range(KILLS):
        # Another model each time, so that every build has something to write.
        block = {**BLOCK, "params": {**BLOCK["params"], "num_leaves": 4 + number}}
        own_project.declare(project, block, "select * from {{ ref('people') }}", "leaving")
        process = start(project)
        time.sleep(chance.uniform(5, 25 + 2 * seconds))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        with SparkProcess(project.folder) as spark:
            run = spark.dbt(*BUILD)
            assert run.code == 0, (number, run.output)
            versions, champion, scores = spark.rows(STATE)[0]
            (distinct,) = spark.rows("select count(distinct version) from ml.leaving")[0]
            assert (distinct, champion, scores) == (versions, versions, 900), number
