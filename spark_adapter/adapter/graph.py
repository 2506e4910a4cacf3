"""What of a project runs in the DuckDB beside Spark, and which tables it reads there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scoring.decisions import TABLE as DECISIONS
from scoring.spark.state import Place

PACKAGE = "warehouse_ml"
FOLDERS = ("registry", "monitoring")
KEPT = ("run_events", "pipeline_nodes", "retrain_decisions", "personal_data")
"""The ephemeral models of the package that stand for tables which the hooks of a run write."""


class Graph:
    """The nodes of a compiled project.

    Parameters
    ----------
    nodes
        By their unique id; without any, nothing is beside.
    """

    def __init__(self, nodes: Mapping[str, Any]) -> None:
        self._nodes = nodes

    def state(self) -> set[Place]:
        """Return the tables that builds keep: versions, decisions, monitors and the history of runs."""
        places = set[Place]()
        for node in self._nodes.values():
            kind = _materialized(node)
            if kind in ("ml_model", "ml_monitor"):
                places.add(_place(node))
            if kind == "ml_model":
                places.add((str(node.schema), DECISIONS))
            if node.package_name == PACKAGE and node.name in KEPT:
                places.add(_place(node))
        return places

    def schemas(self) -> set[str]:
        """Return the schemas of all nodes."""
        return {str(node.schema) for node in self._nodes.values()}

    def is_beside(self, name: str) -> bool:
        """Return whether a node reads nothing but what is beside: views of the registry, monitors, and their tests."""
        node = self._nodes.get(name)
        if node is None:
            return False
        if str(node.resource_type) == "test":
            parents = [each for each in node.depends_on.nodes if each in self._nodes]
            return bool(parents) and all(map(self._is_kept, parents))
        return self._is_kept(name) and _materialized(node) in ("view", "ml_monitor", "ephemeral")

    def _is_kept(self, name: str) -> bool:
        node = self._nodes[name]
        if _materialized(node) in ("ml_model", "ml_monitor"):
            return True
        return node.package_name == PACKAGE and node.fqn[1] in FOLDERS and str(node.resource_type) == "model"

    def views(self, names: Iterable[str]) -> list[Place]:
        """Return the places of those nodes that are views."""
        return sorted(
            _place(self._nodes[name]) for name in names if _materialized(self._nodes[name]) == "view"
        )

    def reads(self, name: str) -> Iterator[Place]:
        """Yield the tables that a node reads, also those that ephemeral models stand for."""
        if _materialized(self._nodes[name]) == "ephemeral":
            yield _place(self._nodes[name])
        for parent in self._nodes[name].depends_on.nodes:
            node = self._nodes.get(parent)
            if node is None:
                continue
            if _materialized(node) == "ephemeral":
                yield from self.reads(parent)
            else:
                yield _place(node)


def _materialized(node: Any) -> str | None:
    return getattr(node.config, "materialized", None)


def _place(node: Any) -> Place:
    return str(node.schema), str(node.alias)
