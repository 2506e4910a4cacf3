"""The function behind the hooks that keep the history of dbt's runs."""

from __future__ import annotations

import json
import os
import platform
import time
import weakref
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import duckdb
import pyarrow as pa

from scoring.authorship import commit_of
from scoring.places import quoted
from scoring.runs.memory import NodeMemory, available_bytes, peak_resident_bytes
from scoring.runs.nodes import node_rows, read_lineage
from scoring.runs.process import is_alive, process_key

STARTED, CHECKED, ENDED, REPORTED, KILLED = "started", "checked", "ended", "reported", "killed"
"""The events of a run, in their order; a run whose process is gone has `KILLED` in the place of the last ones."""
FAILED = ("error", "fail", "runtime error", "partial success")
LIBRARIES = {
    "package_version": "warehouse-ml",
    "dbt_version": "dbt-core",
    "dbt_duckdb_version": "dbt-duckdb",
    "duckdb_version": "duckdb",
}


class RunHistory:
    """Appends what happens to a run, as hooks report it, to the tables of the history.

    Parameters
    ----------
    connection
        Of the warehouse; what is written goes through cursors of it, in transactions of its own.
    memory
        What the nodes of the run held.
    is_read_only
        Whether nothing can be written.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, memory: NodeMemory, *, is_read_only: bool
    ) -> None:
        # A connection holds its functions, and they, through it, would hold one another for ever.
        self._connection = weakref.ref(connection)
        self._memory = memory
        self._is_read_only = is_read_only
        self._began, self._cpu = time.monotonic(), time.process_time()

    def record(self, request: str) -> str:
        """Append one event; return why it could not be written, or nothing: the history never fails a run.

        Parameters
        ----------
        request
            As JSON: the event, the run's id, the tables of the history with their columns, and what hooks know.
        """
        connection = self._connection()
        if self._is_read_only or connection is None:
            return ""
        try:
            with connection.cursor() as cursor:
                self._append(cursor, json.loads(request))
        except Exception as error:  # whatever it is, the run goes on, and the hook logs it
            return f"The history of this run is incomplete: {error}"
        return ""

    def _append(self, cursor: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> None:
        event, tables = request["event"], request["tables"]
        nodes: list[dict[str, Any]] = []
        cursor.begin()
        facts: dict[str, Any] = {}
        if event == STARTED:
            facts = self._started(cursor, request)
        elif event == ENDED:
            nodes, facts = self._ended(cursor, request)
        elapsed = time.monotonic() - self._began
        row = {"dbt_invocation_id": request["run"], "event": event, "elapsed_seconds": elapsed}
        _insert(cursor, tables["run_events"]["relation"], [{**row, "happened_at": _now(), **facts}])
        if nodes:
            _insert(cursor, tables["pipeline_nodes"]["relation"], nodes)
        cursor.commit()

    def _started(self, cursor: duckdb.DuckDBPyConnection, request: Mapping[str, Any]) -> dict[str, Any]:
        """Make the tables, mark the runs that never ended, and return what is known of this one."""
        self._memory.begin()
        self._began, self._cpu = time.monotonic(), time.process_time()
        for table in request["tables"].values():
            _create(cursor, table)
        _mark_killed(cursor, request["tables"]["run_events"]["relation"])
        ((limit, threads),) = cursor.execute(
            "select parse_formatted_bytes(current_setting('memory_limit')), current_setting('threads')"
        ).fetchall()
        return {
            **request["facts"],
            "run_started_at": datetime.fromisoformat(request["run_started_at"]),
            **{name: _version(distribution) for name, distribution in LIBRARIES.items()},
            "python_version": platform.python_version(),
            "git_commit": commit_of(request["folder"]),
            "cpu_count": os.cpu_count(),
            "machine_memory_bytes": available_bytes(),
            "duckdb_memory_limit_bytes": limit,
            "duckdb_threads": threads,
            "process": process_key(),
        }

    def _ended(
        self, cursor: duckdb.DuckDBPyConnection, request: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """Return the rows of the nodes, and what is known of the run after its last node."""
        self._memory.end()
        lineage = read_lineage(request["graph"])
        nodes = node_rows(cursor, request, lineage, self._memory)
        return nodes, {
            "status": "error" if any(node["status"] in FAILED for node in nodes) else "success",
            "node_count": len(nodes),
            "cpu_seconds": time.process_time() - self._cpu,
            "peak_memory_bytes": peak_resident_bytes(),
            "critical_path_seconds": lineage.critical_path(
                {node["unique_id"]: node["seconds"] or 0.0 for node in nodes}
            ),
        }


def _mark_killed(cursor: duckdb.DuckDBPyConnection, events: str) -> None:
    """Append the end of every run that has none and whose process is gone.

    Of the runs of this process but one every one is over: dbt runs them one after the other.
    """
    open_runs = cursor.execute(
        f"select dbt_invocation_id, max(process) from {events} group by 1 "
        f"having count(*) filter (where event in ('{ENDED}', '{KILLED}')) = 0"
    ).fetchall()
    own = process_key()
    gone = [run for run, process in open_runs if process in (None, own) or not is_alive(process)]
    if gone:
        rows = [{"dbt_invocation_id": run, "event": KILLED, "happened_at": _now()} for run in gone]
        _insert(cursor, events, rows)


def _create(cursor: duckdb.DuckDBPyConnection, table: Mapping[str, Any]) -> None:
    """Make a table, or give one of an earlier release the columns that it lacks."""
    relation, columns = table["relation"], table["columns"]
    cursor.execute(f"create schema if not exists {table['schema']}")
    listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    cursor.execute(f"create table if not exists {relation} ({listed})")
    present = {name for name, *_ in cursor.execute(f"from {relation} limit 0").description or ()}
    for name in columns.keys() - present:
        cursor.execute(f"alter table {relation} add column {quoted(name)} {columns[name]}")


def _insert(cursor: duckdb.DuckDBPyConnection, relation: str, rows: list[dict[str, Any]]) -> None:
    schema = cursor.execute(f"from {relation} limit 0").to_arrow_table().schema
    cursor.register("warehouse_ml_rows", pa.Table.from_pylist(rows, schema=schema))
    cursor.execute(f"insert into {relation} by name from warehouse_ml_rows")
    cursor.unregister("warehouse_ml_rows")


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _version(distribution: str) -> str | None:
    with suppress(PackageNotFoundError):  # a checkout that runs without being installed
        return version(distribution)
    return None
