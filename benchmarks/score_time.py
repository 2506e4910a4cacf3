"""Scoring by SQL against the bare runtime and the usual ways round it, side by side in one run.

Two LightGBM models of `TREES` trees x `LEAVES` leaves are trained by `training.train` and stored in a
warehouse: one on `FEATURES` numbers, one on numbers, text categories and nulls. Then each way scores the same
`ROWS` rows, `RUNS` times in turn, on all cores:

- ``runtime``: onnxruntime alone on a matrix that is ready, one session of one thread, a worker for each core;
- ``sql``: ``create table as select ml_predict(...)``, table to table, all of it by the runtime;
- ``fast``: the same with compiled trees, once they are compiled; left out without the extra ``fast``;
- ``lightgbm``: ``Booster.predict`` on the matrix that is ready;
- ``pandas``: read into a frame, predict, write back into a table;
- ``stock``: the ONNX of the stock converter, in one call on the matrix that is ready, in single precision,
  written by the interpreter that STOCK_PYTHON names (`pip install onnxmltools lightgbm` in an environment of
  its own); left out where there is none, and for categories, which it does not convert;
- ``lleaves``, ``treelite``: see `score_peers.py`; left out without PEERS_PYTHON.

Printed are medians of the seconds, and of the ratios to ``runtime``; ``target/score_time.json`` keeps them.
With ``--stream N``, N rows of Parquet are scored into Parquet by `warehouse-ml score`, with peak memory and
time per row beside that of 1 million; with ``--cold``, the first ``ml_predict`` of a process is timed, apart
from opening the connection.

Usage: [BENCHMARK=short] [STOCK_PYTHON=…] [PEERS_PYTHON=…] python benchmarks/score_time.py [--stream 100000000] [--cold]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import duckdb
import lightgbm
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from ratios import record, size
from score_peers import Peers, peers

import scoring
from scoring import artifact, fast
from scoring.artifact import INPUT_NAME
from scoring.signature import Signature
from training import train

ROOT = Path(__file__).parents[1]
ROWS, TRAINING_ROWS = size(1_000_000, short=100_000), size(200_000, short=20_000)
FEATURES, TREES, LEAVES, RUNS = 20, size(200, short=100), 63, size(5, short=3)
ROWS_PER_RUN, CORES = 8192, os.cpu_count() or 1
LEAST = {"numbers": 0.90, "mixed": 0.80}
LEAST_AGAINST_PANDAS = 1.6
MEMORY_LIMIT, STREAM_UNIT = "1GB", 1_000_000

Matrix = NDArray[np.float64]

DRAWN = (
    f"select id, {', '.join(f'random() as x{n}' for n in range(FEATURES))} from range({ROWS}) as rows (id)"
)
LABEL = "random() < 0.5 * (sin(6 * x0) * x1 + x2 * x3 + 0.5)"
NULLED = ", ".join(f"case when hash(id, {n}) % 10 > 0 then x{n} end as x{n}" for n in range(4, FEATURES - 2))
MIXED = f"{NULLED}, 'colour ' || floor(x18 * 12)::integer as x18, 'town ' || floor(x19 * 100)::integer as x19"
TABLES = {
    "numbers": f"select *, {LABEL} as label from ({DRAWN})",
    "mixed": f"select * replace ({MIXED}), {LABEL} as label from ({DRAWN})",
}
CONFIG = {
    "task": "binary",
    "label": "label",
    "key": "id",
    "split": {"method": "random", "test": 0.1},
    "params": {"num_iterations": TREES, "num_leaves": LEAVES, "learning_rate": 0.05},
}
STOCK = """
import sys
import lightgbm, onnxmltools
from onnxmltools.convert.common.data_types import FloatTensorType
booster = lightgbm.Booster(model_file=sys.argv[1])
kind = FloatTensorType([None, booster.num_feature()])
converted = onnxmltools.convert_lightgbm(booster, initial_types=[("features", kind)], zipmap=False)
open(sys.argv[2], "wb").write(converted.SerializeToString())
"""
COLD = """
import sys, time
import scoring
warehouse = scoring.connect(sys.argv[1], read_only=True)
started = time.perf_counter()
warehouse.sql("select ml_predict('numbers@1', t) from numbers as t limit 1").fetchall()
first = time.perf_counter() - started
from scoring import registry
from scoring.artifact import Artifact
row = registry.resolve(warehouse, "numbers@1")
started = time.perf_counter()
Artifact(registry.read_artifact(warehouse, row), expected_digest=row.artifact_sha256, model="numbers")
print(first, time.perf_counter() - started)
"""


def prepare(path: Path) -> None:
    """Write the tables and train a version on the first rows of each."""
    with scoring.connect(path) as warehouse:
        warehouse.execute("create schema ml; select setseed(0.5)")
        for name, query in TABLES.items():
            warehouse.execute(f"create table {name} as {query}")
            rows = warehouse.sql(f"from {name} where id < {TRAINING_ROWS}")
            version = train(rows, model_name=name, config=CONFIG)
            warehouse.register("version", version)
            warehouse.execute(f"create table ml.{name} as from version")
            warehouse.execute(f"alter table {name} drop column label")


def ways(warehouse: duckdb.DuckDBPyConnection, name: str, folder: Path) -> dict[str, Callable[[], object]]:
    """Return what to time, by name; all of it gives the probability of every row."""
    signature, data, text = warehouse.sql(
        f"select signature, artifact, native_model from ml.{name} where version = 1"
    ).fetchall()[0]
    features = Signature.from_row(signature)
    matrix = matrix_of(warehouse, name)
    booster = lightgbm.Booster(model_str=text)
    calls: dict[str, Callable[[], object]] = {
        "runtime": lambda: bare(bytes(data), matrix),
        "sql": lambda: score(warehouse, name, "scored"),
        "lightgbm": lambda: booster.predict(matrix, num_threads=CORES),
        "pandas": lambda: by_pandas(warehouse, name, booster, features),
    }
    if name == "numbers" and "STOCK_PYTHON" in os.environ:
        (folder / "booster.txt").write_text(text)
        command = [os.environ["STOCK_PYTHON"], "-c", STOCK, folder / "booster.txt", folder / "stock.onnx"]
        subprocess.run(command, check=True, capture_output=True)
        session = onnxruntime.InferenceSession(folder / "stock.onnx", providers=["CPUExecutionProvider"])
        single = matrix.astype(np.float32)
        calls["stock"] = lambda: session.run(None, {"features": single})
    return calls


def bare(data: bytes, matrix: Matrix) -> Matrix:
    """Return the probabilities by the runtime alone."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    scored = np.empty(len(matrix))

    def run(start: int) -> None:
        part = slice(start, start + ROWS_PER_RUN)
        (scored[part],) = session.run(["prediction"], {INPUT_NAME: matrix[part]})

    with ThreadPoolExecutor(CORES) as workers:
        list(workers.map(run, range(0, len(matrix), ROWS_PER_RUN)))
    return scored


