"""Training from a compiled project, without dbt: what the nodes of materialization ``ml_model`` would train."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from scoring import decisions
from scoring.functions import ModelFunctions
from scoring.training_runs import Trained
from scoring.warehouse import Relation, Warehouse
from training.data.compiled_graph import CompiledGraph, read_nodes
from training.data.project_graph import compiled_project
from training.errors import CompiledProjectError
from training.materialize import materialize, materialize_python
from training.personal.marks import marks_of
from training.project import FOLDER_VARIABLE
from training.renaming import KEY
from training.train import INVOCATION_VARIABLE

AS_OF = "as_of"
"""The folder in dbt's target folder with the project compiled as of `training.data.project_graph.SOME_CUTOFF`."""


def train_compiled(
    warehouse: Warehouse, project: Path, target: Path, names: Sequence[str], *, retrain: bool
) -> Iterator[Trained]:
    """Train models of a compiled project, each after those that it depends on, and yield what became of each.

    Parameters
    ----------
    warehouse
        The warehouse, with all that the training queries read.
    project
        The folder of the dbt project.
    target
        dbt's target folder.
    names
        The models; all if empty.
    retrain
        Whether to train even if nothing has changed.

    Raises
    ------
    training.errors.CompiledProjectError
        If the project is not compiled, or not for this warehouse, or has no such model.
    """
    nodes = read_nodes(target)
    models = _chosen(nodes, names)
    ((database,),) = warehouse.rows("select current_database()")
    for node in models:
        if node.compiled_code is None:
            raise CompiledProjectError.not_compiled(node.name)
        if node.database != database:
            raise CompiledProjectError.other_database(node.name, node.database, database)
    ModelFunctions(warehouse.connection).define_macros(warehouse.connection)
    invocation = str(uuid4())
    for name, value in ((INVOCATION_VARIABLE, invocation), (FOLDER_VARIABLE, str(project.absolute()))):
        warehouse.connection.execute(f"set variable {name} = ?", [value])
    graph = CompiledGraph(nodes, warehouse.connection)
    with _lineage(target / AS_OF, warehouse.connection):
        for node in models:
            yield _trained(warehouse, graph, node, invocation, retrain=retrain)


def _chosen(nodes: Mapping[str, Any], names: Sequence[str]) -> list[Any]:
    """Return the models in the order of their dependencies."""
    models = {
        node.name: node
        for node in nodes.values()
        if node.resource_type == "model" and node.config.materialized == "ml_model"
    }
    if unknown := [name for name in names if name not in models]:
        raise CompiledProjectError.no_such_model(unknown, list(models))
    order = TopologicalSorter({unique_id: node.depends_on_nodes for unique_id, node in nodes.items()})
    wanted = {models[name].unique_id for name in names or models}
    return [nodes[unique_id] for unique_id in order.static_order() if unique_id in wanted]


@contextmanager
def _lineage(folder: Path, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let versions keep the query of their training rows meanwhile, from the project compiled as of a cutoff."""
    graph = CompiledGraph(read_nodes(folder), connection) if folder.is_dir() else None
    token = compiled_project.set(graph)
    try:
        yield
    finally:
        compiled_project.reset(token)


def _trained(
    warehouse: Warehouse, graph: CompiledGraph, node: Any, invocation: str, *, retrain: bool
) -> Trained:
    connection, nodes = warehouse.connection, graph.nodes
    versions = Relation(node.database, node.schema, node.alias)
    before = _newest(warehouse, versions)
    due = nodes.get("model.warehouse_ml.retrain_decisions")
    options: dict[str, Any] = {
        "query": node.compiled_code,
        "relation": [*_place(node)],
        "config": node.config.meta.get("ml"),
        "retrain": retrain,
        "without_data": False,
        "invocation": invocation,
        "monitors": [
            _place(each)
            for _, each in sorted(nodes.items())
            if each.config.materialized == "ml_monitor"
            and each.config.meta.get("ml_monitor", {}).get("model") == node.name
        ],
        "retrain_decisions": None
        if due is None or not warehouse.columns(Relation(*_place(due)))
        else _place(due),
        "has_personal_data": any(marks_of(each).personal for each in nodes.values()),
        "project": graph,
        "models": [
            [*_place(each), block.get(KEY) or "" if isinstance(block, dict) else ""]
            for each in _chosen(nodes, [])
            for block in [each.config.meta.get("ml")]
        ],
    }

    def load(name: str) -> duckdb.DuckDBPyRelation:
        return connection.sql(f"from {name}")

    if node.language == "python":
        done = materialize_python(connection, load=load, source=node.raw_code, **options)
    else:
        done = materialize(connection, load=load, **options)
    ((action, champion, reason),) = warehouse.rows(
        f"select action, version, reason from {decisions.table_beside(versions).sql} where model_name = ? "
        "order by sequence desc limit 1",
        [versions.name],
    )
    newest = _newest(warehouse, versions)
    return Trained(
        versions.name,
        newest if newest != before else None,
        champion,
        action,
        reason,
        done.notices,
        done.details,
    )


def _place(node: Any) -> tuple[str, str, str]:
    return node.database, node.schema, node.identifier


def _newest(warehouse: Warehouse, versions: Relation) -> int | None:
    if not warehouse.columns(versions):
        return None
    ((newest,),) = warehouse.rows(f"select max(version) from {versions.sql}")
    return None if newest is None else int(newest)
