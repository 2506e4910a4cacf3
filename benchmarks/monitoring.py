"""Time of a monitor over scored rows with 20 features, by the number of rows.

Trains a small model in a project of its own, scores rows into a table, and builds the monitor of them with dbt; prints
the seconds of the monitor's node next to the budget, and seconds per million rows, which are to stay the same.

Usage: python benchmarks/monitoring.py
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = (250_000, 1_000_000, 4_000_000)
BUDGET = {1_000_000: 3.0}
RUNS = 3

#: 18 numbers, a category of 60 values and a number of nine values.
FEATURES = ", ".join(
    [
        f"hash(n, {feature}) % 100003 / 10007e0 + hash(n, {-feature}) % 1009 / 77e0 as f{feature}"
        for feature in range(1, 19)
    ]
    + ["'c' || hash(n, 'c') % 60 as shop", "cast(hash(n, 'k') % 9 as integer) as pages"]
)
QUERY = """select n as id, timestamp '{start}' + to_seconds(cast(n * 2419200 // {rows} as bigint)) as scored_on,
    'plan ' || n % 3 as plan, {features} from (select range as n from range({rows}))"""
BLOCK = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "time": "scored_on",
    "split": {"method": "sequential", "test": 0.2},
    "slices": [{"column": "plan", "feature": False}],
    "estimator": "lightgbm",
    "params": {"num_iterations": 5},
}
PROJECT = """name: measured
version: 0.1.0
config-version: 2
profile: my_warehouse
flags: {send_anonymous_usage_stats: false}
"""


def write_project(folder: Path) -> None:
    """Write a project with a model, its scored rows and their monitor."""
    history = QUERY.format(start="2023-01-01", rows=100_000, features=FEATURES)
    live = QUERY.format(start="2024-01-01", rows="{{ var('rows') }}", features=FEATURES)
    monitor = {"model": "late", "slices": ["plan"]}
    files = {
        "dbt_project.yml": PROJECT,
        "packages.yml": json.dumps({"packages": [{"local": str(ROOT)}]}),
        "models/late.sql": "{{ config(materialized='ml_model') }}\n"
        f"select *, f1 + f2 > 20 as is_late from ({history})",
        "models/scored.sql": "{{ config(materialized='table') }}\n-- depends_on: {{ ref('late') }}\n"
        f"select *, ml_predict('late@1', named) as prediction, 1 as model_version from ({live}) as named",
        "models/watch.sql": "{{ config(materialized='ml_monitor') }}\nselect * from {{ ref('scored') }}",
        "models/models.yml": json.dumps(
            {
                "models": [
                    {"name": "late", "config": {"meta": {"ml": BLOCK}}},
                    {"name": "watch", "config": {"meta": {"ml_monitor": monitor}}},
                ]
            }
        ),
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    shutil.copy(ROOT / "dbt_project" / "profiles.yml", folder)
    shutil.copytree(ROOT / "dbt_project" / "macros", folder / "macros")
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages" / "warehouse_ml").symlink_to(ROOT)


def run(folder: Path, model: str, rows: int) -> tuple[float, float]:
    """Build a model; return its seconds and the peak bytes of dbt's process."""
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "--quiet", "run", "--vars", json.dumps({"rows": rows}), "--select", model]
    process = subprocess.Popen(command, cwd=folder)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"The build of {model} failed: mend it before measuring.")
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    seconds = {result["unique_id"]: result["execution_time"] for result in results}
    return seconds[f"model.measured.{model}"], usage.ru_maxrss * 1024


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_project(folder)
        run(folder, "late", rows=1)
        print("rows        seconds   per million   at most")
        for rows in ROWS:
            run(folder, "scored", rows)
            seconds = min(run(folder, "watch", rows)[0] for _ in range(RUNS))
            most = f"{BUDGET[rows]:.1f}" if rows in BUDGET else ""
            print(f"{rows:<11,} {seconds:7.2f}   {seconds / rows * 1e6:11.2f}   {most:>7}", flush=True)


if __name__ == "__main__":
    main()
