"""What hooks and monitors ask about personal data: the entry point ``personal_data`` of ``warehouse_ml.training``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from scoring.warehouse import Relation, Warehouse
from training.data.dbt_graph import with_graph
from training.data.project_graph import ProjectGraph
from training.personal.check import flow_of
from training.personal.flow import Flow
from training.personal.recorded import recorded
from training.personal.uses import FEATURE_VIEW, problem_of, use_of

ROW = pa.schema(
    {
        "personal_column": pa.string(),
        "relation": pa.string(),
        "column_name": pa.string(),
        "kind": pa.string(),
        "method": pa.string(),
        "permission": pa.string(),
        "is_personal": pa.bool_(),
        "path": pa.list_(pa.string()),
        "dbt_invocation_id": pa.string(),
        "recorded_at": pa.timestamp("us"),
    }
)


def personal_data(cursor: duckdb.DuckDBPyConnection, request: str) -> list[str]:
    """Answer a request of a macro, and return what is wrong, one sentence each.

    Parameters
    ----------
    cursor
        A connection to the warehouse, in no transaction.
    request
        JSON with ``do``: ``check`` marks and feature views before the first node, as far as they can be followed
        while relations are not there; ``monitor``, the slices of the monitor ``node``; ``record`` in ``table`` where
        personal data flows; or ``report`` on the nodes ``built``.
    """
    fields = json.loads(request)
    if fields["do"] == "check":
        return with_graph(None, lambda graph: list(_before(Flow(graph), graph)), is_new=True)
    if fields["do"] == "monitor":
        return with_graph(None, lambda graph: list(_of_node(graph, fields["node"])))

    if fields["do"] == "report":
        return with_graph(None, lambda graph: list(_after(flow_of(graph), graph, fields["built"])))

    def record(graph: ProjectGraph) -> list[str]:
        now = datetime.now(UTC).replace(tzinfo=None)
        rows = [
            {**row, "dbt_invocation_id": fields["invocation"], "recorded_at": now}
            for row in recorded(flow_of(graph), graph)
        ]
        _write(Warehouse(cursor), Relation(*fields["table"]), rows)
        return []

    return with_graph(None, record)


def _before(flow: Flow, graph: ProjectGraph) -> Iterator[str]:
    for marks in flow.marks.values():
        yield from marks.problems
    for unique_id in sorted(flow.reached):
        use = use_of(graph.nodes[unique_id])
        if use is not None and use.kind == FEATURE_VIEW:
            problem = problem_of(use, flow.of(unique_id), certain=True)
            if problem is not None:
                yield problem


def _of_node(graph: ProjectGraph, unique_id: str) -> Iterator[str]:
    flow = flow_of(graph)
    use = use_of(graph.nodes[unique_id])
    if use is not None and unique_id in flow.reached:
        problem = problem_of(use, flow.of(unique_id))
        if problem is not None:
            yield problem


def _after(flow: Flow, graph: ProjectGraph, built: list[str]) -> Iterator[str]:
    for unique_id in built:
        node = graph.nodes.get(unique_id)
        if node is None or unique_id not in flow.reached:
            continue
        carried, use = flow.of(unique_id), use_of(node)
        for name in carried.missing:
            yield (
                f"{node.name}: column {name} is marked meta: {{pii: true}}, but {graph.relations[unique_id].name} has "
                "no such column: correct the name in the YAML, so that the mark protects what it is meant for."
            )
        if use is not None and use.kind == FEATURE_VIEW:
            problem = problem_of(use, carried)
            if problem is not None:
                yield problem


def _write(warehouse: Warehouse, table: Relation, rows: list[dict[str, Any]]) -> None:
    with warehouse.transaction():
        warehouse.connection.execute(f"delete from {table.sql}")
        warehouse.append(table, pa.Table.from_pylist(rows, ROW))
