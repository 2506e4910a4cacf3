"""The SQL functions by which the registry of the dbt project asks about versions and their SQL forms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import duckdb
from duckdb.func import SPECIAL
from duckdb.sqltypes import VARCHAR

from scoring import registry
from scoring.errors import WarehouseMLError
from scoring.loading import contents
from scoring.sql_forms import form_md5, form_problem

VERSION_PROBLEM = "ml_version_problem"
FUNCTIONS: dict[str, Callable[[str], str | None]] = {
    "ml_form_problem": form_problem,
    "ml_form_md5": form_md5,
}
NAMES = (VERSION_PROBLEM, *FUNCTIONS)


def version_problem(connection: duckdb.DuckDBPyConnection, reference: str) -> str | None:
    """Return why a version must not score; None if its row is as it was trained.

    Parameters
    ----------
    connection
        A connection to the warehouse that is not running another statement.
    reference
        Such as ``m@3``.
    """
    try:
        contents(connection, registry.resolve(connection, reference))
    except WarehouseMLError as error:
        return str(error)
    return None


def register(
    connection: duckdb.DuckDBPyConnection, number: int, new_cursor: Callable[[], duckdb.DuckDBPyConnection]
) -> None:
    """Add the functions to a connection, under names that no other connection to the file uses."""

    def problem(reference: str) -> str | None:
        with new_cursor() as cursor:
            return version_problem(cursor, reference)

    for name, function in {VERSION_PROBLEM: problem, **FUNCTIONS}.items():
        # Without side effects DuckDB would ask while it plans the query.
        connection.create_function(
            f"_{name}_{number}",
            partial(_null_for_null, function),
            [VARCHAR],
            VARCHAR,
            null_handling=SPECIAL,
            side_effects=True,
        )


def _null_for_null(function: Callable[[str], str | None], argument: str | None) -> str | None:
    return None if argument is None else function(argument)


def define_macros(cursor: duckdb.DuckDBPyConnection, number: int) -> None:
    """Give the functions of a connection their plain names on a cursor of it."""
    for name in NAMES:
        cursor.execute(f"create or replace temp macro {name}(given) as _{name}_{number}(given)")
