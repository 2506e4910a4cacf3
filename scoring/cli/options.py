"""The option that every command has, and what it opens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from scoring.errors import NoWarehouseError
from scoring.warehouse import Warehouse, open_warehouse

VARIABLES = ("WAREHOUSE_ML_WAREHOUSE", "WAREHOUSE_PATH")
"""Environment variables that name the warehouse; the second is what the dbt project reads."""
DEFAULT_WAREHOUSE = "warehouse.duckdb"
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
    """
    variables = (os.environ.get(name) for name in VARIABLES)
    chosen = click.get_current_context().find_root().obj or next(filter(None, variables), DEFAULT_WAREHOUSE)
    if not Path(chosen).is_file():
        raise NoWarehouseError.at(chosen)
    config = {"memory_limit": memory} if memory else {}
    with open_warehouse(chosen, read_only=read_only, config=config) as connection:
        connection.execute("set enable_progress_bar = false")  # DuckDB's own writes to standard output
        yield Warehouse(connection)


def _keep(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Keep the choice; one after the command's name is read later, and rules."""
    if value is not None:
        context.find_root().obj = value
