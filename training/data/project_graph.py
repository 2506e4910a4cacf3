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
BESIDE = "model.warehouse_ml.quarantine"
"""The node beside whose relation builds copy the sources that lie outside of the warehouse."""
OWN_ENGINES = ("duckdb", "ducklake", "motherduck")
"""Databases of these engines are read where they are; the macro ``_foreign_engine`` has the same rule."""


class ProjectGraph(ABC):
    """The nodes of a project, each model compiled as of a cutoff.

    Parameters
    ----------
    nodes
        Models, seeds, snapshots and sources by their id, with the attributes that dbt gives them.
    relations
        Where each is.
    """

    is_on_spark = False
    """Whether relations are tables of Spark, which computes no part of a query once to keep it."""

    def __init__(self, nodes: Mapping[str, Any], relations: Mapping[str, Node]) -> None:
        self.nodes = nodes
        self.relations = {
            unique_id: self._copy_of(nodes[unique_id], relation, relations.get(BESIDE)) or relation
            for unique_id, relation in relations.items()
        }
        self._places = {
            place: unique_id for unique_id, node in self.relations.items() for place in node.places
        }

    def _copy_of(self, node: Any, relation: Node, beside: Node | None) -> Node | None:
        """Return the copy that models read of a source under a contract; None for what they read where it is."""
        meta = getattr(node.config, "meta", None) or {}
        if node.resource_type != "source" or "raw_contract" not in meta or "plugin" in meta or beside is None:
            return None
        if "external_location" not in meta and not (relation.is_attached and self._is_foreign(relation)):
            return None
        name = f"raw_{node.source_name}__{node.name}"
        return Node(beside.database, beside.schema, name, is_attached=beside.is_attached)

    def _is_foreign(self, relation: Node) -> bool:
        """Return whether a database that may be attached, or is not any longer, is of another engine."""
        query = "select type from duckdb_databases() where lower(database_name) = lower(?)"
        engines = self.session().execute(query, [relation.database]).fetchall()
        return all(engine not in OWN_ENGINES for (engine,) in engines)

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
