"""Identify the rows of a table, whatever their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

import duckdb

from training.sql import quoted


def fingerprint(connection: duckdb.DuckDBPyConnection, table: str, types: Mapping[str, str]) -> str:
    """Return a SHA-256 that changes with any value, column or number of rows, but not with the order of rows.

    One pass over the table hashes each row to 64 bits; the hashes are added up and combined by exclusive
    or, which gives the same in any order. The sum tells repeated rows apart, which cancel out in the
    other. The names and types of the columns, in order, and the number of rows complete the text that is
    hashed.

    Parameters
    ----------
    connection
        The connection that knows the table.
    table
        Name of the table.
    types
        The columns of the table and their types.
    """
    result, _ = _pass(connection, f"from {quoted(table)}", types)
    return result


def query_fingerprint(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return the same of the rows of a query."""
    result, _ = fingerprint_and_latest(connection, query)
    return result


def fingerprint_and_latest(
    connection: duckdb.DuckDBPyConnection, query: str, instants: Sequence[str] = ()
) -> tuple[str, datetime | None]:
    """Return the fingerprint of the rows of a query and, from the same pass, the latest of some columns.

    Parameters
    ----------
    connection
        The connection that knows what the query reads.
    query
        The query.
    instants
        Columns that can be cast to a timestamp.
    """
    relation = connection.sql(query)
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    return _pass(connection, query, types, instants)


def _pass(
    connection: duckdb.DuckDBPyConnection, query: str, types: Mapping[str, str], instants: Sequence[str] = ()
) -> tuple[str, datetime | None]:
    columns = ", ".join(quoted(name) for name in types)
    latest = ", ".join(["null::timestamp", *(f"{quoted(name)}::timestamp" for name in instants)])
    rows, total, parity, last = connection.execute(
        "select count(*), coalesce(sum(row_hash::hugeint), 0), coalesce(bit_xor(row_hash), 0), max(latest) "
        f"from (select hash({columns}) as row_hash, greatest({latest}) as latest from ({query}))"
    ).fetchall()[0]
    schema = [f"{name!r} {kind}" for name, kind in types.items()]
    return sha256("\n".join([*schema, f"{rows} {total} {parity}"]).encode()).hexdigest(), last
