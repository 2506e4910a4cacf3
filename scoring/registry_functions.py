"""The SQL functions by which the dbt project asks for an action of an operator, and checks blocks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import duckdb
from duckdb.func import SPECIAL
from duckdb.sqltypes import VARCHAR

from scoring.actions import act
from scoring.warehouse import Warehouse

ACT = "ml_act"


def register(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    warehouse: Callable[[], AbstractContextManager[Warehouse]],
) -> None:
    """Add the function to a connection, under a name that no other connection to the file uses."""

    def answer(request: str) -> str:
        with warehouse() as opened:
            return act(opened, request)

    # Without side effects DuckDB would ask while it plans the query.
    connection.create_function(
        f"_{ACT}_{number}", answer, [VARCHAR], VARCHAR, null_handling=SPECIAL, side_effects=True
    )


def define_macros(cursor: duckdb.DuckDBPyConnection, number: int) -> None:
    """Give the function of a connection its plain name on a cursor of it."""
    cursor.execute(f"create or replace temp macro {ACT}(request) as _{ACT}_{number}(request)")
