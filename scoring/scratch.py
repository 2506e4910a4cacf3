"""A DuckDB in memory to work on rows apart from the warehouse: to open one each would take longer than the work."""

from __future__ import annotations

from functools import cache

import duckdb


def scratch() -> duckdb.DuckDBPyConnection:
    """Return a connection of its own, to be closed: what is registered on it, no other one sees."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()
