"""The query of a model as of a cutoff, for tests of leaks: the entry point ``replay`` of ``warehouse_ml.training``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from training.data.ancestry import ancestry
from training.data.dbt_graph import with_graph
from training.data.lineage import inlined, steps_of
from training.errors import ReplayError

DAY = len("2013-02-15")


def replay(node: str, cutoff: str, as_built: Collection[str]) -> dict[str, Any]:
    """Return the query of a model as a build at an earlier cutoff would have run it.

    The model and every model that it reads are compiled again, with the var `as_of` set to the cutoff. Seeds,
    sources and snapshots are read as they are: what was known of them by the cutoff is for the models to say.
    An incremental model is compiled as in its first run.

    Parameters
    ----------
    node
        The id of the model's node in the graph.
    cutoff
        ISO text in UTC.
    as_built
        Names of models that are read as they are.

    Returns
    -------
    dict
        The ``query``, and its ``steps`` for an engine that computes no part of a query once to keep it: see
        `training.data.lineage.Step`.

    Raises
    ------
    training.errors.ReplayError
        If no query can replay the model, or nothing in it depends on the cutoff.
    training.errors.LineageError
        If dbt cannot compile a model.
    """
    ancestors = with_graph(cutoff, lambda graph: ancestry(graph, graph.nodes[node], as_built))
    steps = steps_of(ancestors.nodes, ancestors.query or "", ancestors.columns)
    text = inlined(steps)
    if cutoff[:DAY] not in text:
        raise ReplayError.no_cutoff(node.split(".")[2])
    return {"query": text, "steps": [asdict(step) for step in steps]}
