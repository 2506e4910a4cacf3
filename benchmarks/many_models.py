"""Many small models by dbt against plain LightGBM on the same rows: seconds a model, new and unchanged.

`MODELS` models of `ROWS` rows and ten features, two of them text, every second one a regression, are declared in
SQL. In turn, `RUNS` times each: a process reads the tables and calls ``lightgbm.train`` with the same settings and
the same training and validation rows, timed around those calls alone, imports left out; ``dbt run`` trains all
models in an empty warehouse with one thread, then runs again with nothing changed; and trains them in another empty
warehouse with two threads. What counts of dbt is the time from the start of the first node to the end of the last,
which includes imports, reading, checks, export, parity, baselines, evaluation and the decision. Prints the medians
by model.

Usage: [MODELS=20] python benchmarks/many_models.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import median

import duckdb
from ratios import record

ROOT = Path(__file__).parents[1]
MODELS = int(os.environ.get("MODELS", "50"))
ROWS, NUMBERS, RUNS = 2_000, 8, 3
TREES, LEAVES, PATIENCE = 200, 15, 50
TRAIN, VALIDATION = 0.7, 0.15
BEYOND, UNCHANGED = 0.8, 0.15
"""The most seconds of a new model beyond LightGBM's own, and of one in which nothing has changed."""

PLAIN = """
import json, sys, time
import duckdb, lightgbm, numpy as np
given = json.loads(sys.argv[1])
warehouse = duckdb.connect(given["path"], read_only=True)
seconds = 0.0
for number in range(given["models"]):
    task = "regression" if number % 2 else "binary"
    rows = warehouse.sql(f"select * from raw.small_{number} order by predicted_at").fetchnumpy()
    label = rows["label"].astype(float)
    columns = [rows[f"x{n}"] for n in range(given["numbers"])]
    columns += [np.unique(rows[name], return_inverse=True)[1].astype(float) for name in ("plan", "place")]
    cuts = [round(share * len(label)) for share in given["cuts"]]
    train, stop = slice(0, cuts[0]), slice(*cuts)
    matrix = np.column_stack(columns)
    settings = dict(objective=task, metric="l2" if number % 2 else "binary_logloss", verbosity=-1, seed=1,
                    deterministic=True, force_row_wise=True, num_threads=1, **given["settings"])
    categories = [given["numbers"], given["numbers"] + 1]
    started = time.perf_counter()
    rows = lightgbm.Dataset(matrix[train], label[train], categorical_feature=categories)
    validation = lightgbm.Dataset(matrix[stop], label[stop], reference=rows)
    stopping = lightgbm.early_stopping(given["patience"], verbose=False)
    lightgbm.train(settings, rows, given["trees"], valid_sets=[validation], callbacks=[stopping])
    seconds += time.perf_counter() - started
print(seconds)
"""
SETTINGS = {
    "num_leaves": LEAVES,
    "learning_rate": 0.05,
    "min_data_in_leaf": 20,
    "min_data_per_group": 70,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "lambda_l2": 1.0,
}
MODEL = "select * from {{{{ source('raw', 'small_{number}') }}}}\n"
YAML = """
  - name: small_{number}_model
    config:
      meta:
        ml:
          task: {task}
          label: label
          key: id
          time: predicted_at
          split: {{method: sequential, validation: {validation}, test: {test:.2f}}}
          estimator: lightgbm
          params: {params}
          gates: [{{metric: {metric}}}]
"""


