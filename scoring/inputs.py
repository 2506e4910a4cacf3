"""Rows to score: a query over a table, Parquet or CSV that gives the features the types of the signature."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import duckdb
from duckdb.sqltypes import DuckDBPyType

from scoring import csv_input
from scoring.carried import IN_ARROW, NOT_IN_ARROW, holds, replaced
from scoring.csv_input import CsvRows
from scoring.errors import InputError
from scoring.places import File, Table, quoted
from scoring.signature import Signature
from scoring.stream import ReadError, kept_columns, reading

KINDS = {"DOUBLE": "a number", "BOOLEAN": "true or false", "TIMESTAMP": "a date or timestamp"}
DEFECTS = (
    r"Value with unterminated quote found|Expected Number of Columns: \d+ Found: \d+|Invalid unicode[^.]*"
)
"""What DuckDB says of a line without repeating what stands there."""


@dataclass(frozen=True)
class Input:
    """Rows to score.

    Parameters
    ----------
    query
        Gives them.
    rows
        How many there are, if that is known at once.
    types
        Of the columns to keep, before those that Arrow does not have were replaced.
    keep
        By the name of each column to keep, the column of the query that holds it.
    place
        Where they are.
    csv
        What locates a value that cannot be read; of CSV files only.
    """

    query: str
    rows: int | None
    types: dict[str, DuckDBPyType]
    keep: dict[str, str]
    place: Table | File
    csv: CsvRows | None = None


def open_input(
    connection: duckdb.DuckDBPyConnection,
    place: Table | File,
    signature: Signature,
    keep: Sequence[str] | None = None,
    *,
    model: str,
) -> Input:
    """Return the rows in a place.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    place
        Where they are. A CSV file's features are read as the signature has them, and kept as text.
    signature
        The features to read.
    keep
        The columns to keep, in any case of letters; without it all of them.
    model
        The model as the user named it, for error messages.

    Raises
    ------
    scoring.errors.InputError
        If there is nothing in the place, or a file is not what its name says.
    scoring.errors.StreamError
        If a column to keep is not there.
    """
    csv = None
    with readable(connection, place), reading():
        if isinstance(place, Table):
            relation, rows = _table(connection, place)
        elif place.format == "parquet":
            relation, rows = _parquet(connection, place)
        else:
            _check_file(place)
            csv, rows = csv_input.relation(connection, place, signature, model), None
            relation = csv.query
        described = connection.sql(f"from {relation}")
        types = dict(zip(described.columns, described.types, strict=True))
    names = list(csv.texts if csv else types)
    columns_to_keep = kept_columns(names, keep)
    if csv:
        columns_to_keep = {name: csv.texts[name] for name in columns_to_keep}
    chosen = _chosen(names, signature, keep, columns_to_keep)
    kept = {name: types[column] for name, column in columns_to_keep.items()}
    if wrong := [name for name, kind in kept.items() if holds(kind, NOT_IN_ARROW)]:
        raise InputError.cannot_be_kept(wrong, [str(kept[name]) for name in wrong])
    columns = []
    for name in chosen:
        carried = replaced(types[name], IN_ARROW)
        is_same = carried == replaced(types[name], {})
        columns.append(quoted(name) if is_same else f"cast({quoted(name)} as {carried}) as {quoted(name)}")
    return Input(f"select {', '.join(columns)} from {relation}", rows, kept, columns_to_keep, place, csv)


@contextmanager
def readable(
    connection: duckdb.DuckDBPyConnection, place: Table | File, csv: CsvRows | None = None
) -> Iterator[None]:
    """Turn what DuckDB says of a file into a sentence with line and column.

    Parameters
    ----------
    connection
        One that is not running another statement.
    place, csv
        As in `Input`.

    Raises
    ------
    scoring.errors.InputError
        If the file cannot be read.
    """
    try:
        yield
    except ReadError as error:
        if isinstance(place, Table):
            raise
        text = _located(connection, str(error), csv)
        line = re.search(r"CSV Error on Line: (\d+)", text)
        if line is None:
            if "state machine reached an invalid state" in text:
                raise InputError.mixed_line_ends(str(place)) from error
            raise InputError.unreadable_file(str(place), _sentence(text)) from error
        value = re.search(r'converting column "(.*)"\. Could not convert string "(.*)" to \'(\w+)\'', text)
        if value is None:
            defect = re.search(DEFECTS, text)
            reason = f"{defect[0]}." if defect else "it is no such line."
            raise InputError.unreadable_line(str(place), int(line[1]), reason) from error
        kind = KINDS.get(value[3], value[3])
        raise InputError.unreadable_value(str(place), int(line[1]), value[1], value[2], kind) from error


def _located(connection: duckdb.DuckDBPyConnection, text: str, csv: CsvRows | None) -> str:
    """Return what DuckDB says, with the line where it can tell."""
    if csv is None or "CSV Error on Line" in text:
        return text
    try:
        csv.locate(connection)
    except duckdb.Error as error:
        return str(error)
    return text


def _table(connection: duckdb.DuckDBPyConnection, table: Table) -> tuple[str, int | None]:
    """Return a table as SQL has it, and its number of rows; None for a view, which would have to be run."""
    tables = connection.execute(
        "select table_schema || '.' || table_name, table_type from information_schema.tables "
        "where table_catalog = current_database()"
    ).fetchall()
    kinds = {name.lower(): kind for name, kind in tables}
    kind = kinds.get(str(table).lower())
    if kind is None:
        raise InputError.no_such_table(str(table), [name for name, _ in tables])
    if kind == "VIEW":
        return table.sql, None
    ((rows,),) = connection.execute(f"select count(*) from {table.sql}").fetchall()
    return table.sql, rows


def _parquet(connection: duckdb.DuckDBPyConnection, file: File) -> tuple[str, int | None]:
    """Return a file as SQL has it, and its number of rows."""
    _check_file(file)
    ((rows,),) = connection.execute(
        f"select sum(num_rows)::bigint from parquet_file_metadata({file.sql})"
    ).fetchall()
    return f"read_parquet({file.sql})", rows


def _check_file(file: File) -> None:
    paths = [Path(path) for path in glob(str(file))] or [file.path]
    if not all(path.exists() for path in paths):
        raise InputError.no_such_file(str(file))
    for path in paths:
        if path.is_file() and not path.stat().st_size:
            raise InputError.empty_file(str(path))


def _chosen(
    names: list[str], signature: Signature, keep: Sequence[str] | None, kept: Mapping[str, str]
) -> list[str]:
    """Return the columns to read; all if features are not there, so that a message tells what is."""
    wanted = {feature.name.lower() for feature in signature.features}
    if keep is not None and wanted <= {name.lower() for name in names}:
        names = [name for name in names if name.lower() in wanted or name in kept]
    return list(dict.fromkeys([*names, *kept.values()]))


def _sentence(text: str) -> str:
    """Return the first line of what DuckDB says, ending in a full stop."""
    first = text.splitlines()[0].rstrip()
    return first if first.endswith(".") else f"{first}."
