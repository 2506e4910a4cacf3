"""Training by dbt against plain LightGBM on the same rows: time and peak memory, side by side in one run.

For each of `FORMS`, a table of rows and `FEATURES` features is written to a DuckDB file, of which `TRAIN` are fitted.
Then, in turn, `RUNS` times each, a process reads the matrix and calls ``lightgbm.train`` with the same settings and the
same training and validation rows, and ``dbt run`` trains one model declared in SQL, timed by dbt's own account of the
node, which includes imports, reading, checks, export, parity, baselines and evaluation. The plain seconds are those of
``lightgbm.train`` and, where a form says so, of reading. Prints medians and ratios.

Usage: [BENCHMARK=short] python benchmarks/train_time.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import duckdb
from ratios import FORM, record, size

ROOT = Path(__file__).parents[1]
FEATURES, RUNS = 20, size(3, short=2)
TRAIN, VALIDATION = 0.8, 0.1
LARGEST = 1.1


@dataclass(frozen=True)
class Form:
    """What is trained, whether reading counts for both, and the largest ratio that is promised."""

    name: str
    rows: int
    trees: int
    leaves: int
    with_reading: bool
    at_most: float


FORMS = {
    "full": (
        Form("many_trees", 1_250_000, 500, 63, with_reading=False, at_most=1.1),  # fitted: a million
        Form("many_rows", 5_000_000, 50, 31, with_reading=True, at_most=1.25),
    ),
    "short": (Form("many_trees", 100_000, 400, 31, with_reading=False, at_most=1.1),),
}[FORM]

PLAIN = """
import resource, sys, time
import duckdb, lightgbm, numpy as np
before = time.perf_counter()
warehouse = duckdb.connect(sys.argv[1], read_only=True)
rows = warehouse.sql("select * from raw.numbers order by predicted_at").fetchnumpy()
label = rows["label"].astype(float)
cuts = [round(float(share) * len(label)) for share in sys.argv[5:]]
train, stop = slice(0, cuts[0]), slice(*cuts)
matrix = np.column_stack([rows[f"x{n}"] for n in range(int(sys.argv[2]))])
settings = dict(objective="binary", num_leaves=int(sys.argv[4]), learning_rate=0.1, verbosity=-1, seed=1,
                deterministic=True, force_row_wise=True, min_data_in_leaf=50)
started = time.perf_counter()
rows = lightgbm.Dataset(matrix[train], label[train])
validation = lightgbm.Dataset(matrix[stop], label[stop], reference=rows)
stopping = lightgbm.early_stopping(int(sys.argv[3]), verbose=False)
lightgbm.train(settings, rows, int(sys.argv[3]), valid_sets=[validation], callbacks=[stopping])
print(time.perf_counter() - started, started - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
MODEL = "{{ config(materialized='ml_model') }}\n\nselect * from {{ source('raw', 'numbers') }}\n"


def block(form: Form) -> str:
    """Return the YAML of the model."""
    return f"""
sources: [{{name: raw, schema: raw, tables: [{{name: numbers}}]}}]
models:
  - name: speed
    config:
      meta:
        ml:
          task: binary
          label: label
          key: id
          time: predicted_at
          split: {{method: sequential, validation: {VALIDATION}, test: {1 - TRAIN - VALIDATION:.1f}}}
          params: {{num_iterations: {form.trees}, num_leaves: {form.leaves}, learning_rate: 0.1, bagging_fraction: 1.0,
                   early_stopping_round: {form.trees}, bagging_freq: 0, feature_fraction: 1.0, lambda_l2: 0.0}}
"""


def write_project(folder: Path, form: Form) -> None:
    """Write a project of one model over a table of numbers."""
    left_out = shutil.ignore_patterns("models", "jfk_weather.*", "dbt_packages", "target")
    shutil.copytree(ROOT / "dbt_project", folder, ignore=left_out)
    (folder / "packages.yml").write_text(f"packages:\n  - local: {ROOT}\n")
    (folder / "models" / "ml").mkdir(parents=True)
    (folder / "models" / "ml" / "speed.sql").write_text(MODEL)
    (folder / "models" / "ml" / "speed.yml").write_text(block(form))
    features = ", ".join(f"random() as x{n}" for n in range(FEATURES))
    with duckdb.connect(str(folder / "warehouse.duckdb")) as warehouse:
        warehouse.execute("create schema raw; select setseed(0.5)")
        warehouse.execute(
            "create table raw.numbers as "
            f"with drawn as (select id, {features} from range({form.rows}) as rows (id)) "
            "select *, timestamp '2013-01-01' + id * interval 1 minute as predicted_at, "
            "random() < 0.5 * (sin(6 * x0) * x1 + x2 * x3 + 0.5) as label from drawn"
        )


def plain(folder: Path, form: Form) -> tuple[float, float]:
    """Return seconds of ``lightgbm.train``, with reading if the form says so, and peak bytes of its process."""
    arguments = [
        sys.executable,
        "-c",
        PLAIN,
        folder / "warehouse.duckdb",
        *map(str, (FEATURES, form.trees, form.leaves, TRAIN, TRAIN + VALIDATION)),
    ]
    printed = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    seconds, reading, kilobytes = map(
        float, printed.splitlines()[-1].split()
    )  # LightGBM may print notices before
    return seconds + (reading if form.with_reading else 0), kilobytes * 1024


def by_dbt(folder: Path) -> tuple[float, float]:
    """Return seconds of the model's node and peak bytes of dbt's process."""
    dbt = Path(sys.executable).with_name("dbt")
    process = subprocess.Popen([dbt, "--quiet", "run", "--full-refresh", "-s", "speed"], cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit("The training failed: mend it before measuring.")
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    (seconds,) = (result["execution_time"] for result in results if result["unique_id"].startswith("model."))
    return seconds, usage.ru_maxrss * 1024


def measure(form: Form) -> None:
    """Measure one form, print and record."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        write_project(folder, form)
        dbt = Path(sys.executable).with_name("dbt")
        subprocess.run([dbt, "--quiet", "deps"], cwd=folder, check=True)
        runs = [(plain(folder, form), by_dbt(folder)) for _ in range(RUNS)]
    print(f"training, {form.name}: {form.rows:,} rows, {form.trees} trees x {form.leaves} leaves")
    for position, unit, scale, most in ((0, "seconds", 1, form.at_most), (1, "GB", 1e9, LARGEST)):
        theirs, ours = (median(run[who][position] for run in runs) / scale for who in (0, 1))
        ratio = median(run[1][position] / run[0][position] for run in runs)
        print(f"{unit:8} plain {theirs:8.2f}   ml_model {ours:8.2f}   ratio {ratio:5.2f}   at most {most}")
    ours, theirs = ([run[who][0] for run in runs] for who in (1, 0))
    record(f"training, {form.name}", ours, "lightgbm", theirs, at_most=form.at_most)


def main() -> None:
    """Measure and print."""
    for form in FORMS:
        measure(form)


if __name__ == "__main__":
    main()
