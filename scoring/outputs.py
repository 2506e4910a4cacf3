"""Where scores go: a table or a file that appears, or is replaced, only when it is whole."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from glob import glob
from pathlib import Path

import duckdb
import pyarrow as pa
from duckdb.sqltypes import DuckDBPyType

from scoring.carried import IN_ARROW, IN_PARQUET, NOT_IN_PARQUET, WIDE, holds, replaced
from scoring.decisions import table_beside
from scoring.errors import OutputError
from scoring.places import File, Table, quoted
from scoring.registry import models
from scoring.stream import SCORED_ROWS, write
from scoring.warehouse import Warehouse


def check_output(connection: duckdb.DuckDBPyConnection, place: Table | File, *, replace: bool) -> None:
    """Check before any row is scored that scores can be written to a place.

    Raises
    ------
    scoring.errors.OutputError
        If the folder or schema is not there, or the place is taken and not to be replaced.
    """
    if isinstance(place, File):
        check_file(place.path, replace=replace)
        return
    if not place.name:
        raise OutputError.without_name(str(place))
    kept = {
        str(table).lower()
        for model in models(Warehouse(connection))
        for table in (model, table_beside(model))
    }
    if str(place).lower() in kept:
        raise OutputError.belongs_to_models(str(place))
    schemas = [
        name
        for (name,) in connection.execute(
            "select schema_name from information_schema.schemata where catalog_name = current_database()"
        ).fetchall()
    ]
    if place.schema.lower() not in {name.lower() for name in schemas}:
        raise OutputError.no_such_schema(str(place), place.schema, schemas)
    existing = connection.execute(
        "select table_type from information_schema.tables where table_catalog = current_database() "
        "and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
        [place.schema, place.name],
    ).fetchone()
    if existing == ("VIEW",):
        raise OutputError.is_a_view(str(place))
    if existing is not None and not replace:
        raise OutputError.exists(str(place))


def check_distinct(source: Table | File, target: Table | File) -> None:
    """Check that scores do not take the place of the rows that they are of.

    Raises
    ------
    scoring.errors.OutputError
        If the output is the input, under whatever name.
    """
    if isinstance(source, Table) and isinstance(target, Table):
        is_same = str(source).lower() == str(target).lower()
    elif isinstance(source, File) and isinstance(target, File) and target.path.exists():
        paths = map(Path, [str(source), *glob(str(source))])
        is_same = any(path.exists() and path.samefile(target.path) for path in paths)
    else:
        is_same = False
    if is_same:
        raise OutputError.is_the_input(str(target))


def check_file(path: Path, *, replace: bool) -> None:
    """Check that a file can be written.

    Raises
    ------
    scoring.errors.OutputError
        If its folder is not there, or the file is and is not to be replaced.
    """
    if not path.parent.is_dir():
        raise OutputError.no_such_folder(str(path.parent))
    if path.exists() and not replace:
        raise OutputError.exists(str(path))


def write_output(
    connection: duckdb.DuckDBPyConnection,
    place: Table | File,
    rows: pa.RecordBatchReader,
    *,
    kept: Mapping[str, DuckDBPyType],
) -> int:
    """Write rows to a place that `check_output` has found good.

    Parameters
    ----------
    connection
        A connection to the warehouse, other than that which the rows come from.
    place
        A table is written in one statement, a file beside its place and then moved there.
    rows
        As `scoring.stream.score` gives them.
    kept
        The types that columns of the input have, before those that Arrow does not have were replaced.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    scoring.errors.OutputError
        If another process writes the file, or it cannot hold a value.
    """
    carried = {name: replaced(kind, IN_ARROW) for name, kind in kept.items()}
    if isinstance(place, Table):
        query = selected(SCORED_ROWS, kept, {}, carried)
        return write(connection, f"create or replace table {place.sql} as {query}", rows)
    with copying(place, SCORED_ROWS, kept, carried) as statement:
        return write(connection, statement, rows)


@contextmanager
def copying(
    place: File, relation: str, types: Mapping[str, DuckDBPyType], carried: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Give a statement that writes a relation to a file, which is there once it is whole.

    Parameters
    ----------
    place
        The file.
    relation
        As SQL has it.
    types
        Of its columns; of those that are not named nothing needs to be known.
    carried
        The types that the relation has instead.

    Raises
    ------
    scoring.errors.OutputError
        If another process writes the file, or it cannot hold a value.
    """
    check_types(place, types)
    is_parquet = place.format == "parquet"
    query = selected(relation, types, IN_PARQUET if is_parquet else {}, carried or {})
    options = f"format {place.format}, use_tmp_file false"
    if not is_parquet:
        options += f", header, compression {place.compression}"
    with replacing(place.path) as partial:
        try:
            yield f"copy ({query}) to {File(partial, place.format).sql} ({options})"
        except duckdb.ConversionException as error:
            wide = [name for name, kind in types.items() if holds(kind, WIDE)]
            if wide and is_parquet:
                raise OutputError.too_wide(str(place), wide) from error
            raise


def check_types(place: Table | File, types: Mapping[str, DuckDBPyType]) -> None:
    """Check that columns can be written to a place.

    Raises
    ------
    scoring.errors.OutputError
        If a type of them cannot.
    """
    if isinstance(place, File) and place.format == "parquet":
        wrong = [name for name, kind in types.items() if holds(kind, NOT_IN_PARQUET)]
        if wrong:
            raise OutputError.type_unknown(str(place), wrong, [str(types[name]) for name in wrong])


def selected(
    relation: str,
    types: Mapping[str, DuckDBPyType],
    instead: Mapping[str, str],
    carried: Mapping[str, str],
) -> str:
    """Return a query of all columns that gives back, or replaces, types."""
    casts = []
    for name, kind in types.items():
        wanted = replaced(kind, instead)
        if wanted != carried.get(name, replaced(kind, {})):
            casts.append(f"cast({quoted(name)} as {wanted}) as {quoted(name)}")
    replacements = f" replace ({', '.join(casts)})" if casts else ""
    return f"select *{replacements} from {relation}"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a hidden file to write, which takes the place of another once it is whole and on disk.

    What a killed process left of it is written over by the next.

    Raises
    ------
    scoring.errors.OutputError
        If another process writes the same file.
    """
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("ab") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_ours = os.path.samestat(os.fstat(held.fileno()), partial.stat())
        except (BlockingIOError, FileNotFoundError):  # in the hands of another, or moved by it just now
            is_ours = False
        if not is_ours:
            raise OutputError.being_written(str(path))
        try:
            yield partial
            os.fsync(held.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink()
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