def by_pandas(
    warehouse: duckdb.DuckDBPyConnection, name: str, booster: lightgbm.Booster, features: Signature
) -> None:
    """Read into a frame, predict, write back."""
    frame = warehouse.sql(f"from {name}").df()
    columns = {}
    for feature in features.features:
        codes = {text: float(code) for code, text in enumerate(feature.categories)}
        column = frame[feature.name]
        columns[feature.name] = column.map(codes) if feature.categories else column
    matrix = np.column_stack([column.to_numpy(np.float64) for column in columns.values()])
    scored = frame[["id"]].assign(p=booster.predict(matrix, num_threads=CORES))
    warehouse.register("scored_frame", scored)
    warehouse.execute("create or replace table scored_by_pandas as from scored_frame")
    warehouse.unregister("scored_frame")


def compare(path: Path, name: str) -> dict[str, Any]:
    """Time every way in turn, and return the medians of seconds and of ratios to the runtime alone."""
    compile_seconds, others, differences = {}, None, {}
    with ExitStack() as stack:
        warehouse = stack.enter_context(scoring.connect(path))
        timed = {way: partial(timed_call, run) for way, run in ways(warehouse, name, path.parent).items()}
        if fast.is_installed():
            compiled = stack.enter_context(scoring.connect(path))
            compile_seconds["fast"] = compile_trees(compiled, name)
            timed["fast"] = partial(timed_call, partial(score, compiled, name, "scored_fast"))
        if "PEERS_PYTHON" in os.environ:
            ((text,),) = warehouse.sql(f"select native_model from ml.{name}").fetchall()
            matrix = matrix_of(warehouse, name)
            others = stack.enter_context(peers(os.environ["PEERS_PYTHON"], path.parent, text, matrix, CORES))
            compile_seconds["lleaves"] = others.compile_seconds
            timed |= {way: partial(others.seconds, way) for way in others.versions}
        seconds: dict[str, list[float]] = {way: [] for way in timed}
        for _ in range(RUNS):
            for way, run in timed.items():
                seconds[way].append(run())
        ((difference,),) = warehouse.sql(
            "select max(abs(scored.p - other.p) / other.p) from scored "
            "inner join scored_by_pandas as other using (id)"
        ).fetchall()
        sql = scores_in(warehouse, "scored")
        if "fast" in timed:
            differences["fast"] = float(np.abs(scores_in(warehouse, "scored_fast") - sql).max())
        if others is not None:
            differences |= {way: float(np.abs(others.scores(way) - sql).max()) for way in others.versions}
    record_ratios(name, seconds, others)
    ratios = {
        way: median(base / spent for base, spent in zip(seconds["runtime"], runs, strict=True))
        for way, runs in seconds.items()
    }
    against = median(p / s for p, s in zip(seconds["pandas"], seconds["sql"], strict=True))
    return {
        "rows": ROWS,
        "seconds": {way: median(runs) for way, runs in seconds.items()},
        "speed_against_runtime": ratios,
        "compile_seconds": compile_seconds,
        "sql_against_pandas": against,
        "largest_relative_difference": difference,
        "largest_difference_to_sql": differences,
        "least": {"sql": LEAST[name], "sql_against_pandas": LEAST_AGAINST_PANDAS},
    }


