"""Where scores go: a table or a file that appears, or is replaced, only when it is whole."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from scoring.errors import OutputError
from scoring.places import File, Table, quoted
from scoring.registry import SCHEMA
from scoring.stream import SCORED_ROWS, write


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
    if place.schema.lower() == SCHEMA:
        raise OutputError.belongs_to_models(str(place))
    schemas = [
        name
        for (name,) in connection.execute(
            "select schema_name from information_schema.schemata where catalog_name = current_database()"
        ).fetchall()
    ]
    if place.schema.lower() not in {name.lower() for name in schemas}:
        raise OutputError.no_such_schema(place.schema, schemas)
    found = connection.execute(
        "select table_type from information_schema.tables where table_catalog = current_database() "
        "and lower(table_schema) = lower(?) and lower(table_name) = lower(?)",
        [place.schema, place.name],
    ).fetchone()
    if found == ("VIEW",):
        raise OutputError.is_a_view(str(place))
    if found is not None and not replace:
        raise OutputError.exists(str(place))


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
    restored: Mapping[str, str],
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
    restored
        By column, the type to give back.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    scoring.errors.OutputError
        If another process writes the file.
    """
    casts = ", ".join(f"cast({quoted(name)} as {kind}) as {quoted(name)}" for name, kind in restored.items())
    query = f"select * {f'replace ({casts})' if casts else ''} from {SCORED_ROWS}"
    if isinstance(place, Table):
        return write(connection, f"create or replace table {place.sql} as {query}", rows)
    with replacing(place.path) as partial:
        options = f"format {place.format}, use_tmp_file false"
        if place.format == "csv":
            options += f", header, compression {place.compression}"
        beside = File(partial, place.format)
        return write(connection, f"copy ({query}) to {beside.sql} ({options})", rows)


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
