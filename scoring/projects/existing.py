"""A project that exists: its relations, folders and names, from the manifest that dbt writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.errors import NoWarehouseError, ProjectError
from scoring.projects import building
from scoring.projects.origins import Origin, find, plain_name
from scoring.warehouse import open_warehouse

READABLE = ("model", "seed", "snapshot", "source")


@dataclass(frozen=True)
class Project:
    """A dbt project in a folder.

    Parameters
    ----------
    manifest
        As dbt writes it.
    settings
        Its ``dbt_project.yml``.
    """

    folder: Path
    manifest: Mapping[str, Any]
    settings: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name of the project."""
        return str(self.settings["name"])

    @property
    def names(self) -> dict[str, str]:
        """The file of each node of the project, by the node's name."""
        return {
            node["name"]: node["original_file_path"]
            for node in self.manifest["nodes"].values()
            if node["package_name"] == self.name and node["resource_type"] in READABLE
        }

    def folders(self) -> dict[str, str]:
        """Return where a model's files go: into folders ``ml`` and ``marts`` where there are any."""
        models = self._first("model-paths", "models")
        of_kind = {kind: f"{models}/{kind}" for kind in ("ml", "marts")}
        return {"models": models} | {
            kind: path if (self.folder / path).is_dir() else models for kind, path in of_kind.items()
        }

    def seeds(self) -> str:
        """Return where CSV files are."""
        return self._first("seed-paths", "seeds")

    def _first(self, key: str, default: str) -> str:
        paths = self.settings.get(key) or [default]
        return str(paths[0])


def read(folder: Path) -> Project:
    """Return the project in a folder, parsed anew.

    Raises
    ------
    scoring.errors.ProjectError
        If it is none, dbt cannot parse it, or it does not have the dbt package.
    """
    if not (folder / "dbt_project.yml").is_file():
        raise ProjectError.no_project(str(folder))
    manifest = building.parse(folder)
    if "macro.warehouse_ml.predict" not in manifest["macros"]:
        raise ProjectError.not_installed(str(folder))
    import yaml

    settings = yaml.safe_load((folder / "dbt_project.yml").read_text(encoding="utf-8"))
    return Project(folder, manifest, settings)


def resolve(project: Project, text: str) -> Origin:
    """Return the relation of the project, or the CSV file, that a text names.

    Raises
    ------
    scoring.errors.ProjectError
        If there is none, or it is not built.
    scoring.errors.TableError
        If the file is not a CSV file.
    """
    relations = dict(_relations(project))
    if text not in relations and Path(text).is_file():
        return find(text)
    if text not in relations:
        raise ProjectError.no_such_relation(text, list(relations))
    node = relations[text]
    schema, table = node["schema"], node.get("identifier") or node["alias"]
    path = building.warehouse_of(project.folder)
    if not path.is_file():
        raise NoWarehouseError.at(str(path))
    with open_warehouse(str(path), read_only=True) as connection:
        there = connection.execute(
            "select count(*) from information_schema.tables where table_catalog = current_database() "
            "and table_schema = ? and table_name = ?",
            [schema, table],
        ).fetchall()
    if there == [(0,)]:
        raise ProjectError.not_built(text, f"{schema}.{table}")
    is_source = node["resource_type"] == "source"
    call = f"source('{node.get('source_name')}', '{node['name']}')" if is_source else f"ref('{node['name']}')"
    return Origin(
        "node",
        path,
        plain_name(node["name"]) or "rows_of_table",
        schema=schema,
        table=table,
        ref=f"{{{{ {call} }}}}",
        personal=frozenset(name.lower() for name, column in node["columns"].items() if _is_personal(column)),
    )


def _relations(project: Project) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the relations that a model may read, by the names that users write."""
    for node in (*project.manifest["nodes"].values(), *project.manifest["sources"].values()):
        if node["package_name"] != project.name or node["resource_type"] not in READABLE:
            continue
        if node["config"].get("materialized") in ("ml_model", "ml_monitor", "ephemeral"):
            continue
        prefix = f"{node['source_name']}." if node["resource_type"] == "source" else ""
        yield f"{prefix}{node['name']}", node


def _is_personal(column: Mapping[str, Any]) -> bool:
    meta = {**(column.get("meta") or {}), **((column.get("config") or {}).get("meta") or {})}
    return meta.get("pii") is True
