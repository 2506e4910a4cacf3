"""A copy of the warehouse for readers, who never wait for a build nor see half of one.

A published folder holds the copy under the name of the warehouse's file, as views name their database, and below
``previous/`` those that it replaced, each in a folder named after the time at which it was published.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from scoring.errors import OutputError
from scoring.places import literal, quoted

FOLDER, KEPT = "published", 2
"""Where copies go unless said, relative to the warehouse's file, and how many replaced ones stay."""
PREVIOUS = "previous"


def publish(connection: duckdb.DuckDBPyConnection, folder: Path | None = None, *, keep: int = KEPT) -> Path:
    """Copy the warehouse of a connection as it is committed, and put the copy in the place of the last one.

    The copy takes its place by one rename, once it is whole and on disk. A process that has the last one open goes on
    reading that.

    Parameters
    ----------
    connection
        In no transaction. What other connections have not committed is not in the copy.
    folder
        Where copies are published; made where it is missing. Unless given, `FOLDER` beside the warehouse's file.
    keep
        How many replaced copies stay.

    Returns
    -------
    Path
        The file for readers.

    Raises
    ------
    scoring.errors.OutputError
        If the warehouse has no file, the folder is its own, or another process publishes there.
    """
    ((database, file, is_read_only),) = connection.execute(
        "select database_name, path, readonly from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    if file is None:
        raise OutputError.nothing_to_publish()
    folder = folder or Path(file).parent / FOLDER
    published = folder / Path(file).name
    if folder.resolve() == Path(file).resolve().parent:
        raise OutputError.own_folder(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        copy = folder / f".{published.name}.partial"
        for left in (copy, copy.with_name(f"{copy.name}.wal")):  # by a publication that was killed
            left.unlink(missing_ok=True)
        if is_read_only:  # such a connection writes to no file at all
            with duckdb.connect() as reader:
                reader.execute(f"attach {literal(file)} as {quoted(database)} (read_only)")
                _copy(reader, database, copy)
        else:
            _copy(connection, database, copy)
        if published.exists():
            _keep(published)
        copy.replace(published)
        sync(folder)
        _drop_old(folder / PREVIOUS, keep)
    return published


def _copy(connection: duckdb.DuckDBPyConnection, database: str, copy: Path) -> None:
    """Write all of a database to a new file, and flush it to disk."""
    target = quoted(f"published copy of {database}")
    connection.execute(f"attach {literal(str(copy))} as {target}")
    try:
        connection.execute(f"copy from database {quoted(database)} to {target}")
        connection.execute(f"checkpoint {target}")
    finally:
        connection.execute(f"detach {target}")
    sync(copy)


def _keep(published: Path) -> None:
    """Keep the file that is about to be replaced under the time at which it was published."""
    written = datetime.fromtimestamp(published.stat().st_mtime, UTC)
    place = published.parent / PREVIOUS / written.strftime("%Y-%m-%dT%H-%M-%S-%fZ")
    place.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):  # a publication was killed after this step
        os.link(published, place / published.name)


def _drop_old(previous: Path, keep: int) -> None:
    """Remove replaced copies, the oldest first, until so many stay."""
    copies = sorted(previous.iterdir(), reverse=True) if previous.exists() else []
    for place in copies[keep:]:
        shutil.rmtree(place)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process publish in a folder."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise OutputError.being_written(str(folder)) from None
    finally:
        os.close(held)


def sync(path: Path) -> None:
    """Flush a file or folder to disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
