"""Time and memory of whole builds from nothing, side by side, and where the time goes.

Builds the default project and the full year in turn, each `RUNS` times into an empty warehouse, and prints
the median wall time and peak memory of the dbt process next to the budget, then the seconds by kind of node
and the slowest nodes.

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
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
RUNS = 3
SLOWEST = 8

#: Name -> (vars, most seconds, most gigabytes) on two cores.
BUILDS = {"first_quarter": ("{}", 90, 2), "full_year": ("{flights: full_year}", 240, 4)}


@dataclass(frozen=True)
class Build:
    """One build: wall seconds, peak memory in gigabytes and seconds by node."""

    seconds: float
    gigabytes: float
    nodes: dict[str, float]


def run_build(variables: str, folder: Path) -> Build:
    """Build everything into a new warehouse in a folder; raises if the build fails."""
    dbt = Path(sys.executable).with_name("dbt")
    arguments = [dbt, "--quiet", "build", "--vars", variables, "--target-path", folder / "target"]
    started = time.perf_counter()
    process = subprocess.Popen(
        arguments, cwd=ROOT, env=os.environ | {"WAREHOUSE_PATH": str(folder / "warehouse.duckdb")}
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status != 0:
        raise SystemExit(f"The build with {variables} failed: mend it before measuring.")
    results = json.loads((folder / "target" / "run_results.json").read_text())["results"]
    return Build(
        seconds,
        usage.ru_maxrss / 1024**2,
        {result["unique_id"]: result["execution_time"] for result in results},
    )


def measure() -> dict[str, list[Build]]:
    """Run the builds in turn, so that a change in the machine's speed meets all of them."""
    builds: dict[str, list[Build]] = {name: [] for name in BUILDS}
    for _ in range(RUNS):
        for name, (variables, _, _) in BUILDS.items():
            with tempfile.TemporaryDirectory() as folder:
                builds[name].append(run_build(variables, Path(folder)))
    return builds


def report(builds: dict[str, list[Build]]) -> None:
    """Print the medians next to their budgets, then where the time of the median build went."""
    print(f"{'build':15}{'seconds':>9}{'at most':>9}{'GB':>7}{'at most':>9}")
    for name, (_, most_seconds, most_gigabytes) in BUILDS.items():
        seconds = median(build.seconds for build in builds[name])
        gigabytes = median(build.gigabytes for build in builds[name])
        print(f"{name:15}{seconds:9.1f}{most_seconds:9}{gigabytes:7.2f}{most_gigabytes:9}")
    for name in BUILDS:
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
