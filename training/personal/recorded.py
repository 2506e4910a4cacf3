"""Where personal data flows, as rows of ``ml.personal_data``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.data.project_graph import ProjectGraph
from training.personal.flow import Flow, Trace
from training.personal.uses import FEATURE_VIEW, MONITOR, TRAINING_SET, Use, use_of

KINDS = {TRAINING_SET: "training set", FEATURE_VIEW: "feature view", MONITOR: "monitor"}


def recorded(flow: Flow, graph: ProjectGraph) -> list[dict[str, Any]]:
    """Return a row per personal column and column of a relation that it reaches, relations that are there alone."""
    there = graph.columns([graph.relations[unique_id] for unique_id in flow.reached])
    rows = [
        row
        for unique_id in flow.reached
        if graph.relations[unique_id].name in there
        for row in _of_node(flow, graph, unique_id)
    ]
    return sorted(rows, key=lambda row: (row["personal_column"], row["relation"], row["column_name"]))


def _of_node(flow: Flow, graph: ProjectGraph, unique_id: str) -> Iterator[dict[str, Any]]:
    node, carried = graph.nodes[unique_id], flow.of(unique_id)
    use = use_of(node)
    common = {
        "relation": graph.relations[unique_id].name,
        "kind": node.resource_type if use is None else KINDS[use.kind],
    }
    seen: set[tuple[str, str]] = set()
    for is_personal, name, trace in (
        *((True, name, trace) for name, traces in carried.columns.items() for trace in traces),
        *((False, name, trace) for name, trace in carried.hidden),
    ):
        if not _counts(use, name) or (name, trace.path[0]) in seen:
            continue
        seen.add((name, trace.path[0]))
        yield {
            **common,
            "personal_column": trace.path[0],
            "column_name": name,
            "method": trace.how,
            "permission": use.permission(name) if use is not None and is_personal else None,
            "is_personal": is_personal,
            "path": _path(trace),
        }


def _counts(use: Use | None, name: str) -> bool:
    return use is None or use.only is None or name.lower() in use.only


def _path(trace: Trace) -> list[str]:
    return list(trace.path)