def timed_call(run: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    started = time.perf_counter()
    run()
    return time.perf_counter() - started


def score(warehouse: duckdb.DuckDBPyConnection, name: str, table: str, source: str | None = None) -> None:
    """Score the rows of a source into a table; without one, those of the model's own table."""
    warehouse.execute(
        f"create or replace table {table} as select id, ml_predict('{name}@1', t) as p "
        f"from {source or name} as t"
    )


def compile_trees(warehouse: duckdb.DuckDBPyConnection, name: str) -> float:
    """Have a connection compile the trees of a model; return the seconds of the query that does."""
    artifact.FAST_AFTER = 0.0
    seconds = timed_call(partial(score, warehouse, name, "scored_fast", f"(from {name} limit 1)"))
    artifact.FAST_AFTER = float("inf")
    return seconds


def scores_in(warehouse: duckdb.DuckDBPyConnection, table: str) -> Matrix:
    """Return the scores of a table in the order of the ids."""
    return np.asarray(warehouse.sql(f"select p from {table} order by id").fetchnumpy()["p"])


def matrix_of(warehouse: duckdb.DuckDBPyConnection, name: str) -> Matrix:
    """Return the rows of a table as the matrix of its model, in the order of the ids."""
    ((signature,),) = warehouse.sql(f"select signature from ml.{name}").fetchall()
    rows = warehouse.sql(f"from {name} order by id").to_arrow_table()
    features = Signature.from_row(signature)
    return np.concatenate([features.matrix(batch, model=name) for batch in rows.to_batches()])


def record_ratios(name: str, seconds: Mapping[str, list[float]], others: Peers | None) -> None:
    """Record what SQL takes beside every other way."""
    for way, version in (others.versions if others else {}).items():
        record(f"scoring {name}", seconds["sql"], f"{way}", seconds[way], version=version)
        if "fast" in seconds:
            record(f"scoring {name}, compiled", seconds["fast"], f"{way}", seconds[way], version=version)
    sql = seconds["sql"]
    record(f"scoring {name}", sql, "onnxruntime", seconds["runtime"], at_most=1 / LEAST[name])
    record(f"scoring {name}", sql, "lightgbm", seconds["lightgbm"])
    record(f"scoring {name}", sql, "pandas", seconds["pandas"], at_most=1 / LEAST_AGAINST_PANDAS)
    if "stock" in seconds:
        command = [os.environ["STOCK_PYTHON"], "-c", "import onnxmltools; print(onnxmltools.__version__)"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        record(f"scoring {name}", sql, "onnxmltools", seconds["stock"], version=printed.split()[-1])


def stream(path: Path, rows: int) -> dict[str, float]:
    """Score a multiple of a Parquet file of a million rows; return seconds and peak bytes of the process."""
    part = path.with_name("part.parquet")
    with duckdb.connect(str(path)) as warehouse:
        warehouse.execute(f"copy (from numbers limit {STREAM_UNIT}) to '{part}'")
        files = ", ".join([f"'{part}'"] * (rows // STREAM_UNIT))
        warehouse.execute(f"create or replace view streamed as from read_parquet([{files}])")
    command = [Path(sys.executable).with_name("warehouse-ml"), "score", "--warehouse", path, "--model"]
    command += ["numbers@1", "--input", "main.streamed", "--output", path.with_name("scored.parquet")]
    command += ["--keep", "id", "--replace", "--memory", MEMORY_LIMIT]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit("The scoring failed: mend it before measuring.")
    return {"rows": rows, "seconds": time.perf_counter() - started, "peak_bytes": usage.ru_maxrss * 1024}


def cold(path: Path) -> dict[str, float]:
    """Return the seconds of the first score of a process, and of loading the artifact in it."""
    runs = []
    for _ in range(RUNS):
        command = [sys.executable, "-c", COLD, path]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        runs.append([float(value) for value in printed.split()])
    first, load = (median(values) for values in zip(*runs, strict=True))
    return {"first_score_seconds": first, "artifact_load_seconds": load, "most_beyond_the_load": 0.05}


def show(results: Mapping[str, Any]) -> None:
    """Print the results as a table."""
    for name in TABLES:
        print(f"{name}: {ROWS:,} rows, {TREES} trees x {LEAVES} leaves, {CORES} cores")
        for way, spent in results[name]["seconds"].items():
            ratio = results[name]["speed_against_runtime"][way]
            print(
                f"  {way:9} {spent:7.2f} s  {ROWS / spent / 1e3:6.0f} k rows/s  {ratio:5.2f} of the runtime"
            )
        print(f"  sql must reach {LEAST[name]:.2f} of the runtime and {LEAST_AGAINST_PANDAS} of pandas")
        print(f"  sql reaches {results[name]['sql_against_pandas']:.2f} of pandas")
        print(f"  largest relative difference {results[name]['largest_relative_difference']:.1e}")
        print("  largest difference to sql", results[name]["largest_difference_to_sql"])
        print("  seconds to compile", results[name]["compile_seconds"])
    for run in results.get("stream", []):
        each, peak = run["seconds"] / run["rows"] * 1e6, run["peak_bytes"] / 1e9
        print(f"streamed {run['rows']:>11,} rows  {run['seconds']:7.1f} s  {each:5.2f} microseconds a row")
        print(f"  {peak:.2f} GB at most, where DuckDB's own limit is {MEMORY_LIMIT}")
    if "cold" in results:
        print("first score of a process", {key: round(value, 4) for key, value in results["cold"].items()})


def main() -> None:
    """Measure, print and keep."""
    artifact.FAST_AFTER = float("inf")
    parser = argparse.ArgumentParser(description="Scoring by SQL against the bare runtime.")
    parser.add_argument("--stream", type=int, metavar="ROWS", help="also stream so many rows, in millions")
    parser.add_argument("--cold", action="store_true", help="also time the first score of a process")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "warehouse.duckdb"
        prepare(path)
        results: dict[str, Any] = {table: compare(path, table) for table in TABLES}
        if options.stream:
            results["stream"] = [stream(path, rows) for rows in (STREAM_UNIT, options.stream)]
        if options.cold:
            results["cold"] = cold(path)
    show(results)
    kept = ROOT / "target" / "score_time.json"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
