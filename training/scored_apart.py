"""Where versions are scored by the SQL functions before the warehouse has them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import duckdb

from scoring.functions import ModelFunctions
from scoring.warehouse import open_warehouse

_numbers = itertools.count(1)


@contextmanager
def scored_apart() -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Give a connection with the SQL functions, in an empty database that is gone afterwards.

    Yields
    ------
    tuple
        The connection, and what precedes the name of a model in the database for the SQL functions.
    """
    connection, functions = _shared()
    database = f"apart_{next(_numbers)}"
    with connection.cursor() as session:
        functions.define_macros(session)
        session.execute(f"attach ':memory:' as {database}; use {database}")
        try:
            yield session, f"{database}.main."
        finally:
            session.execute(f"use memory; detach {database}")
            functions.forget()


@cache
def _shared() -> tuple[duckdb.DuckDBPyConnection, ModelFunctions]:
    """Return a DuckDB in memory: to open it and to register the functions takes longer than to score a few rows."""
    connection = open_warehouse(":memory:")
    return connection, ModelFunctions(connection)
