"""A warehouse file without the space of what was removed from it: DuckDB reuses such space, but gives none back."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from scoring.errors import OutputError
from scoring.places import literal, quoted
from scoring.publishing import sync


@dataclass(frozen=True)
class Sizes:
    """The size of a file in bytes, before and after."""

    before: int
    after: int


def shrink(connection: duckdb.DuckDBPyConnection) -> Sizes:
    """Write the warehouse of a connection anew, and put it in the place of its file by one rename.

    No other process can have the file open meanwhile, as the connection holds it. A killed process leaves the file
    as it was, and beside it a hidden one, which the next call writes over. Links to the file and its permissions stay.

    Parameters
    ----------
    connection
        The only one of this process to the file, which it may write, in no transaction. It is of no use afterwards,
        as it holds the replaced file: close it.

    Raises
    ------
    scoring.errors.OutputError
        If the warehouse has no file that can be replaced.
    """
    ((database, named, is_read_only, version),) = connection.execute(
        "select database_name, path, readonly, tags['storage_version'] from duckdb_databases() "
        "where database_name = current_database()"
    ).fetchall()
    if named is None or is_read_only:
        raise OutputError.nothing_to_shrink()
    file = Path(named).resolve()
    connection.execute("checkpoint")
    before = file.stat().st_size
    ((block_size,),) = connection.execute(
        "select block_size from pragma_database_size() where database_name = current_database()"
    ).fetchall()
    copy = file.with_name(f".{file.name}.partial")
    _remove(copy)
    target = quoted(f"smaller copy of {database}")
    options = f"block_size {block_size}"
    if version:
        options += f", storage_version {literal(version.rstrip('+'))}"
    try:
        connection.execute(f"attach {literal(str(copy))} as {target} ({options})")
        try:
            connection.execute(f"copy from database {quoted(database)} to {target}")
            connection.execute(f"checkpoint {target}")
        finally:
            connection.execute(f"detach {target}")
        _keep_owner(file, copy)
        sync(copy)
        after = copy.stat().st_size
        if after < before:
            # A write-ahead log would be taken for one of the new file.
            if file.with_name(f"{file.name}.wal").exists():
                raise OutputError.being_written(str(file))
            copy.replace(file)
            sync(file.parent)
    finally:
        _remove(copy)
    return Sizes(before, min(before, after))


def _keep_owner(file: Path, copy: Path) -> None:
    shutil.copymode(file, copy)
    state = file.stat()
    with suppress(PermissionError):  # only the owner itself, or root, can give a file to another
        os.chown(copy, state.st_uid, state.st_gid)


def _remove(copy: Path) -> None:
    for left in (copy, copy.with_name(f"{copy.name}.wal")):
        left.unlink(missing_ok=True)
