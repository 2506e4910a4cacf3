"""Checks of a project: packages, profile, warehouse, schemas, blocks, leftovers. dbt writes its target folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from scoring import installed_package, training_packages
from scoring.carrying_over import is_of_an_older_release
from scoring.doctor.findings import Check, Finding
from scoring.errors import (
    DatabaseNameError,
    LockedWarehouseError,
    NoWarehouseError,
    ProjectError,
    TrainingPackagesError,
)
from scoring.projects import building
from scoring.warehouse import open_warehouse

PATTERN = re.compile(r"[*?{}()\[\]]|^\w+:")
"""What makes a place more than the path of one file: a glob, a template, a call or a URL."""
PLUGIN = "scoring.plugin"
PLUGIN_LINES = "plugins: [{module: scoring.plugin, alias: warehouse_ml}]"


def packages(folder: Path) -> Iterator[Finding]:
    """Check that the dbt package is installed, and of the distribution's version."""
    place, link = folder / "dbt_packages" / installed_package.NAME, folder / installed_package.LINK
    if installed_package.name_and_version(folder)[0] == installed_package.NAME:
        return  # the package itself
    if link.is_symlink() and not link.exists():
        yield Finding(
            f"{link} leads to {os.readlink(link)}, which is not there: the environment was moved or made anew.",
            "warehouse-ml package && dbt deps",
        )
        return
    if not place.exists():
        texts = [
            path.read_text(encoding="utf-8", errors="replace")
            for path in (folder / "packages.yml", folder / "dependencies.yml")
            if path.is_file()
        ]
        needs_link = any(installed_package.LINK in text for text in texts) and not link.exists()
        if any(re.search(r"\b(local|git|package|tarball)['\"]?\s*:", text) for text in texts):
            yield Finding(
                "The dbt package warehouse_ml is not installed in dbt_packages.",
                "warehouse-ml package && dbt deps" if needs_link else "dbt deps",
            )
        else:
            yield Finding(
                "packages.yml does not name the dbt package, so that no model can be declared.",
                f"add `- local: {installed_package.LINK}` under packages in packages.yml, then "
                "warehouse-ml package && dbt deps",
            )
        return
    of_package, here = installed_package.name_and_version(place)[1], installed_package.version()
    if of_package != here:
        yield Finding(
            f"The dbt package is version {of_package}, and the installed distribution is {here}: macros and "
            "Python code do not fit.",
            "name the same version in packages.yml and requirements.txt, then pip install -r "
            "requirements.txt && dbt deps",
        )


def profile(folder: Path) -> Iterator[Finding]:
    """Check that dbt reads the profile, that it is of DuckDB, and that it has the plugin."""
    try:
        credentials = building.credentials_of(folder)
    except ProjectError as error:
        yield Finding(str(error), "dbt debug")
        return
    if credentials["type"] != "duckdb":
        yield Finding(
            f"The profile is for {credentials['type']}; models are trained and kept in DuckDB.",
            "set type: duckdb and a path in profiles.yml",
        )
    elif PLUGIN not in credentials["plugins"]:
        yield Finding(
            f"The profile lacks the plugin {PLUGIN}, which gives dbt the SQL function ml_predict.",
            f"add the line `{PLUGIN_LINES}` to the output in profiles.yml",
        )
    for path in credentials["attached"]:
        if _is_missing(folder, path):
            yield Finding(
                f"The file {path}, which the profile attaches, is not there.",
                "correct its path under attach in profiles.yml",
            )


