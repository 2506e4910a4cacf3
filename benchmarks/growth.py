"""Time and memory of each step of a model's life as its rows grow, each step in a process of its own.

For each number of rows a Parquet file of `FEATURES` numbers is written, and then:

- ``reading``: the file becomes a table;
- ``joining``: a tenth as many rows take `FEATURES` features from a view of all rows by `point_in_time_join`;
- ``training``: a LightGBM model of `TREES` trees x `LEAVES` leaves is trained on the table, evaluated and described;
- ``scoring``: the table is scored into another by ``ml_predict``;
- ``evaluating``: every metric of its task is measured on all scores;
- ``monitoring``: dbt builds the monitor of as many scored rows with 20 features, as `monitoring.py` does.

Steps of up to `OFTEN` rows run `RUNS` times, larger ones once. Printed, and written into ``target/growth.md`` with
a picture, are medians of the seconds and of the peak memory of the step's process, and how much time per row grows.
The files of 100 million rows, and what the steps spill of them, take more than 50 GB in the folder that TMPDIR names.

Usage: python benchmarks/growth.py [rows, joined by commas]
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import duckdb
import monitoring
import vl_convert
from compiled import compiled
from ratios import ROOT

import scoring
from training import train
from training.evaluation.metric_macros import render
from training.evaluation.metrics import MACROS

COUNTS = "1000000,3000000,10000000,30000000,100000000"
FEATURES, TREES, LEAVES, HISTORY = 10, 50, 31, 365
OFTEN, RUNS = 10_000_000, 3
PAGE, PICTURE = ROOT / "target" / "growth.md", ROOT / "target" / "growth.svg"

NAMES = ", ".join(f"x{n}" for n in range(FEATURES))
DRAWN = ", ".join(f"round(random(), 4) as x{n}" for n in range(FEATURES))
ROWS = f"""
    select id, id % greatest({{rows}} // {HISTORY}, 1) as k, timestamp '2024-01-01' + to_seconds(id) as event_at,
        random() < 0.5 * (sin(6 * x0) * x1 + x2 * x3 + 0.5) as label, {NAMES}
    from (select id, {DRAWN} from range({{rows}}) as numbers (id))
"""
CONFIG = {
    "task": "binary",
    "label": "label",
    "key": "id",
    "time": "event_at",
    "split": {"method": "sequential", "validation": 0.1, "test": 0.1},
    "params": {"num_iterations": TREES, "num_leaves": LEAVES, "learning_rate": 0.1},
}
VIEW = {
    "name": "readings",
    "config": {"meta": {"feature_view": {"entity": "k", "keys": ["k"], "owner": "bench"}}},
    "columns": [
        {"name": name, "description": "Drawn at random.", "config": {"meta": {"nulls": "never"}}}
        for name in ("k", "event_at", "known_at", *NAMES.split(", "))
    ],
    "data_tests": [
        {"warehouse_ml.unique_combination": {"arguments": {"columns": ["k", "event_at", "known_at"]}}}
    ],
}
MODELS = {
    "spine": "select 1 as k",
    "readings": "select 1 as k",
    "joined": "{{ warehouse_ml.point_in_time_join(ref('spine'), 'predicted_at', [ref('readings')]) }}",
}


def reading(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make a table of the file."""
    warehouse.execute(f"create or replace table rows as from '{folder / 'rows.parquet'}'")


def joining(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Join a tenth of the rows with a view of all."""
    warehouse.execute(f"create or replace table joined as {(folder / 'joined.sql').read_text()}")


def training(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Train a version and keep it."""
    version = train(warehouse.sql("select * exclude (k) from rows"), model_name="m", config=CONFIG)
    warehouse.register("version", version)
    warehouse.execute("create or replace table ml.m as from version")


def score(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Score all rows."""
    warehouse.execute(
        "create or replace table scored as "
        "select id, label::integer as label, ml_predict('m@1', t) as score from rows as t"
    )


def evaluating(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Measure all scores."""
    for macro in MACROS["binary"].values():
        warehouse.execute(render(macro, "scored")).fetchall()


STEPS: Mapping[str, Callable[[duckdb.DuckDBPyConnection, Path], None]] = {
    "reading": reading,
    "joining": joining,
    "training": training,
    "scoring": score,
    "evaluating": evaluating,
}


def step(name: str, folder: Path) -> None:
    """Do one step and print its seconds."""
    with scoring.connect(folder / "warehouse.duckdb") as warehouse:
        warehouse.execute(f"set temp_directory = '{folder / 'spilled'}'")
        started = time.perf_counter()
        STEPS[name](warehouse, folder)
        print(time.perf_counter() - started)


def measured(name: str, folder: Path) -> tuple[float, float]:
    """Return seconds and peak bytes of a step in a process of its own."""
    process = subprocess.Popen([sys.executable, __file__, name, folder], stdout=subprocess.PIPE, text=True)
    printed = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"The step {name} failed: mend it before measuring.")
    return float(printed.split()[-1]), usage.ru_maxrss * 1024


def write_rows(folder: Path, rows: int, joined: str) -> None:
    """Write the file, and the spine and the view of the join."""
    (folder / "joined.sql").write_text(joined)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema features; create schema ml; select setseed(0.5)")
        warehouse.execute(f"copy ({ROWS.format(rows=rows)}) to '{folder / 'rows.parquet'}'")
        file = f"from '{folder / 'rows.parquet'}'"
        warehouse.execute(
            "create table features.readings as "
            f"select k, event_at, event_at + interval 1 hour as known_at, {NAMES} {file}"
        )
        warehouse.execute(
            "create table features.spine as select id, k, event_at + interval 2 hours as predicted_at "
            f"{file} where id % 10 = 3"
        )


def monitored(project: Path, rows: int, runs: int) -> list[tuple[float, float]]:
    """Return seconds of the monitor's node and peak bytes of dbt's process."""
    monitoring.run(project, "scored", rows)
    return [monitoring.run(project, "watch", rows) for _ in range(runs)]


def main(counts: Sequence[int]) -> None:
    """Measure, print and write a table and a picture."""
    joined = compiled(MODELS, [VIEW])["joined"]
    entries = []
    with tempfile.TemporaryDirectory() as name:
        project = Path(name) / "project"
        project.mkdir()
        monitoring.write_project(project)
        monitoring.run(project, "late", rows=1)
        for rows in counts:
            folder = Path(name) / f"rows_{rows}"
            folder.mkdir()
            write_rows(folder, rows, joined)
            runs = RUNS if rows <= OFTEN else 1
            for step_name in (*STEPS, "monitoring"):
                if step_name == "monitoring":
                    times = monitored(project, rows, runs)
                else:
                    times = [measured(step_name, folder) for _ in range(runs)]
                seconds, peak = (median(values) for values in zip(*times, strict=True))
                entries.append({"step": step_name, "rows": rows, "seconds": seconds, "gigabytes": peak / 1e9})
                print(f"{step_name:11} {rows:>11,} {seconds:9.2f} s {peak / 1e9:7.2f} GB", flush=True)
            shutil.rmtree(folder)
            PAGE.write_text(table(entries) + "\n")
            PICTURE.write_text(picture(entries))


def table(entries: Sequence[Mapping[str, float]]) -> str:
    """Return the measurements as a Markdown table: a line a step, a column a number of rows."""
    counts = sorted({entry["rows"] for entry in entries})
    lines = [
        f"| step | {' | '.join(f'{count:,} rows' for count in counts)} | time per row, last to first |",
        f"|---|{'---|' * (len(counts) + 1)}",
    ]
    for name in dict.fromkeys(entry["step"] for entry in entries):
        of_step = sorted(
            (entry for entry in entries if entry["step"] == name), key=lambda entry: entry["rows"]
        )
        cells = [f"{entry['seconds']:.3g} s, {entry['gigabytes']:.2g} GB" for entry in of_step]
        first, last = (entry["seconds"] / entry["rows"] for entry in (of_step[0], of_step[-1]))
        lines.append(f"| {name} | {' | '.join(cells)} | {last / first:.2f} |")
    return "\n".join(lines)


def picture(entries: Sequence[Mapping[str, float]]) -> str:
    """Return the measurements as SVG: time and peak memory by rows, both on logarithmic scales."""
    x = {"field": "rows", "type": "quantitative", "scale": {"type": "log"}, "axis": {"format": "~s"}}

    def chart(field: str) -> dict[str, object]:
        y = {"field": field, "type": "quantitative", "scale": {"type": "log"}}
        encoding = {"x": x, "y": y, "color": {"field": "step", "type": "nominal", "sort": None}}
        return {"width": 320, "height": 260, "mark": {"type": "line", "point": True}, "encoding": encoding}

    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "data": {"values": list(entries)},
        "hconcat": [chart("seconds"), chart("gigabytes")],
    }
    return str(vl_convert.vegalite_to_svg(spec))


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments and arguments[0] in STEPS:
        step(arguments[0], Path(arguments[1]))
    else:
        main([int(count) for count in (arguments[0] if arguments else COUNTS).split(",")])
