"""The option that every command has, and what it opens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
import duckdb

from scoring.errors import MemoryLimitError, NoWarehouseError
from scoring.warehouse import Warehouse, default_path, open_warehouse

MEMORY = r" *\d{1,6}(\.\d*)? *[KMGT](i?B)? *"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def warehouse_option(command: _Command) -> _Command:
    """Give a command the option ``--warehouse``, which may stand before or after its name."""
    return click.option(
        "--warehouse",
        metavar="PATH",
        expose_value=False,
        callback=_keep,
        help="The DuckDB file. Default: $WAREHOUSE_ML_WAREHOUSE, $WAREHOUSE_PATH or warehouse.duckdb.",
    )(command)


@contextmanager
def warehouse(*, read_only: bool = True, memory: str | None = None) -> Iterator[Warehouse]:
    """Open the warehouse that was chosen.

    Parameters
    ----------
    read_only
        Open it without the right to change it.
    memory
        DuckDB's own limit of memory.

    Raises
    ------
    scoring.errors.NoWarehouseError
        If the file is not there.
    scoring.errors.LockedWarehouseError
        If another process holds it.
    scoring.errors.MemoryLimitError
        If the limit of memory is none, or DuckDB needs more.
    """
    if memory is not None and not re.fullmatch(MEMORY, memory, re.IGNORECASE):
        raise MemoryLimitError.of(memory)
    chosen = click.get_current_context().find_root().obj or default_path()
    if not Path(chosen).is_file():
        raise NoWarehouseError.at(chosen)
    config = {"memory_limit": memory} if memory else {}
    try:
        with open_warehouse(chosen, read_only=read_only, config=config) as connection:
            connection.execute("set enable_progress_bar = false")  # DuckDB's own writes to standard output
            yield Warehouse(connection)
    except duckdb.Error as error:
        if "Out of Memory Error" in str(error):
            raise MemoryLimitError.too_small() from error
        raise


def _keep(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Keep the choice; one after the command's name is read later, and rules."""
    if value is not None:
        context.find_root().obj = value
