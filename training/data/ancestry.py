"""What a model reads, at one or more removes, with the SQL of each model as of a cutoff."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scoring.warehouse import Relation
from training.data.lineage import Columns, Node
from training.errors import LineageError, ReplayError

if TYPE_CHECKING:
    from training.data.dbt_graph import Graph

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


def trained_on(graph: Graph, versions: Relation) -> Ancestry:
    """Return what a model is trained on.

    What no query can compute, such as the rows of a model in Python, is read as it stands.

    Raises
    ------
    training.errors.LineageError
        If the model is not in the graph, or an ancestor reads its own rows.
    """
    model = graph.find(versions)
    walk = _Walk(graph, set(), is_strict=False)
    if model.language == "sql":
        query, reads = walk.rendered(model)
        return walk.ancestry(model, query, reads)
    return walk.ancestry(model, None, walk.names(model.depends_on_nodes))


def replayed(graph: Graph, unique_id: str, as_built: Collection[str]) -> Ancestry:
    """Return what a model reads, all of which a query can compute but for the models named in `as_built`.

    Raises
    ------
    training.errors.ReplayError
        If a model has no query, reads its own rows, or reads a model that dbt does not know it reads.
    """
    model, walk = graph.nodes[unique_id], _Walk(graph, as_built, is_strict=True)
    if not _has_query(model):
        raise ReplayError.no_query(model.name, _kind(model))
    query, reads = walk.rendered(model)
    return walk.ancestry(model, query, reads)


class _Walk:
    """A walk through all that a model reads.

    Parameters
    ----------
    graph
        The project.
    as_built
        Names of models that are read as they stand.
    is_strict
        Whether any other model must have a query, and be read by `ref`.
    """

    def __init__(self, graph: Graph, as_built: Collection[str], *, is_strict: bool) -> None:
        self._graph = graph
        self._as_built = as_built
        self._is_strict = is_strict
        self._nodes: dict[str, Node] = {}
        self._path: list[str] = []

    def ancestry(self, model: Any, query: str | None, reads: tuple[str, ...]) -> Ancestry:
        """Return what has been visited."""
        nodes = tuple(self._nodes.values())
        return Ancestry(nodes, query, reads, self._graph.columns(nodes), self._graph.cutoff(model))

    def rendered(self, model: Any) -> tuple[str, tuple[str, ...]]:
        """Return the query of a model and the names of what it reads, which is visited."""
        query = self._graph.compiled(model)
        reads = self._graph.read_by(model, query)
        self._path.append(model.unique_id)
        if set(reads) & set(self._path):
            raise (ReplayError if self._is_strict else LineageError).own_rows(model.name)
        if self._is_strict:
            self._check(model, query, reads)
        names = self.names(reads)
        self._path.pop()
        return query, names

    def names(self, unique_ids: Collection[str]) -> tuple[str, ...]:
        """Visit nodes and return their names, in place of an ephemeral model's those of what it reads."""
        names: list[str] = []
        for node in map(self._visit, unique_ids):
            names += node.reads if node.is_ephemeral else [node.name]
        return tuple(dict.fromkeys(names))

    def _check(self, model: Any, query: str, reads: Collection[str]) -> None:
        if self._graph.relations[model.unique_id].sql in query:  # `this`, be it in a text
            raise ReplayError.own_rows(model.name)
        for read in (self._graph.nodes[unique_id] for unique_id in reads):
            if self._is_model(read) and read.unique_id not in model.depends_on_nodes:
                raise ReplayError.bare_name(model.name, read.name)

    def _is_model(self, node: Any) -> bool:
        return node.resource_type == "model" and node.name not in self._as_built

    def _visit(self, unique_id: str) -> Node:
        if unique_id not in self._nodes:
            node, visited = self._graph.nodes[unique_id], self._graph.relations[unique_id]
            if self._is_model(node) and _has_query(node):
                query, reads = self.rendered(node)
                is_table = node.config.materialized in TABLES
                visited = replace(visited, query=query, is_table=is_table, reads=reads)
            elif self._is_model(node) and self._is_strict:
                raise ReplayError.no_query(node.name, _kind(node))
            self._nodes[unique_id] = visited
        return self._nodes[unique_id]


def _has_query(node: Any) -> bool:
    return (
        node.resource_type == "model" and node.language == "sql" and node.config.materialized in WITH_A_QUERY
    )


def _kind(node: Any) -> str:
    return str(node.config.materialized) if node.language == "sql" else "Python model"
