"""A project whose customers are people: marked columns, and every way in which they go on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dbt_process
import own_project
from ml_project import write
from project import Project, Run

KEY = "a key of sixteen or more characters"
PERSON = "zoe.quarles.{}@example.org"
"""The address of a customer; no error, artifact or log may hold one."""
ROWS = 200
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "is_late",
    "key": "customer_id",
    "split": {"method": "random", "test": 0.3},
    "params": {"num_iterations": 5, "num_leaves": 4, "min_data_in_leaf": 5},
}
PERSONAL = {"pii": True}


def customers(rows: int = ROWS) -> str:
    lines = ["customer_id,email,born,city,amount,is_late"]
    for number in range(rows):
        lines.append(
            f"{number},{PERSON.format(number)},19{50 + number % 40}-02-03,city {number % 3},"
            f"{number * 37 % 101},{str(number * 37 % 101 > 50).lower()}"
        )
    return "\n".join(lines) + "\n"


def seeds(columns: Mapping[str, Any]) -> str:
    """Return the YAML of the seed, with the meta of some of its columns."""
    seed = {
        "name": "customers",
        "columns": [{"name": name, "config": {"meta": meta}} for name, meta in columns.items()],
    }
    return json.dumps({"seeds": [seed]})


def node(name: str, *, meta: Mapping[str, Any] | None = None, **columns: Any) -> dict[str, Any]:
    """Return an entry of YAML, with the meta of the node and of some columns."""
    return {
        "name": name,
        "config": {"meta": dict(meta or {})},
        "columns": [
            {"name": column, "description": "A column.", "config": {"meta": each}}
            for column, each in columns.items()
        ],
    }


def view(name: str, *features: str, **block: Any) -> dict[str, Any]:
    """Return the YAML of a feature view of customers."""
    columns = {name: {"nulls": "unknown"} for name in (*features, "event_at", "known_at")}
    described = {"entity": "customer", "keys": ["email"], "owner": "shop", **block}
    return node(name, meta={"feature_view": described}, email={}, **columns)


def make(
    folder: Path,
    queries: Mapping[str, str],
    models: Mapping[str, Mapping[str, Any]] | None = None,
    files: Mapping[str, str] | None = None,
    *,
    marks: Mapping[str, Any] | None = None,
    described: list[dict[str, Any]] | None = None,
) -> Project:
    """Write the project.

    Parameters
    ----------
    queries
        The queries of models, by name; of a name in `models` its training query.
    models
        The blocks of ML models.
    marks
        The meta of the seed's columns; the address and the birthday are personal unless given.
    described
        Further entries of YAML for models.
    """
    models = dict(models or {})
    own = own_project.make(
        folder,
        {"customers": customers()},
        models,
        queries={name: query for name, query in queries.items() if name in models},
        files={
            **{f"models/marts/{name}.sql": query for name, query in queries.items() if name not in models},
            "models/described.yml": json.dumps({"models": described or []}),
            "seeds/customers.yml": seeds({"email": PERSONAL, "born": PERSONAL} if marks is None else marks),
            **(files or {}),
        },
    )
    write(own, "seeds/customers.csv", customers())
    return own


def build(project: Project, key: str = KEY) -> Run:
    """Build the project's own nodes, with a key to mask with."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "WAREHOUSE_"))
    }
    code, output = dbt_process.run(
        ["--no-use-colors", "build", "-s", "package:own"],
        project.folder,
        environment | {"WAREHOUSE_ML_MASK_KEY": key},
    )
    return Run(code, " ".join(output.split()))
