"""Time and memory of whole builds, side by side, and where the time goes.

Builds the default project and the full year in turn, each `RUNS` times into an empty warehouse and once more
with nothing changed; then builds the features alone anew. Prints the median wall time (of the features, from
the start of the first one to the end of the last) and peak memory of the dbt process next to the budget; then
the seconds by kind of node and the slowest nodes.

Usage: python benchmarks/build_time.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
RUNS = 3
SLOWEST = 8

VARIABLES = {"first_quarter": "{}", "full_year": "{flights: full_year}"}

#: Kind of build -> what dbt is asked.
COMMANDS = {
    "": ("build",),
    ", unchanged": ("build",),
    ", features": ("run", "--select", "path:models/features"),
}

#: Build -> (most seconds, most gigabytes) on two cores, where something is promised.
MOST = {
    "first_quarter": (90, 2),
    "first_quarter, unchanged": (25, None),
    "full_year": (240, 4),
    "full_year, features": (10, None),
}

ENDS = ((min, "started_at"), (max, "completed_at"))


@dataclass(frozen=True)
class Build:
    """One build: wall seconds, peak memory in gigabytes and seconds by node."""

    seconds: float
    gigabytes: float
    nodes: dict[str, float]


def run_build(kind: str, variables: str, folder: Path) -> Build:
    """Build into the warehouse in a folder; raises if the build fails."""
    dbt = Path(sys.executable).with_name("dbt")
    arguments = [dbt, "--quiet", *COMMANDS[kind], "--vars", variables, "--target-path", folder / "target"]
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=os.environ | {"WAREHOUSE_PATH": str(folder / "warehouse.duckdb")}
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"The build with {variables} failed: mend it before measuring.")
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    if kind == ", features":
        steps = [step for result in results if result["relation_name"] for step in result["timing"]]
        first, last = (datetime.fromisoformat(find(step[at] for step in steps)) for find, at in ENDS)
        seconds = (last - first).total_seconds()
    return Build(
        seconds,
        usage.ru_maxrss / 1024**2,
        {result["unique_id"]: result["execution_time"] for result in results},
    )


def measure() -> dict[str, list[Build]]:
    """Run the builds in turn, so that a change in the machine's speed meets all of them."""
    builds: dict[str, list[Build]] = {name + kind: [] for name in VARIABLES for kind in COMMANDS}
    for _ in range(RUNS):
        for name, variables in VARIABLES.items():
            with tempfile.TemporaryDirectory() as folder:
                for kind in COMMANDS:
                    builds[name + kind].append(run_build(kind, variables, Path(folder)))
    return builds


def report(builds: dict[str, list[Build]]) -> None:
    """Print the medians next to their budgets, then where the time of the median build went."""
    print(f"{'build':26}{'seconds':>9}{'at most':>9}{'GB':>7}{'at most':>9}")
    for name, measured in builds.items():
        seconds = median(build.seconds for build in measured)
        gigabytes = median(build.gigabytes for build in measured)
        most_seconds, most_gigabytes = MOST.get(name, (None, None))
        print(f"{name:26}{seconds:9.1f}{most_seconds or '':>9}{gigabytes:7.2f}{most_gigabytes or '':>9}")
    for name in builds:
        build = sorted(builds[name], key=lambda build: build.seconds)[RUNS // 2]
        kinds: Counter[str] = Counter()
        for node, seconds in build.nodes.items():
            kinds[node.split(".")[0]] += seconds
        print(f"\n{name}: seconds by kind of node, over two threads")
        for kind, seconds in kinds.most_common():
            print(f"  {seconds:7.2f}  {kind}")
        print(f"{name}: the slowest nodes")
        for node, seconds in Counter(build.nodes).most_common(SLOWEST):
            print(f"  {seconds:7.2f}  {node.split('.')[0]} {node.split('.')[2]}")


if __name__ == "__main__":
    report(measure())
