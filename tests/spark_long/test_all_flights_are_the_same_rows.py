"""The whole flights project on both engines: every column of every mart and feature table, predictions too."""

from __future__ import annotations

import shutil
from pathlib import Path

from project import NOT_COPIED, ROOT, Project
from spark_process import SparkProcess

ROWS_ONLY = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
BUILT = ("+path:models/features", "+path:models/marts")


def test_all_flights_are_the_same_rows(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path, ignore=NOT_COPIED, dirs_exist_ok=True)
    for package in ("scoring", "training", "spark_adapter"):  # those installed are meant
        shutil.rmtree(tmp_path / package)
    project = Project(tmp_path)
    with SparkProcess(tmp_path) as spark:
        for run in (project.build(*ROWS_ONLY, "-s", *BUILT), spark.build(*ROWS_ONLY, "-s", *BUILT)):
            assert run.code == 0, run.output
        run = spark.parity()
        assert run.code == 0, run.output
        assert "marts.fct_flights: 80,7" in run.output
        assert "30 tables are equal in dev and spark." in run.output
