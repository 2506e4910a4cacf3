"""Opening a warehouse file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from scoring.errors import DatabaseNameError, LockedWarehouseError

SETTINGS = """
-- Else an instant with a time zone is another timestamp wherever a machine's clock is set otherwise.
set global TimeZone = 'UTC';
-- Else an as-of join is one by nested loops where its left side is taken for a handful of rows, as DuckDB
-- takes any number of rows that a subquery filters.
set global asof_loop_join_threshold = 0;
"""
"""What every connection to a warehouse sets."""
SCHEMAS = frozenset(
    (
        "features",
        "intermediate",
        "marts",
        "ml",
        "monitoring",
        "raw",
        "staging",
        "information_schema",
        "pg_catalog",
    )
)
"""The schemas that SQL names without a database: a database may not be called like one of them."""


def open_warehouse(
    path: str, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file with ``SETTINGS``, or say in one sentence why it cannot be opened.

    Parameters
    ----------
    path
        A DuckDB file, or ``:memory:``.
    read_only
        Open the file without the right to change it; several processes can do so at once.
    config
        DuckDB's settings.

    Raises
    ------
    scoring.errors.LockedWarehouseError
        If another process has the file open for writing, or, to write to it, open at all.
    scoring.errors.DatabaseNameError
        If the file is called like a schema.
    """
    database = Path(path).name.partition(".")[0].lower()  # as DuckDB names it
    if database in SCHEMAS:
        raise DatabaseNameError.of_a_schema(Path(path).name, database)
    try:
        connection = duckdb.connect(path, read_only=read_only, config=dict(config or {}))
    except duckdb.IOException as error:
        holder = re.search(r"Conflicting lock is held in (.*?) ?\(PID (\d+)\)", str(error))
        if holder is None:
            raise
        process = f"{holder[2]} ({Path(holder[1]).name})" if holder[1] else holder[2]
        raise LockedWarehouseError.held_by(Path(path).name, process) from error
    connection.execute(SETTINGS)
    return connection
