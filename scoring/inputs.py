"""Rows to score: a query over a table, Parquet or CSV that gives the features the types of the signature."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob

import duckdb

from scoring.errors import InputError
from scoring.places import File, Table, literal, quoted
from scoring.signature import Signature
from scoring.stream import ReadError, reading

CSV_DIALECT = "delim = ',', quote = '\"', escape = '\"', header = true"
CSV_TYPES = {"number": "DOUBLE", "category": "VARCHAR", "instant": "TIMESTAMP"}
KINDS = {"DOUBLE": "a number", "BOOLEAN": "true or false", "TIMESTAMP": "a date or timestamp"}
CARRIED_AS = {"HUGEINT": "DECIMAL(38,0)", "UHUGEINT": "DECIMAL(38,0)", "UUID": "VARCHAR"}
"""Types that Arrow does not have, and those in which the values travel unharmed."""


@dataclass(frozen=True)
class Input:
    """Rows to score.

    Parameters
    ----------
    query
        Gives them.
    rows
        How many there are, if that is known at once.
    restored
        By column, the type to give back to what travels in another one.
    """

    query: str
    rows: int | None
    restored: dict[str, str]


def open_input(
    connection: duckdb.DuckDBPyConnection,
    place: Table | File,
    signature: Signature,
    keep: Sequence[str] | None = None,
) -> Input:
    """Return the rows in a place.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    place
        Where they are. A CSV file's features are read as the signature has them, its other columns as text.
    signature
        The features to read.
    keep
        The columns to read besides; without it all of them.

    Raises
    ------
    scoring.errors.InputError
        If there is nothing in the place, or a file is not what its name says.
    """
    with readable(place), reading():
        if isinstance(place, Table):
            relation, rows = _table(connection, place)
        else:
            relation, rows = _file(connection, place, signature)
        types = {name: kind for name, kind, *_ in connection.execute(f"describe from {relation}").fetchall()}
    chosen = _chosen(list(types), signature, keep)
    columns = [
        f"cast({quoted(name)} as {CARRIED_AS[types[name]]}) as {quoted(name)}"
        if types[name] in CARRIED_AS
        else quoted(name)
        for name in chosen
    ]
    restored = {name: types[name] for name in chosen if types[name] in CARRIED_AS}
    return Input(f"select {', '.join(columns)} from {relation}", rows, restored)


@contextmanager
def readable(place: Table | File) -> Iterator[None]:
    """Turn what DuckDB says of a file into a sentence with line and column.

    Raises
    ------
    scoring.errors.InputError
        If the file cannot be read.
    """
    try:
        yield
    except ReadError as error:
        text = str(error)
        line = re.search(r"CSV Error on Line: (\d+)", text)
        if isinstance(place, Table) or (place.format == "csv" and line is None):
            raise
        if line is None:
            raise InputError.unreadable_file(str(place), _sentence(text)) from error
        value = re.search(r'converting column "(.*)"\. Could not convert string "(.*)" to \'(\w+)\'', text)
        if value is None:
            reason = _sentence(text.split("\n", 2)[-1])
            raise InputError.unreadable_line(str(place), int(line[1]), reason) from error
        kind = KINDS.get(value[3], value[3])
        raise InputError.unreadable_value(str(place), int(line[1]), value[1], value[2], kind) from error


def _table(connection: duckdb.DuckDBPyConnection, table: Table) -> tuple[str, int | None]:
    """Return a table as SQL has it, and its number of rows; None for a view, which would have to be run."""
    known = connection.execute(
        "select table_schema || '.' || table_name, table_type from information_schema.tables "
        "where table_catalog = current_database()"
    ).fetchall()
    kinds = {name.lower(): kind for name, kind in known}
    kind = kinds.get(str(table).lower())
    if kind is None:
        raise InputError.no_such_table(str(table), [name for name, _ in known])
    if kind == "VIEW":
        return table.sql, None
    ((rows,),) = connection.execute(f"select count(*) from {table.sql}").fetchall()
    return table.sql, rows


def _file(connection: duckdb.DuckDBPyConnection, file: File, signature: Signature) -> tuple[str, int | None]:
    """Return a file as SQL has it, and its number of rows if the file says it."""
    if not glob(str(file)) and not file.path.exists():
        raise InputError.no_such_file(str(file))
    if file.format == "parquet":
        ((rows,),) = connection.execute(
            f"select sum(num_rows)::bigint from parquet_file_metadata({file.sql})"
        ).fetchall()
        return f"read_parquet({file.sql})", rows
    # Lines that are no CSV are met where the rows are read, with their numbers.
    ((columns,),) = connection.execute(
        f"select columns from sniff_csv({file.sql}, {CSV_DIALECT}, ignore_errors = true, strict_mode = false)"
    ).fetchall()
    features = {feature.name.lower(): CSV_TYPES[feature.type] for feature in signature.features}
    types = []
    for column in columns:
        kind = features.get(column["name"].lower(), "VARCHAR")
        if kind == "DOUBLE" and column["type"] == "BOOLEAN":
            kind = "BOOLEAN"
        types.append(f"{literal(column['name'])}: {literal(kind)}")
    reader = f"read_csv({file.sql}, {CSV_DIALECT}, auto_detect = false, columns = {{{', '.join(types)}}})"
    return reader, None


def _chosen(names: list[str], signature: Signature, keep: Sequence[str] | None) -> list[str]:
    """Return the columns to read; all if some are not there, so that a message tells what is."""
    wanted = {feature.name.lower() for feature in signature.features}
    there = {name.lower() for name in names}
    if keep is None or not (wanted <= there and set(keep) <= set(names)):
        return names
    return [name for name in names if name.lower() in wanted or name in keep]


def _sentence(text: str) -> str:
    """Return the first line of what DuckDB says, ending in a full stop."""
    first = text.splitlines()[0].rstrip()
    return first if first.endswith(".") else f"{first}."
