"""A project as a walk through it needs it: its nodes, where they are, and the SQL of each as of a cutoff."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from typing import Any

import duckdb

from scoring.warehouse import Relation
from training.data.lineage import Columns, Node
from training.data.table_names import Place, named
from training.errors import LineageError

SOME_CUTOFF = "2999-12-31 23:59:59"
"""The cutoff to compile with where the build has none; the real one takes its place in the SQL."""
KINDS = ("model", "seed", "snapshot", "source")


class ProjectGraph(ABC):
    """The nodes of a project, each model compiled as of a cutoff.

    Parameters
    ----------
    nodes
        Models, seeds, snapshots and sources by their id, with the attributes that dbt gives them.
    relations
        Where each is.
    """

    def __init__(self, nodes: Mapping[str, Any], relations: Mapping[str, Node]) -> None:
        self.nodes, self.relations = nodes, relations
        self._places = {place: unique_id for unique_id, node in relations.items() for place in node.places}

    @abstractmethod
    def cutoff(self, node: Any) -> str | None:
        """Return the cutoff of a model; None if the build has none."""

    @abstractmethod
    def compiled(self, node: Any) -> str:
        """Return the SQL of a full build of a model."""

    @abstractmethod
    def session(self) -> duckdb.DuckDBPyConnection:
        """Return a connection that sees what is built."""

    def find(self, relation: Relation) -> Any:
        """Return the node of a model by where it is built."""
        place = (relation.database, relation.schema, relation.name)
        for node in self.nodes.values():
            if node.resource_type == "model" and (node.database, node.schema, node.alias) == place:
                return node
        raise LineageError.not_in_graph(relation.name)

    def read_by(self, node: Any, query: str) -> list[str]:
        """Return the ids of the nodes that a model's query reads.

        It may depend on one that it only waits for, and read one by its name that dbt does not know of.
        """
        places = self.places(node)
        return list(dict.fromkeys(unique_id for unique_id, name in named(query, places) if name.is_table))

    def places(self, node: Any) -> dict[Place, str]:
        """Return the ids of all nodes by the names by which a model's query may read them."""
        places = dict(self._places)
        for unique_id in filter(self.relations.get, node.depends_on_nodes):
            # Ephemeral models of two packages may have one name.
            places |= dict.fromkeys(self.relations[unique_id].places, unique_id)
        return places

    def columns(self, nodes: Collection[Node]) -> Columns:
        """Return the columns of the relations that are there."""
        session = self.session()
        columns = {}
        for node in nodes:
            if not node.is_ephemeral:
                try:
                    relation = session.sql(f"from {node.sql}")
                except duckdb.InterruptException:
                    raise
                except duckdb.Error:
                    continue
                columns[node.name] = dict(zip(relation.columns, map(str, relation.types), strict=True))
        return columns


compiled_project: ContextVar[ProjectGraph | None] = ContextVar("compiled_project", default=None)
"""The project whose models are trained without dbt; None in a run of dbt."""
