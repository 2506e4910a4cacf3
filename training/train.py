"""Train a version: the one entry point, for the materialization and for dbt Python models."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from time import perf_counter
from typing import Any

import duckdb
import pyarrow as pa

from scoring.registry import VERSION_SCHEMA
from training.data.dataset import Source
from training.data.training_set import training_set
from training.declared import config as configuration
from training.history import read_history
from training.project import FOLDER_VARIABLE, project_folder
from training.version import code_version

_ONE_AT_A_TIME = Lock()
"""Fitting takes all cores: two models at once, on two of dbt's threads, would need twice the memory."""

INVOCATION_VARIABLE = "dbt_invocation_id"
"""The DuckDB variable in which the dbt plugin leaves the id of the dbt run."""


def train(
    relation: duckdb.DuckDBPyRelation,
    *,
    model_name: str,
    config: Mapping[str, Any] | None,
    session: duckdb.DuckDBPyConnection | None = None,
    retrain: bool = False,
) -> pa.Table:
    """Train a model version, unless the newest one was trained on the same data, configuration and code.

    Parameters
    ----------
    relation
        The training query: features and the columns that the configuration names.
    model_name
        Name of the model.
    config
        The block under ``config: meta: ml:``.
    session
        A connection to the warehouse, for the versions so far and the champion, which is scored on the same
        rows; None for a model without a past.
    retrain
        Whether to train even if nothing has changed.

    Returns
    -------
    pyarrow.Table
        One row of `scoring.registry.VERSION_SCHEMA`, or no row if nothing has changed.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the configuration or the data breaks its rules, or the exported model does not score exactly
        as the trained one.
    """
    with project_folder(_variable(relation, FOLDER_VARIABLE)):
        return _train(relation, model_name, config, session, retrain)


def _train(
    relation: duckdb.DuckDBPyRelation,
    model_name: str,
    config: Mapping[str, Any] | None,
    session: duckdb.DuckDBPyConnection | None,
    retrain: bool,
) -> pa.Table:
    started = perf_counter()
    history = read_history(session, model_name)
    known = {"config": configuration.config_hash(config), "code": code_version()}
    is_known = config is not None and history.is_made_with(**known) and not retrain
    if config is not None and is_known:
        configuration.parse(config, model_name=model_name, is_trained=True)
    else:
        spec = configuration.parse(config, model_name=model_name)
    with Source(relation, model_name=model_name) as source:
        changes = history.changes(data=source.fingerprint, **known)
        if is_known and changes == ["retrain"]:
            return VERSION_SCHEMA.empty_table()
        if is_known:
            spec = configuration.parse(config, model_name=model_name)
        data = source.read(spec)
    invocation = _variable(relation, INVOCATION_VARIABLE)
    # What fits models takes longer to import than an unchanged model takes to be told.
    from training.candidate import make_row

    with _ONE_AT_A_TIME:
        return make_row(
            data,
            model_name=model_name,
            version=history.newest + 1,
            champion=None if history.champion is None else (session, history.champion),
            known={
                "changes": changes,
                "config_hash": known["config"],
                "dbt_invocation_id": invocation,
                "training_set": training_set(session, relation, model_name, invocation=invocation),
            },
            started=started,
        )


def _variable(relation: duckdb.DuckDBPyRelation, name: str) -> str | None:
    """Return a variable that the dbt plugin set on the relation's connection, without reading any row."""
    found = relation.limit(0).aggregate(f"count(*), getvariable('{name}')").fetchall()[0]
    return None if found[1] is None else str(found[1])
