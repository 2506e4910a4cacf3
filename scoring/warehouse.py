"""Opening a warehouse file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from scoring.errors import LockedWarehouseError

SETTINGS = """
-- Else an instant with a time zone is another timestamp wherever a machine's clock is set otherwise.
set global TimeZone = 'UTC';
-- Else an as-of join is one by nested loops where its left side is taken for a handful of rows, as DuckDB
-- takes any number of rows that a subquery filters.
set global asof_loop_join_threshold = 0;
"""
"""What every connection to a warehouse sets."""


def open_warehouse(
    path: str, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file with ``SETTINGS``, or say in one sentence which process holds it.

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
    """
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
