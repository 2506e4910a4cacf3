"""Tables of versions that an older release made, given the columns that they lack."""

from __future__ import annotations

import duckdb

from scoring.digests import DECIDING, DIGEST, scoring_digest
from scoring.places import quoted
from scoring.registry import SCHEMA, version_tables
from scoring.version_schema import VERSION_SCHEMA


def carry_over(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the columns that version tables lack, null in every row, and the digests of the rows as they are.

    From then on a row without a digest is damaged. All of it takes effect, or nothing.

    Parameters
    ----------
    connection
        A connection that may write to the warehouse and is in no transaction.
    """
    lacking = {table: missing for table in _tables(connection) if (missing := _missing(connection, table))}
    if not lacking:
        return
    connection.begin()
    try:
        for table, missing in lacking.items():
            for column, kind in missing.items():
                connection.execute(f"alter table {SCHEMA}.{quoted(table)} add column {quoted(column)} {kind}")
            if DIGEST in missing:
                _add_digests(connection, table)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables of versions; a view with their columns is none."""
    rows = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = ?",
        [SCHEMA],
    ).fetchall()
    return [name for name in version_tables(connection) if (name,) in rows]


def _missing(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """Return the columns of a version row that a table lacks, and their types; none of an unknown table."""
    there = {column[0] for column in connection.sql(f"from {SCHEMA}.{quoted(table)} limit 0").description}
    missing = [name for name in VERSION_SCHEMA.names if name not in there]
    if not missing or not there >= {*DECIDING}:
        return {}
    empty = connection.from_arrow(VERSION_SCHEMA.empty_table().select(missing))
    return dict(zip(missing, map(str, empty.types), strict=True))


def _add_digests(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    target, names = f"{SCHEMA}.{quoted(table)}", ", ".join(DECIDING)
    rows = connection.execute(f"select rowid, {names} from {target}")
    digests = [
        (scoring_digest(dict(zip(DECIDING, deciding, strict=True))), rowid)
        for rowid, *deciding in rows.fetchall()
    ]
    if digests:
        connection.executemany(f"update {target} set {DIGEST} = ? where rowid = ?", digests)
