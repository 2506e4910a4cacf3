"""What a version keeps of its training set, so that `training.data.rebuild` can build it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import duckdb

from scoring.warehouse import Relation
from training.data.ancestry import Ancestry, ancestry
from training.data.fingerprint import fingerprint_and_latest
from training.data.lineage import Node, digest, inlined, steps_of
from training.data.project_graph import SOME_CUTOFF, ProjectGraph, compiled_project
from training.data.table_names import compared_with
from training.errors import LineageError
from training.reasons import reason_of

CLOCK = "known_at"
FROM_MEMORY = re.compile(r"\b\w+_scan\(0x")
"""What stands for a data frame in the SQL of a relation: its address."""
"""How the columns end that say when something became known."""

ReadSoFar = dict[tuple[str, ...], tuple[str, datetime | None]]
"""The fingerprint and the latest instant, by the name of a relation and its clocks."""


def training_set(
    session: duckdb.DuckDBPyConnection | None,
    relation: duckdb.DuckDBPyRelation,
    versions: Relation,
    *,
    invocation: str | None,
) -> dict[str, Any]:
    """Return the column ``training_set`` of a version row.

    The query has all models inlined down to the raw tables, as of the cutoff: that of the build, or else the
    latest instant at which anything that was read became known, and no later than now. What became known
    later, a late row or a correction, is then not seen. Fingerprints are of the relations as they stand.

    Parameters
    ----------
    session
        A connection to the warehouse.
    relation
        The training query.
    versions
        The table of the model's versions.
    invocation
        The id of dbt's run, which knows what the query reads; None outside of dbt.
    """
    try:
        if session is None or invocation is None:
            raise LineageError.no_dbt()
        return _described(session, relation, versions, _read_in(invocation))
    except LineageError as error:
        return {"query": None, "cutoff": None, "models_sha256": None, "inputs": [], "problem": str(error)}


@lru_cache(maxsize=1)
def _read_in(invocation: str) -> ReadSoFar:
    """Return what a run of dbt has read, for models share what they read; of the latest run only.

    Within a run dbt builds a relation once, before any model that reads it is trained.
    """
    return {}


def _described(
    session: duckdb.DuckDBPyConnection,
    relation: duckdb.DuckDBPyRelation,
    versions: Relation,
    so_far: ReadSoFar,
) -> dict[str, Any]:
    ancestors = _ancestry(versions)
    query = ancestors.query or re.sub(r"unnamed_relation_\w+", "unnamed_relation", relation.sql_query())
    if FROM_MEMORY.search(query):
        raise LineageError.from_memory()
    nodes = [node for node in ancestors.nodes if not node.is_ephemeral]
    text = inlined(steps_of(ancestors.nodes, query, ancestors.columns))
    queries = [query, *(node.query for node in ancestors.nodes if node.query is not None)]
    compared = set[str]().union(*(compared_with(each, SOME_CUTOFF) for each in queries))
    columns = {node.name: ancestors.columns.get(node.name, {}) for node in nodes}
    clocks = {name: _clocks(of_node, compared) for name, of_node in columns.items()}
    inputs, instants = [], []
    for node in nodes:
        fingerprint, latest = None, None
        if columns[node.name] or node.query is not None:  # a raw table may be outside of the warehouse
            fingerprint, latest = _read(session, node, clocks[node.name], so_far)
        inputs.append(_input(node.name, node.query is None, node.reads, fingerprint))
        instants.append(latest)
    cutoff = None if ancestors.as_of is None else datetime.fromisoformat(ancestors.as_of)
    if cutoff is None and SOME_CUTOFF in text:
        now = datetime.now(UTC).replace(tzinfo=None)
        cutoff = min(max(filter(None, instants), default=now), now)
    return {
        "query": text.replace(SOME_CUTOFF, "" if cutoff is None else cutoff.isoformat(" ")),
        "cutoff": cutoff,
        "models_sha256": digest(ancestors.nodes, query),
        "inputs": [*inputs, _input(versions.name, False, ancestors.reads, None)],
        "problem": None,
    }


def _ancestry(versions: Relation) -> Ancestry:
    if (compiled := compiled_project.get()) is not None:
        return ancestry(compiled, compiled.find(versions))
    try:
        from training.data.dbt_graph import with_graph  # dbt is not needed to train outside of it
    except ImportError as error:
        raise LineageError.no_dbt() from error

    def ancestry_of(graph: ProjectGraph) -> Ancestry:
        if graph.is_on_spark:
            raise LineageError.on_spark()
        return ancestry(graph, graph.find(versions))

    return with_graph(None, ancestry_of)


def _input(relation: str, is_raw: bool, reads: Iterable[str], fingerprint: str | None) -> dict[str, Any]:
    return {"relation": relation, "is_raw": is_raw, "reads": list(reads), "fingerprint": fingerprint}


def _read(
    session: duckdb.DuckDBPyConnection, node: Node, clocks: Sequence[str], so_far: ReadSoFar
) -> tuple[str, datetime | None]:
    key = (node.name, *clocks)
    if key not in so_far:
        try:
            so_far[key] = fingerprint_and_latest(session, f"from {node.sql}", clocks)
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            raise LineageError.not_built(node.name, reason_of(error)) from error
    return so_far[key]


def _clocks(columns: Mapping[str, str], compared: set[str]) -> list[str]:
    """Return the columns that say when something became known, from all columns and their types."""
    return [
        name
        for name, kind in columns.items()
        if (name.lower() in compared or name.lower().endswith(CLOCK))
        and kind.startswith(("TIMESTAMP", "DATE"))
    ]
