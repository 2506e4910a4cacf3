"""A small project that installs this one, with versions made by hand: the registry judges them as any."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from project import ROOT, Project, Run

from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from training.version import sealed

SIGNATURE = Signature((Feature.number("x"), Feature.number("y")), classes=("no", "yes"))
Gates = list[dict[str, Any]]

PROJECT = """
name: shop
version: 0.1.0
config-version: 2
profile: shop
flags: {send_anonymous_usage_stats: false}
models: {shop: {+schema: ml}}
seeds: {shop: {+schema: ml}}
"""
PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: warehouse.duckdb
      threads: 2
      plugins: [{module: scoring.plugin, alias: warehouse_ml}]
"""


def make_project(folder: Path, models: Mapping[str, Gates]) -> Project:
    """Return a project with these models and their gates, without a warehouse yet."""
    project = Project(folder)
    shutil.copytree(ROOT / "dbt_project" / "macros", folder / "macros")
    (folder / "seeds").mkdir()
    for file in ("model_pins.csv", "model_pins.yml"):
        shutil.copy(ROOT / "seeds" / file, folder / "seeds")
    (folder / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT)}]}))
    (folder / "dbt_project.yml").write_text(f"{PROJECT}vars: {json.dumps({'ml_models': list(models)})}\n")
    (folder / "profiles.yml").write_text(PROFILE)
    (folder / "models").mkdir()
    declare(project, models)
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages" / "warehouse_ml").symlink_to(ROOT)  # as `dbt deps` does
    return project


def declare(project: Project, models: Mapping[str, Gates]) -> None:
    """Write the models with the gates, or the whole block, of today. dbt never builds them."""
    for name, gates in models.items():
        (project.folder / "models" / f"{name}.sql").write_text("select 1 as version\n")
        ml = gates if isinstance(gates, Mapping) else {"task": "binary", "gates": gates}
        block = {"meta": {"ml": ml}}
        node = {"models": [{"name": name, "config": block}]}
        (project.folder / "models" / f"{name}.yml").write_text(json.dumps(node))


def pin(project: Project, pins: Iterable[tuple[str, int, str]]) -> None:
    lines = ["model_name,version,reason", *(f"{name},{version},{why}" for name, version, why in pins)]
    (project.folder / "seeds" / "model_pins.csv").write_text("\n".join(lines) + "\n")


def build(project: Project) -> Run:
    """Build the registry and the pins, and nothing else; warnings stay warnings."""
    dbt = Path(sys.executable).with_name("dbt")
    command = [dbt, "--no-use-colors", "build", "--select", "package:warehouse_ml", "model_pins"]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)
    return Run(done.returncode, " ".join((done.stdout + done.stderr).split()))


def measured(
    metric: str,
    value: float | None,
    predictor: str = "model",
    dataset: str = "test",
    slice_column: str | None = None,
    slice_value: str | None = None,
) -> dict[str, Any]:
    """Return one entry of the column ``metrics``."""
    return {
        "dataset": dataset,
        "predictor": predictor,
        "slice_column": slice_column,
        "slice_value": slice_value,
        "metric": metric,
        "value": value,
    }


def stored(gate: Mapping[str, Any]) -> dict[str, Any]:
    """Return a gate of the YAML as a version row keeps it; it has one comparison and at most one slice."""
    (comparison,) = gate.keys() - {"metric", "dataset", "slices", "severity"}
    return {
        "metric": gate["metric"],
        "dataset": gate.get("dataset", "test"),
        "comparison": comparison,
        "threshold": gate[comparison],
        "slice_column": gate.get("slices"),
        "severity": gate.get("severity", "error"),
    }


def add_version(
    project: Project, name: str, version: int, *metrics: dict[str, Any], gates: Gates, **values: Any
) -> None:
    """Append a version row as training would."""
    artifact = f"{name} {version}".encode()
    row = {
        "model_name": name,
        "version": version,
        "created_at": datetime.now(UTC).replace(tzinfo=None),
        "task": "binary",
        "estimator": "lightgbm",
        "signature": SIGNATURE.to_row(),
        "training_snapshot": {
            "rows": 100,
            "features": [{"name": "x", "type": "number", "mean": 2.0}, {"name": "y", "type": "number"}],
        },
        "changes": ["first" if version == 1 else "data"],
        "metrics": list(metrics),
        "curves": [
            {"dataset": "test", "curve": "roc", "x": 0.0, "y": 0.5, "threshold": 0.9},
            {"dataset": "test", "curve": "roc", "x": 1.0, "y": 1.0, "threshold": 0.1},
        ],
        "confusion": [{"dataset": "test", "actual": "no", "predicted": "yes", "rows": 3}],
        "gates": [stored(gate) for gate in gates],
        "feature_importance": [{"feature": "x", "gain": 3.5, "splits": 2}],
        "feature_selection": [
            {"feature": "x", "is_selected": True, "value": 3.0},
            {"feature": "y", "is_selected": True, "value": 2.0},
            {"feature": "z", "is_selected": False, "reason": "uninformative", "value": 0.5},
        ],
        "tuning_trials": [{"trial": 0, "estimator": "lightgbm", "metric": "log_loss", "value": 0.5}],
        "parity": {"max_relative_difference": 0.0, "largest_allowed": 1e-15, "rows_compared": 100},
        "artifact": artifact,
        "artifact_sha256": sha256(artifact).hexdigest(),
        **values,
    }
    rows = sealed(pa.Table.from_pylist([dict.fromkeys(VERSION_SCHEMA.names) | row], schema=VERSION_SCHEMA))
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.register("version_row", rows)
        warehouse.execute("create schema if not exists ml")
        warehouse.execute(f"create table if not exists ml.{name} as from version_row limit 0")
        warehouse.execute(f"insert into ml.{name} from version_row")


def champions(project: Project) -> dict[str, tuple[int, str]]:
    rows = project.query("select model_name, version, reason from ml.champions")
    return {name: (version, reason) for name, version, reason in rows}