def warehouse(folder: Path) -> Iterator[Finding]:
    """Check that the warehouse can be written, is not locked, and is of this release."""
    try:
        path = building.warehouse_of(folder)
    except ProjectError:
        return  # which the check of the profile reports
    if path.name == ":memory:" or "://" in str(path) or path.name.startswith("md:"):
        return
    if not path.parent.is_dir():
        yield Finding(f"The folder of the warehouse, {path.parent}, is not there.", f"mkdir -p {path.parent}")
        return
    unwritable = path if path.exists() and not os.access(path, os.W_OK) else path.parent
    if not os.access(unwritable, os.W_OK):
        yield Finding(f"{unwritable} cannot be written, so that no build can end.", f"chmod u+w {unwritable}")
    if not path.exists():
        return
    try:
        with open_warehouse(str(path), read_only=True) as connection:
            is_old = is_of_an_older_release(connection)
        if os.access(path, os.W_OK):  # a reader in another process holds a file as well
            open_warehouse(str(path)).close()
    except LockedWarehouseError as error:
        yield Finding(str(error), "close it there, or kill the process that is named")
        return
    except DatabaseNameError as error:
        yield Finding(
            str(error), f"mv {path} {path.with_name('warehouse.duckdb')}, and name it in profiles.yml"
        )
        return
    except (NoWarehouseError, duckdb.Error) as error:
        yield Finding(
            str(error).splitlines()[0], f"restore it from a copy, or mv {path} {path}.broken && dbt build"
        )
        return
    if is_old:
        yield Finding(
            f"{path} has tables of models in the form of an older release; a build brings them to this one.",
            "dbt build",
        )


def declarations(folder: Path) -> Iterator[Finding]:
    """Check that dbt parses the project, that schemas differ from the database, and that every block is right."""
    try:
        manifest = building.parse(folder)
    except ProjectError as error:
        yield Finding(str(error), "dbt parse")
        return
    nodes = [
        node for node in manifest["nodes"].values() if node["resource_type"] in ("model", "seed", "snapshot")
    ]
    nodes += manifest["sources"].values()
    for node in nodes:
        if node["schema"] and node["schema"].lower() == str(node["database"]).lower():
            yield Finding(
                f"The schema {node['schema']} of {node['name']} is called like the database, so that names "
                "are ambiguous.",
                "give the warehouse's file another name in profiles.yml",
            )
            break
    for node in manifest["sources"].values():
        location = str(((node.get("config") or {}).get("meta") or {}).get("external_location") or "").strip(
            "'"
        )
        if location and _is_missing(folder, location):
            yield Finding(
                f"The file {location} of the source {node['source_name']}.{node['name']} is not there.",
                "correct its external_location, or the var that names it in dbt_project.yml",
            )
    own = [node for node in nodes if node["package_name"] == manifest["metadata"]["project_name"]]
    described = [_described(node) for node in own]
    models = [node for node in described if node["materialized"] == "ml_model"]
    try:
        problems = training_packages.load("blocks", "The check of YAML blocks")(json.dumps(described))
        problems += training_packages.load("model_blocks", "The check of YAML blocks")(json.dumps(models))
    except TrainingPackagesError as error:
        yield Finding(str(error), "pip install 'warehouse-ml[training]'")
        return
    for problem in problems:
        yield Finding(problem, "correct the YAML; docs/reference says what each key takes")


def leftovers(folder: Path) -> Iterator[Finding]:
    """Check for files that a killed command left."""
    for pattern in (".warehouse-ml-*", ".*.partial", f"{installed_package.LINK}.[0-9]*"):
        for path in sorted(folder.glob(pattern)):
            yield Finding(f"{path} is what a killed command left; nothing reads it.", f"rm -r {path}")


def _is_missing(folder: Path, place: str) -> bool:
    """Return whether a place is that of one file of this machine, and the file is not there."""
    return PATTERN.search(place) is None and not (folder / place).exists()


def _described(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return a node of the manifest as the readers of blocks take it."""
    is_source = node["resource_type"] == "source"
    columns = {
        name: {
            "description": column.get("description"),
            "nulls": ((column.get("config") or {}).get("meta") or column.get("meta") or {}).get("nulls"),
        }
        for name, column in node["columns"].items()
    }
    return {
        "name": f"{node['source_name']}.{node['name']}" if is_source else node["name"],
        "file": str(node.get("patch_path") or node["original_file_path"]).rpartition("://")[2],
        "kind": node["resource_type"],
        "materialized": node["config"].get("materialized"),
        "columns": columns,
        "column_types": node["config"].get("column_types") or {},
        "blocks": node["config"].get("meta") or {},
    }


CHECKS = (
    Check("the dbt package is installed, in the distribution's version", packages),
    Check("the profile and its plugin", profile),
    Check("the warehouse can be written, and is not locked", warehouse),
    Check("the project parses, and its blocks are right", declarations),
    Check("no leftovers", leftovers),
)
