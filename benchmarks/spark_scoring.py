"""Scoring in Spark SQL as the rows grow, on two executors of this machine, with the most memory that each has had.

A LightGBM model of `TREES` trees x `LEAVES` leaves on `FEATURES` numbers is trained on DuckDB and registered in a
session. For each number of rows Spark writes a table of Parquet, then a second one of the same rows with `ml_predict`:
time, the time of the same query with a sum in place of the model, and peak memory of the processes of an executor, Java
and Python apart. The scores of the first rows must be those of DuckDB, to the last bit.

Usage: python benchmarks/spark_scoring.py [rows, joined by commas] [master]
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

import scoring
from scoring.spark.functions import register
from scoring.spark.session import Options, session, stop
from scoring.warehouse import Warehouse
from training import train

COUNTS = [
    int(count) for count in (sys.argv[1] if len(sys.argv) > 1 else "1000000,10000000,100000000").split(",")
]
MASTER = sys.argv[2] if len(sys.argv) > 2 else "local-cluster[2,1,2048]"
FEATURES, TREES, LEAVES, TRAINING_ROWS, COMPARED_ROWS = 20, 200, 63, 200_000, 10_000
SETTINGS = {"spark.executor.memory": "2g", "spark.driver.memory": "1g"}
NAMES = ", ".join(f"x{n}" for n in range(FEATURES))
CONFIG = {
    "task": "binary",
    "label": "label",
    "key": "id",
    "split": {"method": "random", "test": 0.1},
    "params": {"num_iterations": TREES, "num_leaves": LEAVES, "learning_rate": 0.05},
}
TABLES = ("drawn", "scored")


def trained() -> duckdb.DuckDBPyConnection:
    """Return a DuckDB with the version ``bench@1``."""
    drawn = ", ".join(f"random() as x{n}" for n in range(FEATURES))
    warehouse = scoring.connect()
    warehouse.execute("create schema ml; select setseed(0.5)")
    warehouse.execute(
        "create table rows as select *, random() < 0.5 * (sin(6 * x0) * x1 + x2 * x3 + 0.5) as label "
        f"from (select id, {drawn} from range({TRAINING_ROWS}) as rows (id))"
    )
    warehouse.register("version", train(warehouse.sql("from rows"), model_name="bench", config=CONFIG))
    warehouse.execute("create table ml.bench as from version")
    return warehouse


def seconds_of(spark: Any, statement: str) -> float:
    """Return how long a statement takes."""
    started = time.perf_counter()
    spark.sql(statement)
    return time.perf_counter() - started


def peak_gigabytes() -> dict[str, float]:
    """Return the most memory of one process of each kind: executors, and their Python workers together."""
    processes = subprocess.run(
        ["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split(None, 2) for line in processes.splitlines()[1:]]
    java = {pid for pid, _, args in rows if "CoarseGrainedExecutorBackend" in args}
    daemons = {pid: parent for pid, parent, args in rows if "pyspark.daemon" in args}
    python: dict[str, float] = defaultdict(float)
    for pid, parent in daemons.items():
        owner = parent if parent in java else daemons.get(parent, "")
        python[owner] += _peak(pid)
    return {"java": max(map(_peak, java), default=0.0), "python": max(python.values(), default=0.0)}


def _peak(pid: str) -> float:
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1e6 if found else 0.0


def compare(spark: Any, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Check that the scores of the first rows are those of DuckDB; raises SystemExit if one is not."""
    rows = spark.sql(f"select * from scored where id < {COMPARED_ROWS}").toArrow()
    warehouse.register("scored", rows)
    ((count, others),) = warehouse.sql(
        "select count(*), count(*) filter (where score is distinct from ml_predict('bench@1', s)) from scored as s"
    ).fetchall()
    if count != COMPARED_ROWS or others:
        raise SystemExit(f"{others} of {count} scores differ from those of DuckDB")


def main() -> None:
    """Measure and print."""
    warehouse = trained()
    with tempfile.TemporaryDirectory() as folder:
        spark = session(Options.of(MASTER, None, folder, SETTINGS))
        with warehouse.cursor() as cursor:
            register(spark, Warehouse(cursor))
        print(f"{MASTER}: {TREES} trees of {LEAVES} leaves, {FEATURES} numbers", flush=True)
        for count in COUNTS:
            drawn = ", ".join(f"rand({n}) as x{n}" for n in range(FEATURES))
            written = seconds_of(
                spark, f"create table drawn using parquet as select id, {drawn} from range({count})"
            )
            total = " + ".join(f"x{n}" for n in range(FEATURES))
            summed = seconds_of(
                spark, f"create table scored using parquet as select *, {total} as score from drawn"
            )
            spark.sql("drop table scored")
            scored = seconds_of(
                spark,
                "create table scored using parquet as select *, "
                f"ml_predict('bench@1', struct({NAMES})) as score from drawn",
            )
            peak = peak_gigabytes()
            compare(spark, warehouse)
            print(
                f"{count:>11,} rows: written {written:6.1f} s, summed {summed:6.1f} s, scored {scored:6.1f} s, "
                f"{1e6 * scored / count:5.2f} us a row; an executor at most {peak['java']:.2f} GB of Java and "
                f"{peak['python']:.2f} GB of Python",
                flush=True,
            )
            for table in TABLES:
                spark.sql(f"drop table {table}")
        stop()


if __name__ == "__main__":
    main()
