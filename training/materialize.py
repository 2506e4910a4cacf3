"""The dbt side of training: a compiled query in, a temporary table with a version row or a problem out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb
import pyarrow as pa

from scoring.errors import WarehouseMLError
from scoring.registry import SCHEMA, VERSION_SCHEMA
from training.errors import PlaceError, QueryError
from training.sql import quoted
from training.train import train

VIEW = "version_of_a_training"
"""What the rows are called while they are copied into the table."""


def materialize(
    session: duckdb.DuckDBPyConnection,
    *,
    query: str,
    schema: str,
    model_name: str,
    config: Mapping[str, Any] | None,
    retrain: bool,
    outcome: str,
) -> None:
    """Train what a node of materialization ``ml_model`` declares, and leave the outcome in a temporary table.

    The table has the columns of `scoring.registry.VERSION_SCHEMA`, ``problem`` and ``is_misplaced``: one row
    with a new version, no row if nothing has changed, or one row with nothing but the problem that ended the
    training and whether the model's place is wrong or taken. An error that is none of ours is raised.

    Parameters
    ----------
    session
        The node's connection.
    query
        The compiled training query.
    schema, model_name
        Where dbt puts the node.
    config
        The block under ``config: meta: ml:``; None if there is none.
    retrain
        Whether to train even if nothing has changed.
    outcome
        Name of the temporary table.
    """
    try:
        if schema.lower() != SCHEMA:
            raise PlaceError.other_schema(model_name, schema)
        rows = train(
            _relation(session, query, model_name),
            model_name=model_name,
            config=config,
            session=session,
            retrain=retrain,
        )
        problem: WarehouseMLError | None = None
    except WarehouseMLError as error:
        rows = pa.Table.from_pylist([{}], VERSION_SCHEMA)
        problem = error
    _leave(session, outcome, rows, problem)


def _relation(session: duckdb.DuckDBPyConnection, query: str, model_name: str) -> duckdb.DuckDBPyRelation:
    """Return the query, bound but not run."""
    try:
        return session.sql(query)
    except duckdb.Error as error:
        raise QueryError.refused(model_name, str(error)) from error


def _leave(
    session: duckdb.DuckDBPyConnection, outcome: str, rows: pa.Table, problem: WarehouseMLError | None
) -> None:
    text = None if problem is None else str(problem)
    found = rows.append_column("problem", pa.array([text] * rows.num_rows, pa.string())).append_column(
        "is_misplaced", pa.array([isinstance(problem, PlaceError)] * rows.num_rows, pa.bool_())
    )
    session.register(VIEW, found)
    try:
        session.execute(f"create or replace temporary table {quoted(outcome)} as from {VIEW}")
    finally:
        session.unregister(VIEW)