def write_project(folder: Path) -> None:
    """Write a project of small models, each over a table of its own."""
    left_out = shutil.ignore_patterns("models", "seeds", "dbt_packages", "target", "logs")
    shutil.copytree(ROOT / "dbt_project", folder, ignore=left_out)
    (folder / "packages.yml").write_text(f"packages:\n  - local: {ROOT}\n")
    models = folder / "models" / "ml"
    models.mkdir(parents=True)
    tables = ", ".join(f"{{name: small_{number}}}" for number in range(MODELS))
    text = f"sources: [{{name: raw, schema: raw, tables: [{tables}]}}]\nmodels:"
    params = json.dumps({"num_iterations": TREES, "early_stopping_round": PATIENCE, **SETTINGS})
    for number in range(MODELS):
        (models / f"small_{number}_model.sql").write_text(MODEL.format(number=number))
        text += YAML.format(
            number=number,
            task="regression" if number % 2 else "binary",
            metric="rmse, max: 1000" if number % 2 else "roc_auc, min: 0.5",
            validation=VALIDATION,
            test=1 - TRAIN - VALIDATION,
            params=params,
        )
    (models / "models.yml").write_text(text)
    features = ", ".join(f"random() as x{n}" for n in range(NUMBERS))
    with duckdb.connect(str(folder / "tables.duckdb")) as warehouse:
        warehouse.execute("create schema raw; select setseed(0.5)")
        for number in range(MODELS):
            signal = "sin(6 * x0) * x1 + x2 * x3 + (plan = 'p1')::integer + random()"
            warehouse.execute(
                f"create table raw.small_{number} as "
                f"with drawn as (select id, {features}, 'p' || floor(random() * 4)::integer as plan, "
                f"'place ' || floor(random() * 30)::integer as place from range({ROWS}) as rows (id)) "
                "select *, timestamp '2013-01-01' + id * interval 1 minute as predicted_at, "
                f"{signal if number % 2 else f'{signal} > 1.2'} as label from drawn"
            )


def plain(folder: Path) -> float:
    """Return seconds of ``lightgbm.train`` on all tables."""
    given = {
        "path": str(folder / "tables.duckdb"),
        "models": MODELS,
        "numbers": NUMBERS,
        "cuts": [TRAIN, TRAIN + VALIDATION],
        "settings": SETTINGS,
        "patience": PATIENCE,
        "trees": TREES,
    }
    command = [sys.executable, "-c", PLAIN, json.dumps(given)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return float(printed.splitlines()[-1])


def by_dbt(folder: Path, *, threads: int) -> float:
    """Return seconds from the start of the first node to the end of the last."""
    dbt = Path(sys.executable).with_name("dbt")
    command = [dbt, "--quiet", "run", "--threads", str(threads), "--select", "path:models/ml"]
    if subprocess.run(command, cwd=folder).returncode:
        raise SystemExit("The training failed: mend it before measuring.")
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    models = [result for result in results if result["unique_id"].startswith("model.")]  # and no hooks
    steps = [step for result in models for step in result["timing"]]
    started, completed = (
        find(datetime.fromisoformat(step[at]) for step in steps)
        for find, at in ((min, "started_at"), (max, "completed_at"))
    )
    return (completed - started).total_seconds()


def measure(folder: Path) -> dict[str, float]:
    """Return the seconds of one turn by kind."""
    seconds = {"plain": plain(folder)}
    for threads in (1, 2):
        shutil.copy(folder / "tables.duckdb", folder / "warehouse.duckdb")
        name = "new" if threads == 1 else "concurrent"
        seconds[name] = by_dbt(folder, threads=threads)
        if threads == 1:
            seconds["unchanged"] = by_dbt(folder, threads=threads)
    return seconds


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        write_project(folder)
        dbt = Path(sys.executable).with_name("dbt")
        for command in (["deps"], ["parse"]):
            subprocess.run([dbt, "--quiet", *command], cwd=folder, check=True)
        turns = [measure(folder) for _ in range(RUNS)]
    of_model = {kind: median(turn[kind] for turn in turns) / MODELS for kind in turns[0]}
    print(f"seconds a model, of {MODELS}")
    for kind, seconds in of_model.items():
        print(f"  {kind:18}{seconds:7.3f}")
    beyond = median((turn["new"] - turn["plain"]) / MODELS for turn in turns)
    print(f"new, beyond LightGBM {beyond:.3f}, at most {BEYOND}; unchanged at most {UNCHANGED}")
    for kind in ("new", "concurrent", "unchanged"):
        theirs = [turn["plain"] for turn in turns]
        record(f"many small models, {kind}", [turn[kind] for turn in turns], "lightgbm", theirs)


if __name__ == "__main__":
    main()
