"""The rows of `monitoring.pipeline_nodes` at the end of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb

from scoring.places import quoted
from scoring.runs.lineage import Lineage, Member
from scoring.runs.memory import NodeMemory
from scoring.runs.messages import first_sentence

SUCCESSFUL = ("success", "pass")
WHOLE = ("seed", "table")
"""What replaces all rows whenever it is built."""
SCORED_AT = "scored_at"

Table = tuple[str, ...]


def read_lineage(graph: Mapping[str, Any]) -> Lineage:
    """Return the graph as hooks give it: the fields of each `Member` by unique id."""
    return Lineage(
        {
            key: Member(kind, materialized, tuple(parents), tuple(table), raw_name)
            for key, (kind, materialized, parents, table, raw_name) in graph.items()
        }
    )


def node_rows(
    cursor: duckdb.DuckDBPyConnection, request: Mapping[str, Any], lineage: Lineage, memory: NodeMemory
) -> list[dict[str, Any]]:
    """Return a row per node that the run had to do with.

    Parameters
    ----------
    request
        Its ``results`` are what dbt says of the nodes, ``run_started_at`` is when the run began.
    """
    results = request["results"]
    built = {
        result["unique_id"]: lineage.members[result["unique_id"]].table
        for result in results
        if result["status"] in SUCCESSFUL and lineage.step(result["unique_id"]) not in ("test", None)
    }
    sizes = _sizes(cursor)
    counts = _counts(cursor, {key: table for key, table in built.items() if _key(table) in sizes})
    written = dict(_written(cursor, lineage, counts, request["run_started_at"]))
    return [
        {
            "dbt_invocation_id": request["run"],
            **_facts(result),
            **_place(lineage, result["unique_id"]),
            "row_count": counts.get(result["unique_id"]),
            "rows_written": written.get(result["unique_id"]),
            "rows_read": sum(sizes.get(_key(table), 0) for table in lineage.tables_read(result["unique_id"])),
            **dict(
                zip(("start_memory_bytes", "peak_memory_bytes"), memory.of(result["unique_id"]), strict=True)
            ),
        }
        for result in results
    ]


def _facts(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what dbt says of a node."""
    spans = {name: tuple(map(_instant, ends)) for name, *ends in result["timing"]}
    seconds = {
        name: (ended - started).total_seconds()
        for name, (started, ended) in spans.items()
        if started and ended
    }
    starts = [started for started, _ in spans.values() if started]
    ends = [ended for _, ended in spans.values() if ended]
    is_fine = result["status"] in (*SUCCESSFUL, "no-op")
    is_count = result["kind"] == "test" and result["status"] in ("fail", "warn")
    message = None if is_fine else first_sentence(result["message"], is_compilation=is_count)
    return {
        "unique_id": result["unique_id"],
        "node_name": result["name"],
        "resource_type": result["kind"],
        "status": result["status"],
        "started_at": min(starts, default=None),
        "ended_at": max(ends, default=None),
        "seconds": result["seconds"],
        "compile_seconds": seconds.get("compile"),
        "execute_seconds": seconds.get("execute"),
        "failures": result["failures"],
        "message": message,
    }


def _place(lineage: Lineage, unique_id: str) -> dict[str, Any]:
    return {
        "materialized": lineage.members[unique_id].materialized,
        "step": lineage.step(unique_id),
        "models": lineage.serves(unique_id),
        "scored_models": lineage.scores(unique_id),
        "raw_tables": lineage.raw_tables(unique_id),
    }


def _sizes(cursor: duckdb.DuckDBPyConnection) -> dict[Table, int]:
    """Return the rows of every table, as far as DuckDB knows without counting."""
    rows = cursor.execute(
        "select database_name, schema_name, table_name, estimated_size from duckdb_tables()"
    ).fetchall()
    return {_key(names): size for *names, size in rows}


def _counts(cursor: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> dict[str, int]:
    """Return the rows of tables, which DuckDB counts by their headers."""
    if not tables:
        return {}
    keys = list(tables)
    counted = " union all ".join(
        f"select {number}, count(*) from {_sql(tables[key])}" for number, key in enumerate(keys)
    )
    return {keys[number]: count for number, count in cursor.execute(counted).fetchall()}


def _written(
    cursor: duckdb.DuckDBPyConnection, lineage: Lineage, counts: Mapping[str, int], started_at: str
) -> Iterator[tuple[str, int]]:
    """Yield the rows that the run wrote to a table, where it can be known."""
    for unique_id, count in counts.items():
        member = lineage.members[unique_id]
        if member.kind == "seed" or member.materialized in WHOLE:
            yield unique_id, count
        elif lineage.scores(unique_id):
            described = cursor.execute(f"from {_sql(member.table)} limit 0").description or ()
            for name in (name for name, *_ in described if name.endswith(SCORED_AT)):
                ((scored,),) = cursor.execute(
                    f"select count(*) from {_sql(member.table)} where {quoted(name)} >= ?::timestamp",
                    [started_at],
                ).fetchall()
                yield unique_id, scored


def _sql(table: Table) -> str:
    return ".".join(map(quoted, filter(None, table)))


def _key(names: Iterable[str | None]) -> Table:
    return tuple((name or "").lower() for name in names)  # Spark has no databases


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
