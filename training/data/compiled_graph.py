"""A project as `dbt compile` left it: the manifest in dbt's target folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb

from training.data.lineage import Node
from training.data.project_graph import KINDS, ProjectGraph
from training.errors import CompiledProjectError, LineageError

FILE = "manifest.json"


def read_nodes(folder: Path) -> dict[str, Any]:
    """Return the nodes and sources of a compiled project by their id, with the attributes that dbt gives them.

    Parameters
    ----------
    folder
        dbt's target folder.

    Raises
    ------
    training.errors.CompiledProjectError
        If it holds no manifest.
    """
    path = folder / FILE
    try:
        manifest = json.loads(path.read_bytes())
        nodes = {**manifest["nodes"], **manifest["sources"]}
        return {unique_id: _node(node) for unique_id, node in nodes.items() if node["resource_type"] in KINDS}
    except FileNotFoundError as error:
        raise CompiledProjectError.missing(str(path)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CompiledProjectError.unreadable(str(path)) from error


class CompiledGraph(ProjectGraph):
    """A project that was compiled as of `training.data.project_graph.SOME_CUTOFF`.

    Parameters
    ----------
    nodes
        See `read_nodes`.
    connection
        A connection to the warehouse.
    """

    def __init__(self, nodes: Mapping[str, Any], connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        ((own,),) = connection.execute("select current_database()").fetchall()
        super().__init__(
            nodes,
            {
                unique_id: Node(
                    node.database,
                    node.schema,
                    node.identifier,
                    is_ephemeral=node.config.materialized == "ephemeral",
                    is_attached=node.database != own,
                )
                for unique_id, node in nodes.items()
            },
        )

    def cutoff(self, node: Any) -> str | None:
        """Return that the builds have none."""
        return None

    def compiled(self, node: Any) -> str:
        """Return the SQL of a model as it was compiled.

        Raises
        ------
        training.errors.LineageError
            If the project was parsed and not compiled, or not as of a cutoff.
        """
        if node.compiled_code is None:
            raise LineageError.not_compiled(f"{node.name} has no compiled query")
        return str(node.compiled_code)

    def session(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of the connection."""
        return self._connection.cursor()


def _node(node: Mapping[str, Any]) -> SimpleNamespace:
    """Return a node; what only some kinds have is None."""
    config = node.get("config") or {}
    return SimpleNamespace(
        unique_id=node["unique_id"],
        name=node["name"],
        resource_type=node["resource_type"],
        source_name=node.get("source_name"),
        package_name=node["package_name"],
        database=node["database"],
        schema=node["schema"],
        identifier=node.get("alias") or node.get("identifier") or node["name"],
        alias=node.get("alias"),
        language=node.get("language", "sql"),
        raw_code=node.get("raw_code", ""),
        compiled_code=node.get("compiled_code"),
        depends_on_nodes=(node.get("depends_on") or {}).get("nodes", []),
        columns={
            name: SimpleNamespace(
                meta={**(column.get("meta") or {}), **((column.get("config") or {}).get("meta") or {})}
            )
            for name, column in (node.get("columns") or {}).items()
        },
        config=SimpleNamespace(materialized=config.get("materialized"), meta=config.get("meta") or {}),
    )
