"""The dbt side of training: a compiled query in, a temporary table with a version row or a problem out."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa

from scoring.errors import WarehouseMLError
from scoring.registry import SCHEMA, VERSION_SCHEMA
from training.errors import PlaceError, QueryError, TrainingError
from training.sql import quoted
from training.train import train

VIEW = "version_of_a_training"
"""What the rows are called while they are copied into the table."""

REFUSALS = f"{SCHEMA}.training_refusals"
"""The table with why a model has no new version: a row for each whose last training was refused."""

_ONE_AT_A_TIME = Lock()
"""Two models that make the table at once would be in each other's way."""

NOTHING_TRAINED = VERSION_SCHEMA.empty_table()


@dataclass(frozen=True)
class Refusal:
    """Why a model was not trained.

    Parameters
    ----------
    problem
        The sentence for the user.
    is_misplaced
        Whether the model's place in the warehouse is wrong or taken, so that the registry could not read it.
    details
        The traceback of an error that no rule of ours foresees; None for others.
    """

    problem: str
    is_misplaced: bool = False
    details: str | None = None


def materialize(
    session: duckdb.DuckDBPyConnection,
    *,
    query: str,
    schema: str,
    model_name: str,
    config: Mapping[str, Any] | None,
    retrain: bool,
    without_data: bool,
    outcome: str,
) -> None:
    """Train what a node of materialization ``ml_model`` declares, and leave the outcome in a temporary table.

    The table has the columns of `scoring.registry.VERSION_SCHEMA` and of `Refusal`: one row with a new
    version, no row if nothing has changed, or one row with nothing but the refusal. Whatever goes wrong is a
    refusal of this model, so that the node ends well and other models go on; interrupts alone are raised.

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
    without_data
        Whether dbt runs with ``--empty`` or ``--sample``: the query then gives no training set, and nothing
        is trained.
    outcome
        Name of the temporary table.
    """
    rows, refusal = NOTHING_TRAINED, None
    try:
        if schema.lower() != SCHEMA:
            raise PlaceError.other_schema(model_name, schema)
        if not without_data:
            rows = train(
                _relation(session, query, model_name),
                model_name=model_name,
                config=config,
                session=session,
                retrain=retrain,
            )
    except WarehouseMLError as error:
        refusal = Refusal(str(error), isinstance(error, PlaceError))
    except duckdb.InterruptException:
        raise
    except Exception as error:
        refusal = Refusal(str(TrainingError.unforeseen(model_name, error)), details=traceback.format_exc())
    if not without_data:
        _keep(session, model_name, refusal)
    _leave(session, outcome, rows, refusal)


def _relation(session: duckdb.DuckDBPyConnection, query: str, model_name: str) -> duckdb.DuckDBPyRelation:
    """Return the query, bound but not run."""
    try:
        return session.sql(query)
    except duckdb.Error as error:
        raise QueryError.refused(model_name, str(error)) from error


def _keep(session: duckdb.DuckDBPyConnection, model_name: str, refusal: Refusal | None) -> None:
    """Keep the refusal for whom it concerns, the predictions above all; one of an earlier training goes."""
    with _ONE_AT_A_TIME:
        session.execute(f"create schema if not exists {SCHEMA}")
        session.execute(
            f"create table if not exists {REFUSALS} "
            "(model_name varchar, problem varchar, refused_at timestamp)"
        )
        session.execute(f"delete from {REFUSALS} where model_name = ?", [model_name])
        if refusal is not None:
            session.execute(
                f"insert into {REFUSALS} values (?, ?, timezone('UTC', current_timestamp))",
                [model_name, refusal.problem],
            )


def _leave(session: duckdb.DuckDBPyConnection, outcome: str, rows: pa.Table, refusal: Refusal | None) -> None:
    if refusal is not None:
        rows = pa.Table.from_pylist([{}], VERSION_SCHEMA)
    count = rows.num_rows
    left = (
        rows.append_column("problem", pa.array([refusal and refusal.problem] * count, pa.string()))
        .append_column("is_misplaced", pa.array([bool(refusal and refusal.is_misplaced)] * count, pa.bool_()))
        .append_column("details", pa.array([refusal and refusal.details] * count, pa.string()))
    )
    session.register(VIEW, left)
    try:
        session.execute(f"create or replace temporary table {quoted(outcome)} as from {VIEW}")
    finally:
        session.unregister(VIEW)
