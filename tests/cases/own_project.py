"""A project of somebody who installs this one: their tables as seeds, a model or more, nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml_project import declare, write
from project import ROOT, Project

PROJECT = """
name: own
version: 0.1.0
config-version: 2
profile: my_warehouse
flags: {send_anonymous_usage_stats: false}
models:
  own:
    +materialized: table
    ml: {+schema: ml}
    marts: {+schema: marts}
seeds:
  own: {+schema: raw}
"""


def make(
    folder: Path,
    seeds: Mapping[str, str],
    models: Mapping[str, Mapping[str, Any]],
    *,
    queries: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    variables: Mapping[str, Any] | None = None,
    has_macros: bool = True,
) -> Project:
    """Write a project without a warehouse yet.

    Parameters
    ----------
    seeds
        The text of each CSV file, by the name of the seed. Nothing is said of their columns.
    models
        The block ``meta: ml:`` of each model, by its name.
    queries
        The training query of a model; without one, all columns of the first seed.
    files
        What else there is, by path.
    variables
        The project's vars.
    has_macros
        Whether the project has the macros of the starter: plain names of schemas, and the seeds of this project.
        Without them its schemas are dbt's own, such as main_ml.
    """
    starter = ROOT / "dbt_project"
    project = Project(folder)
    write(project, "profiles.yml", (starter / "profiles.yml").read_text())
    if has_macros:
        shutil.copytree(starter / "macros", folder / "macros")
    write(project, "packages.yml", json.dumps({"packages": [{"local": str(ROOT)}]}))
    (folder / "dbt_packages").mkdir()
    (folder / "dbt_packages/warehouse_ml").symlink_to(ROOT)  # as `dbt deps` does
    write(project, "dbt_project.yml", f"{PROJECT.lstrip()}vars: {json.dumps(dict(variables or {}))}\n")
    for name, text in seeds.items():
        write(project, f"seeds/{name}.csv", text)
    for name, block in models.items():
        first = f"select * from {{{{ ref('{next(iter(seeds), '')}') }}}}"
        declare(project, block, (queries or {}).get(name, first), name)
    for path, text in (files or {}).items():
        write(project, path, text)
    return project
