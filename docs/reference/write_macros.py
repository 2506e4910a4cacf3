"""Write macros.md of this folder from the macros' signatures and from the YAML that describes them.

`make reference` runs it; a test compares what it writes with what is here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
NOTE = "<!-- Written by `make reference` from macros/ and tests/dbt/generic/; edit those. -->"
GROUPS = {
    "ml_model": "Models: [guide](../models.md).",
    "monitoring": "Monitors: [guide](../monitoring.md).",
    "scoring": "Predictions: [guide](../predictions.md).",
    "registry": "Versions and champions: [guide](../operations.md). An action on one is a run-operation.",
    "raw_data": "Contracts of raw tables: [guide](../raw_data.md).",
    "governance": "Personal data: [guide](../governance.md).",
    "features": "Feature views and joins: [guide](../features.md), [point in time](../point_in_time.md).",
    "feature_generation": "Features made from related tables: [guide](../features.md#generate-many-keep-few).",
    "increments": "Builds by increments: [guide](../features.md#build-by-increments).",
    "time": "Instants and clocks, in UTC.",
    "runs": "The history of runs: [guide](../run_history.md).",
    "metrics": "Metrics as queries over labels and scores. Gates and evaluation use the same ones.",
    "testing": "For writing generic tests and replays.",
    "project": "What the project does around its nodes.",
    "alerts": "What a run reports at its end: [guide](../alerts.md).",
}
"""The folders of macros in the order of the page, with a line on each."""
INTERNAL = re.compile(
    r"_|default__|duckdb__|spark__|materialization_seed_|materialization_\w+_warehouse_ml_spark"
)
"""How names begin that nobody calls by hand."""
SIGNATURE = re.compile(
    r"{%-?\s*(macro|test|materialization)\s+(\w+)\s*(?:\((.*?)\))?(?:,.*?)?\s*-?%}", re.DOTALL
)


def written() -> dict[str, str]:
    """Return the file of this folder that is written, by name."""
    return {"macros.md": "\n".join(_page()).rstrip("\n") + "\n"}


def _page() -> Iterator[str]:
    yield from ("# Macros and generic tests", "", NOTE, "")
    yield "In a project that installs this package, put `warehouse_ml.` before each name:"
    yield "`{{ warehouse_ml.predict(ref('churn'), ref('customers')) }}`, and in YAML `warehouse_ml.unique_combination`."
    yield ""
    for folder in sorted((ROOT / "macros").iterdir(), key=lambda path: [*GROUPS].index(path.name)):
        entries = [each for each in _described(folder) if not INTERNAL.match(each["name"])]
        if entries:
            yield from (f"## {folder.name}", "", GROUPS[folder.name], "")
            for entry in entries:
                yield from _entry(entry, _signatures(folder))
    yield from ("## Generic tests", "")
    yield "In the YAML of a model, under `data_tests`; `model` is the node that the test stands on."
    yield ""
    folder = ROOT / "tests" / "dbt" / "generic"
    for entry in _described(folder):
        yield from _entry(entry, _signatures(folder))


def _described(folder: Path) -> list[dict[str, Any]]:
    files = sorted(folder.glob("_*.yml"))
    entries = [entry for file in files for entry in yaml.safe_load(file.read_text())["macros"]]
    return sorted(entries, key=lambda entry: str(entry["name"]))


def _signatures(folder: Path) -> dict[str, str]:
    """Return the arguments of each macro, test and materialization with their defaults, by dbt's name."""
    signatures = {}
    for file in sorted(folder.glob("*.sql")):
        for kind, name, arguments in SIGNATURE.findall(file.read_text()):
            full = {"test": f"test_{name}", "materialization": f"materialization_{name}_duckdb"}.get(
                kind, name
            )
            signatures[full] = " ".join(arguments.split())
    return signatures


def _entry(entry: Mapping[str, Any], signatures: Mapping[str, str]) -> Iterator[str]:
    full = str(entry["name"])
    if full.startswith("materialization_"):
        title = f"materialized='{full.removeprefix('materialization_').removesuffix('_duckdb')}'"
    else:
        title = f"{full.removeprefix('test_')}({signatures[full]})"
    yield from (f"### `{title}`", "", " ".join(str(entry["description"]).split()), "")
    arguments = entry.get("arguments", ())
    if arguments:
        yield from ("| argument | meaning |", "|---|---|")
        for each in arguments:
            meaning = " ".join(str(each["description"]).split()).replace("|", "\\|")
            yield f"| `{each['name']}` | {meaning} |"
        yield ""


if __name__ == "__main__":
    for file, text in written().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
