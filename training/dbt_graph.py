"""What a model reads, as dbt knows it in a running build; no other module here imports dbt.

Every ancestor is compiled once more by dbt itself, as of a cutoff, from a copy of its node.
"""

from __future__ import annotations

from copy import copy, deepcopy
from dataclasses import dataclass
from typing import Any

from dbt.adapters.factory import get_adapter_by_type
from dbt.compilation import Compiler
from dbt.context.providers import RuntimeVar
from dbt_common.exceptions import DbtBaseException
from jinja2.exceptions import TemplateError

from training.errors import LineageError
from training.lineage import Node

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
    try:
        reads = graph.visit_all(model.depends_on_nodes)
        query = graph.compiled(model) if model.language == "sql" else None
    except (DbtBaseException, TemplateError) as error:
        raise LineageError.not_compiled(str(error)) from error
    return Ancestry(tuple(graph.nodes.values()), query, reads, None if as_of is None else str(as_of))


class _Graph:
    """The nodes that have been visited, by their id, each after what it reads."""

    def __init__(self, config: Any, manifest: Any) -> None:
        self.nodes: dict[str, Node] = {}
        self._manifest = manifest
        self._compiler = Compiler(config)

    def visit_all(self, unique_ids: list[str]) -> tuple[str, ...]:
        """Visit nodes and what they read; return their names."""
        return tuple(self._visit(unique_id).name for unique_id in unique_ids)

    def compiled(self, node: Any) -> str:
        """Return the SQL of a full build of a node, which stays as it is."""
        node = deepcopy(node)
        node.config.full_refresh = True  # is_incremental() is false
        return str(self._compiler.compile_node(node, self._manifest, write=False).compiled_code)

    def _visit(self, unique_id: str) -> Node:
        if unique_id not in self.nodes:
            found = self._manifest.nodes.get(unique_id) or self._manifest.sources[unique_id]
            self.nodes[unique_id] = self._node(found)
        return self.nodes[unique_id]

    def _node(self, node: Any) -> Node:
        identifier = node.identifier if node.resource_type == "source" else node.alias
        place = (str(node.database), str(node.schema), str(identifier))
        kind = getattr(node.config, "materialized", None)
        if kind == "ephemeral":
            raise LineageError.ephemeral(node.name)
        if node.resource_type != "model" or node.language != "sql" or kind not in (*TABLES, "view"):
            return Node(*place)
        reads = self.visit_all(node.depends_on_nodes)
        return Node(*place, query=self.compiled(node), is_table=kind in TABLES, reads=reads)


def _find(manifest: Any, model_name: str, schema: str) -> Any:
    for node in manifest.nodes.values():
        if (node.resource_type, node.schema, node.alias) == ("model", schema, model_name):
            return node
    raise LineageError.not_in_graph(model_name)
