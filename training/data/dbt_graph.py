"""A project as dbt knows it in a running build, compiled as of a cutoff; no other module here imports dbt."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from copy import copy, deepcopy
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

import duckdb
from dbt import selected_resources
from dbt.adapters.factory import FACTORY
from dbt.clients.jinja import get_rendered
from dbt.context.providers import RuntimeVar, generate_runtime_model_context
from dbt_common.exceptions import DbtBaseException
from dbt_common.invocation import get_invocation_id
from jinja2.exceptions import TemplateError

from training.data.lineage import Columns, Node
from training.data.project_graph import KINDS, SOME_CUTOFF, ProjectGraph
from training.errors import LineageError

SPARK = "warehouse_ml_spark"
MARK = "replayed_as_of"
"""The name in the context of Jinja by which a macro sees that it is compiled here, and as of when."""

_Answer = TypeVar("_Answer")


def with_graph(cutoff: str | None, answer: Callable[[Graph], _Answer], *, is_new: bool = False) -> _Answer:
    """Return an answer of the running project, compiled as of a cutoff.

    What is compiled may ask the warehouse, so this has a connection of its own: dbt has one per thread, and
    that of the calling thread is in the midst of a statement or of a transaction.

    Parameters
    ----------
    cutoff
        ISO text in UTC; None for that of the build, or `SOME_CUTOFF`.
    answer
        Gives the answer from the graph.
    is_new
        Whether to compile anew what is compiled already: before the first node, relations are not there yet that
        models ask about while they are compiled.

    Raises
    ------
    training.errors.LineageError
        If dbt does not run, or cannot compile a model by itself.
    """
    try:
        adapter = _adapter()
    except ValueError as error:  # dbt is installed, and does not run
        raise LineageError.no_dbt() from error

    def run() -> _Answer:
        with adapter.connection_named("as of a cutoff"):
            return answer(Graph(adapter, cutoff) if is_new else _graph(get_invocation_id(), cutoff))

    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            return pool.submit(copy_context().run, run).result()
        except (DbtBaseException, TemplateError) as error:
            raise LineageError.not_compiled(str(error)) from error


@lru_cache(maxsize=8)
def _graph(invocation: str, cutoff: str | None) -> Graph:
    """Return the graph of a run of dbt as of a cutoff, which its models and tests share."""
    return Graph(_adapter(), cutoff)


def _adapter() -> Any:
    """Return the adapter of the run of dbt, which has one."""
    (adapter,) = FACTORY.adapters.values()
    return adapter


class Graph(ProjectGraph):
    """The project of a run of dbt, with each model compiled once as of a cutoff.

    Within a run dbt builds a relation before anything that reads it, so that what a model asks the warehouse
    while it is compiled is there.

    Parameters
    ----------
    adapter
        That of dbt, whose thread has a connection.
    cutoff
        ISO text in UTC; None for that of the build, or `SOME_CUTOFF`.
    """

    def __init__(self, adapter: Any, cutoff: str | None) -> None:
        self._adapter = adapter
        self._manifest = adapter.get_macro_resolver()
        self._cutoff = cutoff
        self._lock = Lock()
        self._compiled: dict[str, str] = {}
        self.is_on_spark = adapter.config.credentials.type == SPARK
        nodes: dict[str, Any] = {
            node.unique_id: node
            for node in (*self._manifest.nodes.values(), *self._manifest.sources.values())
            if node.resource_type in KINDS
        }
        super().__init__(nodes, {unique_id: self._relation(node) for unique_id, node in nodes.items()})

    def cutoff(self, node: Any) -> str | None:
        """Return the cutoff of a model; None if the build has none."""
        value = self._cutoff or RuntimeVar({}, self._adapter.config, node)("as_of", None)
        return None if value is None else str(value)

    def compiled(self, node: Any) -> str:
        """Return the SQL of a full build of a model, whose node stays as it is."""
        with self._lock:
            if node.unique_id not in self._compiled:
                own, config = deepcopy(node), copy(self._adapter.config)
                own.config.full_refresh = True  # is_incremental() is false
                cutoff = self.cutoff(node) or SOME_CUTOFF
                config.cli_vars = {**config.cli_vars, "as_of": cutoff}
                context = generate_runtime_model_context(own, config, self._manifest)
                context[MARK] = cutoff
                # `Compiler.compile_node` puts ephemeral models in as they were compiled for the build.
                try:
                    self._compiled[node.unique_id] = str(get_rendered(node.raw_code, context, own))
                except (DbtBaseException, TemplateError) as error:
                    raise LineageError.not_compiled(str(error)) from error
            return self._compiled[node.unique_id]

    def columns(self, nodes: Collection[Node]) -> Columns:
        """Return the columns of the relations that are there, and their types as the engine calls them."""
        if not self.is_on_spark:
            return super().columns(nodes)
        columns = {}
        for node in nodes:
            if not node.is_ephemeral and (types := self._adapter.types_of(node.schema, node.identifier)):
                columns[node.name] = types
        return columns

    def session(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of dbt's connection."""
        cursor: duckdb.DuckDBPyConnection = self._adapter.connections.get_thread_connection().handle.cursor()
        return cursor

    def _relation(self, node: Any) -> Node:
        """Return where dbt reads a node, which may be deferred."""
        place, arguments = node, self._adapter.config.args
        deferred = getattr(node, "defer_relation", None)
        if deferred and getattr(arguments, "defer", False):
            is_preferred = (
                arguments.favor_state and node.unique_id not in selected_resources.SELECTED_RESOURCES
            )
            if is_preferred or not self._adapter.get_relation(node.database, node.schema, node.identifier):
                place = deferred
        return Node(
            place.database or "",  # Spark has none
            str(place.schema),
            str(place.identifier),
            is_ephemeral=getattr(node.config, "materialized", None) == "ephemeral",
            is_attached=place.database != self._adapter.config.credentials.database,
        )
