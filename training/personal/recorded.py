"""Where personal data flows, as rows of ``ml.personal_data``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from training.data.project_graph import ProjectGraph
from training.personal.carried import ANY, Carried, Trace
from training.personal.flow import Flow
from training.personal.rows import NOT_FOLLOWED
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
    node, relation = graph.nodes[unique_id], graph.relations[unique_id].name
    use = use_of(node)
    seen: set[tuple[str, str]] = set()
    for is_personal, name, trace in _reached(flow.of(unique_id), relation, use):
        if (name, trace.path[0]) not in seen and (use is None or use.counts(name)):
            seen.add((name, trace.path[0]))
            yield {
                "personal_column": trace.path[0],
                "relation": relation,
                "column_name": name,
                "kind": node.resource_type if use is None else KINDS[use.kind],
                "method": trace.how,
                "permission": use.permission(name) if use is not None and is_personal else None,
                "is_personal": is_personal,
                "path": list(trace.path),
            }


def _reached(carried: Carried, relation: str, use: Use | None) -> Iterator[tuple[bool, str, Trace]]:
    """Yield whether a column is personal, its name, and how it came to be."""
    if use is not None and carried.inputs:
        # What a training set is made of is all that is known of it.
        for _, name, traces in carried.inputs:
            yield from ((True, name, Trace((*t.path, f"{relation}.{ANY}"), NOT_FOLLOWED)) for t in traces)
        return
    for name, traces in carried.columns.items():
        yield from ((True, name, trace) for trace in traces)
    yield from ((False, name, trace) for name, trace in carried.hidden)
