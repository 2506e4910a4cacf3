"""What a version keeps of its training set, so that `training.rebuilding` can build it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb

from scoring.registry import SCHEMA
from training.errors import LineageError
from training.fingerprint import query_fingerprint
from training.lineage import Node, digest, inlined
from training.sql import quoted

CLOCK = "known_at"
"""How the columns end that say when something became known."""


def training_set(
    session: duckdb.DuckDBPyConnection | None,
    relation: duckdb.DuckDBPyRelation,
    model_name: str,
    *,
    in_dbt: bool,
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
    model_name
        Name of the model.
    in_dbt
        Whether dbt runs, which knows what the query reads.
    """
    try:
        if session is None or not in_dbt:
            raise LineageError.no_dbt()
        return _described(session, relation, model_name)
    except LineageError as error:
        return {"query": None, "cutoff": None, "models_sha256": None, "inputs": [], "problem": str(error)}


def _described(
    session: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation, model_name: str
) -> dict[str, Any]:
    from training.dbt_graph import SOME_CUTOFF, ancestry  # dbt is not needed to train outside of it

    found = ancestry(model_name, SCHEMA)
    query = found.query or re.sub(r"unnamed_relation_\w+", "unnamed_relation", relation.sql_query())
    columns = {node.name: _columns(session, node) for node in found.nodes}
    text = inlined(found.nodes, query, columns)
    cutoff = None if found.as_of is None else datetime.fromisoformat(found.as_of)
    if cutoff is None and SOME_CUTOFF in text:
        cutoff = _last_known(session, found.nodes, columns, _clocks(text, SOME_CUTOFF))
    return {
        "query": text.replace(SOME_CUTOFF, "" if cutoff is None else cutoff.isoformat(" ")),
        "cutoff": cutoff,
        "models_sha256": digest(found.nodes, query),
        "inputs": [
            *(_input(session, node, columns[node.name]) for node in found.nodes),
            {"relation": model_name, "is_raw": False, "reads": list(found.reads), "fingerprint": None},
        ],
        "problem": None,
    }


def _input(session: duckdb.DuckDBPyConnection, node: Node, columns: Mapping[str, str]) -> dict[str, Any]:
    return {
        "relation": node.name,
        "is_raw": node.query is None,
        "reads": list(node.reads),
        "fingerprint": query_fingerprint(session, f"from {node.sql}") if columns else None,
    }


def _columns(session: duckdb.DuckDBPyConnection, node: Node) -> dict[str, str]:
    """Return the columns of a relation and their types; none of a raw table outside the warehouse."""
    try:
        relation = session.sql(f"from {node.sql}")
    except duckdb.Error as error:
        if node.query is None:
            return {}
        raise LineageError.not_built(node.name, str(error)) from error
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _clocks(text: str, cutoff: str) -> set[str]:
    """Return the names of the columns that an inlined query compares with its cutoff."""
    found = re.findall(rf"""(\w+)"?\s*<=\s*(?:timestamp\s*|cast\s*\(\s*)?'{cutoff}""", text, re.IGNORECASE)
    return {name.lower() for name in found}


def _last_known(
    session: duckdb.DuckDBPyConnection,
    nodes: Iterable[Node],
    columns: Mapping[str, Mapping[str, str]],
    clocks: set[str],
) -> datetime:
    """Return the latest instant in the columns that are clocks; none is later than now."""
    now = datetime.now(UTC).replace(tzinfo=None)
    instants: list[datetime | None] = []
    for node in nodes:
        names = [
            name
            for name, kind in columns[node.name].items()
            if (name.lower() in clocks or name.lower().endswith(CLOCK))
            and kind.startswith(("TIMESTAMP", "DATE"))
        ]
        if names:
            latest = ", ".join(f"cast(max({quoted(name)}) as timestamp)" for name in names)
            instants += session.execute(f"select {latest} from {node.sql}").fetchall()[0]
    return min([max(filter(None, instants), default=now), now])
