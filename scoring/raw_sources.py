"""The query of a raw table that lies outside of the warehouse: in files, in a Postgres database, or in another."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from scoring.errors import RawSourceError
from scoring.places import literal, quoted
from scoring.profile_secrets import has_password

ZONED = "TIMESTAMP WITH TIME ZONE"
POSTGRES_COLUMNS = """
select n.nspname::text as schema_name, c.relname::text as table_name, a.attname::text as column_name,
    format_type(a.atttypid, a.atttypmod) as type
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on a.attrelid = c.oid
inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
where lower(n.nspname) = lower({schema}) and lower(c.relname) = lower({table}) and a.attnum > 0
    and not a.attisdropped and c.relkind in ('r', 'v', 'm', 'f', 'p')
order by (n.nspname, c.relname) <> ({schema}, {table}), n.nspname, c.relname, a.attnum
"""
"""What DuckDB reads as another number: `numeric` becomes a double, and NaN becomes 0."""


@dataclass(frozen=True)
class RawSource:
    """Where a raw table lies.

    Parameters
    ----------
    table
        The name that messages give it, such as ``shop.orders``.
    location
        For files, what stands after ``from``: a path in quotation marks, or a call of a table function.
    database, schema, identifier
        For a table of an attached database, its name there.
    engine
        What the database is, in DuckDB's word, such as ``postgres``.
    typed
        Columns that the contract reads as a type.
    """

    table: str
    location: str | None = None
    database: str = ""
    schema: str = ""
    identifier: str = ""
    engine: str = ""
    typed: Collection[str] = field(default=())

    @property
    def place(self) -> str:
        """Where it is, as a user writes it."""
        if self.location is not None:
            return _path(self.location) or self.location
        return ".".join((self.database, self.schema, self.identifier))


@dataclass(frozen=True)
class SourceQuery:
    """A query of some columns of a raw table.

    Parameters
    ----------
    names
        All columns that the table has.
    sql
        The query; None if it lacks one of those that are wanted.
    """

    names: Sequence[str]
    sql: str | None


def query_of(connection: duckdb.DuckDBPyConnection, source: RawSource, columns: Sequence[str]) -> SourceQuery:
    """Return the query of some columns of a raw table; instants with a time zone become those of UTC.

    Raises
    ------
    scoring.errors.RawSourceError
        If there is nothing of that name, or the location holds a password.
    duckdb.Error
        If it cannot be read.
    """
    if source.location is None and source.engine == "postgres":
        return _of_postgres(connection, source, columns)
    rows = source_rows(source)
    relation = connection.sql(f"from {rows}")
    names = _names_in(columns, relation.columns)
    kinds = dict(zip(relation.columns, map(str, relation.types), strict=True))
    values = {name: _in_utc(quoted(own), kinds[own]) for name, own in names.items()}
    return SourceQuery(relation.columns, _selected(values, columns, rows))


def source_rows(source: RawSource) -> str:
    """Return what stands after ``from`` to read a raw table as it lies there.

    Columns of Parquet files go by their names, as the files may have been written by several releases of a program.

    Raises
    ------
    scoring.errors.RawSourceError
        If the location is a folder, or holds a password.
    """
    if source.location is None:
        return ".".join(map(quoted, (source.database, source.schema, source.identifier)))
    if has_password(source.location):
        raise RawSourceError.password(source.table)
    path = _path(source.location)
    if path is None:
        return source.location
    if path.endswith("/") or Path(path).is_dir():
        raise RawSourceError.folder(source.table, path)
    if path.lower().endswith((".parquet", ".pq")):
        return f"read_parquet({literal(path)}, union_by_name = true)"
    return literal(path)


def _of_postgres(
    connection: duckdb.DuckDBPyConnection, source: RawSource, columns: Sequence[str]
) -> SourceQuery:
    """Return the query by one statement of the server, which is one state of its rows."""
    where = POSTGRES_COLUMNS.format(schema=literal(source.schema), table=literal(source.identifier))
    described = connection.execute(
        f"from postgres_query({literal(source.database)}, {literal(where)})"
    ).fetchall()
    if not described:
        raise RawSourceError.no_such_table(source.table, source.place)
    schema, table = described[0][:2]
    kinds = {name: kind for *place, name, kind in described if place == [schema, table]}
    names = _names_in(columns, kinds)
    read, values = [], {}
    for name, own in names.items():
        is_numeric = kinds[own].startswith("numeric") and not kinds[own].endswith("[]")
        read.append(f"{quoted(own)}::text as {quoted(own)}" if is_numeric else quoted(own))
        if is_numeric and name not in source.typed:
            values[name] = f"cast({quoted(own)} as {_decimal(kinds[own])})"
        else:
            values[name] = _in_utc(quoted(own), kinds[own].upper())
    query = f"select {', '.join(read)} from {quoted(schema)}.{quoted(table)}"
    rows = f"postgres_query({literal(source.database)}, {literal(query)})"
    return SourceQuery(list(kinds), _selected(values, columns, rows))


def _decimal(kind: str) -> str:
    """Return the type in which DuckDB holds a numeric of Postgres.

    Examples
    --------
    >>> _decimal("numeric(12,2)"), _decimal("numeric"), _decimal("numeric(50,2)")
    ('decimal(12, 2)', 'double', 'double')
    """
    digits = re.fullmatch(r"numeric\((\d+),(\d+)\)", kind)
    if digits is None or int(digits[1]) > 38 or int(digits[2]) > int(digits[1]):
        return "double"
    return f"decimal({digits[1]}, {digits[2]})"


def _in_utc(value: str, kind: str) -> str:
    return f"timezone('UTC', {value})" if kind == ZONED else value


def _names_in(columns: Sequence[str], there: Collection[str]) -> dict[str, str]:
    """Return by name of a wanted column its name in a table; case makes no name, unless there are two."""
    lowered = {name.lower(): name for name in there}
    pairs = ((name, name if name in there else lowered.get(name.lower())) for name in columns)
    return {name: own for name, own in pairs if own is not None}


def _selected(values: Mapping[str, str], columns: Sequence[str], rows: str) -> str | None:
    if len(values) < len(columns):
        return None
    listed = ", ".join(f"{value} as {quoted(name)}" for name, value in values.items())
    return f"select {listed} from {rows}"


def _path(location: str) -> str | None:
    """Return the path of files; None for a call of a function."""
    if len(location) < 2 or (location[0], location[-1]) != ("'", "'"):
        return None
    path = location[1:-1]
    # dbt-duckdb puts quotation marks around a path and doubles none in it.
    return path if "'" in path.replace("''", "") else path.replace("''", "'")
