"""What a model reads, at one or more removes, with the SQL of each model as of a cutoff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from training.data.lineage import Columns, Node
from training.data.project_graph import ProjectGraph
from training.errors import LineageError, ReplayError

TABLES = ("table", "incremental")
WITH_A_QUERY = (*TABLES, "view", "ephemeral")


@dataclass(frozen=True)
class Ancestry:
    """What a model reads.

    Parameters
    ----------
    nodes
        Each after what it reads itself.
    query
        The model's own query; None for a model in Python.
    reads
        Names of the relations that the model reads itself.
    columns
        Those of the nodes.
    as_of
        The cutoff; None if the build has none.
    """

    nodes: tuple[Node, ...]
    query: str | None
    reads: tuple[str, ...]
    columns: Columns
    as_of: str | None


def ancestry(graph: ProjectGraph, model: Any, as_built: Collection[str] | None = None) -> Ancestry:
    """Return what a model of the project reads.

    Parameters
    ----------
    graph
        The project, compiled as of a cutoff.
    model
        The node of the model.
    as_built
        Names of models that are read as they stand: all others must then have a query, and be read by `ref`.
        None to read as it stands whatever no query computes, such as the rows of a model in Python.

    Raises
    ------
    training.errors.LineageError
        If a model reads its own rows.
    training.errors.ReplayError
        If `as_built` does not name what no query can compute.
    """
    walk = _Walk(graph, as_built)
    if as_built is None and model.language != "sql":
        query, reads = None, walk.names(model.depends_on_nodes)
    else:
        query, reads = walk.rendered(model)
    nodes = tuple(walk.nodes.values())
    return Ancestry(nodes, query, reads, graph.columns(nodes), graph.cutoff(model))


class _Walk:
    """A walk through all that a model reads; for the parameters see `ancestry`."""

    def __init__(self, graph: ProjectGraph, as_built: Collection[str] | None) -> None:
        self.nodes: dict[str, Node] = {}
        self._graph = graph
        self._as_built = as_built
        self._path: list[str] = []

    def rendered(self, model: Any) -> tuple[str, tuple[str, ...]]:
        """Return the query of a model and the names of what it reads, which is visited."""
        if self._as_built is not None and not _has_query(model):
            kind = model.config.materialized if model.language == "sql" else "Python model"
            raise ReplayError.no_query(model.name, kind)
        query = self._graph.compiled(model)
        reads = self._graph.read_by(model, query)
        self._path.append(model.unique_id)
        if set(reads) & set(self._path):
            raise (LineageError if self._as_built is None else ReplayError).own_rows(model.name)
        if self._as_built is not None:
            if self._graph.relations[model.unique_id].sql in query:  # `this`, be it in a comment
                raise ReplayError.own_rows(model.name)
            for read in (self._graph.nodes[unique_id] for unique_id in reads):
                if self._is_replayed(read) and read.unique_id not in model.depends_on_nodes:
                    raise ReplayError.bare_name(model.name, read.name)
        names = self.names(reads)
        self._path.pop()
        return query, names

    def names(self, unique_ids: Collection[str]) -> tuple[str, ...]:
        """Visit nodes and return their names, in place of an ephemeral model's those of what it reads."""
        names: list[str] = []
        for unique_id in unique_ids:
            if unique_id not in self.nodes:
                self.nodes[unique_id] = self._visited(unique_id)
            node = self.nodes[unique_id]
            names += node.reads if node.is_ephemeral else [node.name]
        return tuple(dict.fromkeys(names))

    def _visited(self, unique_id: str) -> Node:
        node, relation = self._graph.nodes[unique_id], self._graph.relations[unique_id]
        if not self._is_replayed(node):
            return relation
        query, reads = self.rendered(node)
        return replace(relation, query=query, is_table=node.config.materialized in TABLES, reads=reads)

    def _is_replayed(self, node: Any) -> bool:
        if self._as_built is None:
            return _has_query(node)
        return node.resource_type == "model" and node.name not in self._as_built


def _has_query(node: Any) -> bool:
    return (
        node.resource_type == "model" and node.language == "sql" and node.config.materialized in WITH_A_QUERY
    )
