"""LightGBM in Spark's tasks beside LightGBM in one process, on the same rows: AUC, seconds, peak memory.

Rows are made in Spark from the hashes of their numbers and written as Parquet, 20 features each; the label is drawn
from a logistic function of eight of them, with products. `spark` trains as `distributed: true` does, with everything
that makes a version: the split, the sample, the tasks, the parity gate, the evaluation. `one` reads the same files in a
process of its own and trains as `distributed: false` does. Both measure on the same test rows.

Usage: python benchmarks/spark_training.py [rows] [spark, one or both] [tasks] [most iterations]
"""

from __future__ import annotations

import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import duckdb

from scoring.spark.session import Options, session, stop
from scoring.version import Version
from scoring.warehouse import Relation

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000_000
WHICH = sys.argv[2] if len(sys.argv) > 2 else "both"
TASKS = int(sys.argv[3]) if len(sys.argv) > 3 else 2
ITERATIONS = int(sys.argv[4]) if len(sys.argv) > 4 else 300
MEMORY = "4g"
FEATURES = 20
BLOCK = {
    "task": "binary",
    "label": "is_positive",
    "key": "row_id",
    # No more test rows than are fetched from Spark.
    "split": {"method": "random", "validation": 0.02, "test": min(0.2, 800_000 / ROWS)},
    "estimator": "lightgbm",
    "params": {"num_iterations": ITERATIONS, "learning_rate": 0.1, "num_leaves": 31},
}


def rows() -> str:
    """Return SQL for the rows."""
    uniform = "pmod(xxhash64(id, {n}), 1073741824) / 1073741824D"
    features = ", ".join(f"{uniform.format(n=n)} as f{n}" for n in range(FEATURES))
    score = "3 * (f0 - 0.5) + 4 * (f1 - 0.5) * (f2 - 0.5) + sin(6 * f3) + 2 * f4 * f5 - f6 + (f7 > 0.7) * 1"
    score = score.replace("(f7 > 0.7) * 1", "if(f7 > 0.7, 1, 0)")
    return (
        f"select row_id, {', '.join(f'f{n}' for n in range(FEATURES))}, drawn < 1 / (1 + exp(0.5 - ({score}))) as "
        f"is_positive from (select id as row_id, {uniform.format(n=99)} as drawn, {features} from range({ROWS}))"
    )


def report(name: str, version: Version, seconds: float) -> None:
    """Print what a version reached."""
    values = {
        (entry["dataset"], entry["metric"]): entry["value"]
        for entry in version.metrics or ()
        if entry["predictor"] == "model" and entry["slice_column"] is None
    }
    print(
        f"{name}: AUC {values['test', 'roc_auc']:.5f}, log loss {values['test', 'log_loss']:.5f}, {seconds:.0f} s, "
        f"this process held {(version.peak_memory_bytes or 0) / 1e9:.2f} GB, {version.artifact_sha256[:12]}",
        flush=True,
    )
    for notice in version.notices or ():
        print(f"    {notice}", flush=True)


def train_in_spark(files: str, folder: Path) -> None:
    """Write the rows, and train on them in tasks."""
    from training.declared import config
    from training.distributed.fit import TASKS as TASKS_SETTING
    from training.distributed.rows import RowsInSpark
    from training.train import train_version

    settings = {
        "spark.driver.memory": MEMORY,
        TASKS_SETTING: str(TASKS),
        "spark.local.dir": str(folder / "local"),
    }
    options = Options.of(f"local[{TASKS}]", None, str(folder / "warehouse"), settings)
    spark: Any = session(options)
    started = time.perf_counter()
    spark.sql(rows()).write.parquet(files)
    print(f"{ROWS:,} rows, {FEATURES} features: written in {time.perf_counter() - started:.0f} s", flush=True)
    if WHICH != "one":
        started = time.perf_counter()
        kept = RowsInSpark(spark, spark.read.parquet(files), model="bench")
        with duckdb.connect() as work:
            version = train_version(
                work.from_arrow(kept.empty()),
                Relation("", "ml", "bench"),
                config.parse(BLOCK, model_name="bench"),
                BLOCK,
                warehouse=None,
                retrain=True,
                whole=kept,
            )
        kept.close()
        if version is not None:
            report(f"spark, {TASKS} tasks", version, time.perf_counter() - started)
    stop()


def train_in_one_process(files: str) -> None:
    """Train on all rows in this process."""
    from training.train import train

    started = time.perf_counter()
    with duckdb.connect() as work:
        row = train(work.read_parquet(f"{files}/*.parquet"), model_name="bench", config=BLOCK)
    report("one process", Version.from_row(row), time.perf_counter() - started)


def main() -> None:
    """Write the rows and train both ways."""
    processes = get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        files = str(Path(folder) / "rows")
        work = [(train_in_spark, (files, Path(folder)))]
        if WHICH != "spark":
            work.append((train_in_one_process, (files,)))
        for function, arguments in work:
            process = processes.Process(target=function, args=arguments)
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(process.exitcode)


if __name__ == "__main__":
    main()
