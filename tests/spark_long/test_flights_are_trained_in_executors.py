"""The flights' model in Spark's tasks, beside the same block in one process."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from project import NOT_COPIED, ROOT, UP_TO_TRAINING, Project
from spark_process import SparkProcess

MODEL = yaml.safe_load((ROOT / "models/ml/flight_delay.yml").read_text())["models"][0]
BLOCK = MODEL["config"]["meta"]["ml"]


def auc(version: Any) -> float:
    (value,) = (
        entry["value"]
        for entry in version.metrics
        if (entry["metric"], entry["dataset"], entry["predictor"], entry["slice_column"])
        == ("roc_auc", "test", "model", None)
    )
    return float(value)


def train_both_ways(_: Any) -> tuple[float, float, str]:
    """Return both AUCs, and what the distributed version says of itself."""
    from scoring.spark.session import Options, session
    from scoring.spark.tables import frame_of
    from scoring.version import Version
    from scoring.warehouse import Relation
    from training.declared import config
    from training.distributed.rows import RowsInSpark
    from training.train import train, train_version

    with duckdb.connect("warehouse.duckdb", read_only=True) as warehouse:
        rows = warehouse.sql("from features.flight_delay_training").to_arrow_table()
    spark = session(Options.of("local[2]", None, "spark-warehouse", {}))
    with duckdb.connect() as work:
        one = Version.from_row(train(work.from_arrow(rows), model_name="flight_delay", config=BLOCK))
        kept = RowsInSpark(spark, frame_of(spark, rows), model="flight_delay")
        together = train_version(
            work.from_arrow(kept.empty()),
            Relation("", "ml", "flight_delay"),
            config.parse(BLOCK, model_name="flight_delay"),
            BLOCK,
            warehouse=None,
            retrain=True,
            whole=kept,
        )
        kept.close()
    assert together is not None
    return auc(one), auc(together), " ".join(together.notices or ())


def test_the_flights_model_is_as_good_in_executors(tmp_path: Path) -> None:
    shutil.copytree(ROOT, tmp_path, ignore=NOT_COPIED, dirs_exist_ok=True)
    for package in ("scoring", "training", "spark_adapter"):  # those installed are meant
        shutil.rmtree(tmp_path / package)
    run = Project(tmp_path).dbt(*UP_TO_TRAINING, "--exclude-resource-type", "test")
    assert run.code == 0, run.output
    with SparkProcess(tmp_path) as spark:
        one, together, notices = spark.call(train_both_ways)
    print(f"AUC {one:.5f} in one process, {together:.5f} in tasks. {notices}")
    assert together == pytest.approx(one, abs=0.001)
    assert "in 2 tasks of Spark" in notices
