"""What a project's YAML says of its models, from the manifest that dbt writes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.errors import ReportError
from scoring.warehouse import Relation

FILE = "manifest.json"


@dataclass(frozen=True)
class Declared:
    """What the YAML says of a model; None where it says nothing.

    Parameters
    ----------
    description
        The model's description.
    owner
        ``config.meta.owner``, else the owner of the model's dbt group.
    intended_use, limits
        ``config.meta.intended_use`` and ``config.meta.limits``: a text, or a list of texts.
    """

    description: str | None = None
    owner: str | None = None
    intended_use: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """A manifest, or that there is none.

    Parameters
    ----------
    path
        Where it is; None if there is none.
    project
        The name of the project.
    models
        What is declared, by schema and name in lower case.
    """

    path: Path | None = None
    project: str | None = None
    models: Mapping[tuple[str, str], Declared] | None = None

    def of(self, relation: Relation) -> Declared | None:
        """Return what is declared of the model whose versions a table holds."""
        return (self.models or {}).get((relation.schema.lower(), relation.name.lower()))


def find(*folders: Path) -> Manifest:
    """Return the manifest of the first of these projects that has one.

    Parameters
    ----------
    folders
        Folders of projects; the manifest is in dbt's target folder.

    Raises
    ------
    scoring.errors.ReportError
        If it is no manifest.
    """
    target = os.environ.get("DBT_TARGET_PATH") or "target"
    for folder in folders:
        path = folder / target / FILE
        if path.is_file():
            return read(path)
    return Manifest()


def read(path: Path) -> Manifest:
    """Return a manifest.

    Raises
    ------
    scoring.errors.ReportError
        If it is none.
    """
    try:
        content = json.loads(path.read_bytes())
        nodes, groups = content["nodes"].values(), content.get("groups", {}).values()
        owners = {
            group["name"]: group["owner"].get("name") or group["owner"].get("email") for group in groups
        }
        models = {
            (node["schema"].lower(), (node.get("alias") or node["name"]).lower()): _declared(node, owners)
            for node in nodes
            if node["resource_type"] == "model"
        }
        return Manifest(path, content["metadata"].get("project_name"), models)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ReportError.manifest_unreadable(str(path)) from error


def _declared(node: Mapping[str, Any], owners: Mapping[str, str]) -> Declared:
    meta = node["config"].get("meta") or {}
    owner = meta.get("owner") or owners.get(node["config"].get("group") or "")
    return Declared(
        " ".join(node["description"].split()) or None,
        ", ".join(_texts(owner)) or None,
        _texts(meta.get("intended_use")),
        _texts(meta.get("limits")),
    )


def _texts(value: Any) -> tuple[str, ...]:
    """Return a text or a list of texts as texts; a mapping, such as an owner's name and address, as its values."""
    parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
    return tuple(" ".join(str(part).split()) for part in parts if part not in (None, ""))
