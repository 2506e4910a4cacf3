"""What a model reads, as dbt knows it in a running build; no other module here imports dbt.

Every ancestor is compiled once more by dbt itself, as of a cutoff, from a copy of its node.
"""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass, replace
from typing import Any

from dbt.adapters.factory import get_adapter_by_type
from dbt.compilation import Compiler
from dbt.context.providers import RuntimeVar
from dbt_common.exceptions import DbtBaseException
from jinja2.exceptions import TemplateError

from training.data.lineage import Node, is_read
from training.errors import LineageError

SOME_CUTOFF = "2999-12-31 23:59:59"
"""The cutoff to compile with where the build has none; the real one takes its place in the SQL."""
TABLES = ("table", "incremental")


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
    as_of
        The cutoff of the build; None if it has none.
    """

    nodes: tuple[Node, ...]
    query: str | None
    reads: tuple[str, ...]
    as_of: str | None


def ancestry(model_name: str, schema: str) -> Ancestry:
    """Return what a model of the running build reads.

    Raises
    ------
    training.errors.LineageError
        If dbt cannot compile an ancestor by itself.
    """
    adapter: Any = get_adapter_by_type("duckdb")  # type: ignore[no-untyped-call]
    config, manifest = adapter.config, adapter.get_macro_resolver()
    model = _find(manifest, model_name, schema)
    as_of = RuntimeVar({}, config, model)("as_of", None)
    if as_of is None:
        config = copy(config)
        config.cli_vars = {**config.cli_vars, "as_of": SOME_CUTOFF}
    graph = _Graph(config, manifest)
    connections = adapter.connections
    is_in_transaction = connections.get_thread_connection().transaction_open
    try:
        query = graph.compiled(model) if model.language == "sql" else None
        reads = graph.visit_all(model.depends_on_nodes, query)
    except (DbtBaseException, TemplateError) as error:
        raise LineageError.not_compiled(str(error)) from error
    finally:
        # A macro that looks up columns begins one, which would not see what a model in Python writes.
        if connections.get_thread_connection().transaction_open and not is_in_transaction:
            connections.commit()
    return Ancestry(tuple(graph.nodes.values()), query, reads, None if as_of is None else str(as_of))


class _Graph:
    """The nodes that have been visited, by their id, each after what it reads."""

    def __init__(self, config: Any, manifest: Any) -> None:
        self.nodes: dict[str, Node] = {}
        self._manifest = manifest
        self._compiler = Compiler(config)

    def visit_all(self, unique_ids: list[str], query: str | None) -> tuple[str, ...]:
        """Visit what a query names of all that is upstream, or the nodes themselves; return the names."""
        nodes = [self._found(name) for name in unique_ids]
        for node in nodes:
            if getattr(node.config, "materialized", None) == "ephemeral":
                raise LineageError.ephemeral(node.name)
        if query is not None:
            # A model may only wait for one that it depends on, or read a raw table that another declares.
            nodes = [node for node in self._upstream(unique_ids) if is_read(_place(node), query)]
        return tuple(self._visit(node).name for node in nodes)

    def _upstream(self, unique_ids: list[str]) -> list[Any]:
        listed = list(unique_ids)
        for name in listed:  # which grows on the way
            found = self._manifest.nodes.get(name)
            listed.extend(other for other in (found.depends_on_nodes if found else ()) if other not in listed)
        return [self._found(name) for name in listed]

    def _found(self, unique_id: str) -> Any:
        return self._manifest.nodes.get(unique_id) or self._manifest.sources[unique_id]

    def compiled(self, node: Any) -> str:
        """Return the SQL of a full build of a node, which stays as it is."""
        node = deepcopy(node)
        node.config.full_refresh = True  # is_incremental() is false
        return str(self._compiler.compile_node(node, self._manifest, write=False).compiled_code)

    def _visit(self, node: Any) -> Node:
        if node.unique_id not in self.nodes:
            self.nodes[node.unique_id] = self._node(node)
        return self.nodes[node.unique_id]

    def _node(self, node: Any) -> Node:
        kind = getattr(node.config, "materialized", None)
        if node.resource_type != "model" or node.language != "sql" or kind not in (*TABLES, "view"):
            return _place(node)
        query = self.compiled(node)
        reads = self.visit_all(node.depends_on_nodes, query)
        return replace(_place(node), query=query, is_table=kind in TABLES, reads=reads)


def _place(node: Any) -> Node:
    """Return where a node of dbt is, as a relation that is read as it stands."""
    identifier = node.identifier if node.resource_type == "source" else node.alias
    return Node(str(node.database), str(node.schema), str(identifier))


def _find(manifest: Any, model_name: str, schema: str) -> Any:
    for node in manifest.nodes.values():
        if (node.resource_type, node.schema, node.alias) == ("model", schema, model_name):
            return node
    raise LineageError.not_in_graph(model_name)
