"""Train a version: the one entry point, for the materialization and for dbt Python models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa

from scoring.artifact import Artifact, digest
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Signature
from training import config as configuration
from training import dataset, parity
from training.dataset import Dataset
from training.estimators import ESTIMATORS
from training.estimators.lightgbm import Examples, fit
from training.export.lightgbm import to_onnx
from training.metrics import evaluate
from training.snapshot import snapshot
from training.splits import Part
from training.version import code_version, version_row

INVOCATION_VARIABLE = "dbt_invocation_id"
"""The DuckDB variable in which the dbt plugin leaves the id of the dbt run."""


def train(
    relation: duckdb.DuckDBPyRelation,
    *,
    model_name: str,
    config: Mapping[str, Any],
    history: duckdb.DuckDBPyRelation | None = None,
) -> pa.Table:
    """Train a model version, unless the newest one was trained on the same data, configuration and code.

    Parameters
    ----------
    relation
        The training query: features, label, key and time.
    model_name
        Name of the model.
    config
        The block under ``config: meta: ml:``.
    history
        The model's versions so far; None for a new model.

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
    started = perf_counter()
    spec = configuration.parse(config, model_name=model_name)
    data = dataset.read(relation, spec, model_name=model_name)
    newest = _newest(history)
    if newest is not None and newest[1:] == (data.fingerprint, spec.hash, code_version()):
        return VERSION_SCHEMA.empty_table()

    parts = dataset.divide(data, spec, model_name=model_name)
    fitted, validation = parts["train"].slice, parts["validation"].slice
    signature = data.signature(fitted)
    matrix = data.matrix(signature, model=model_name)
    booster = fit(
        Examples(matrix[fitted], data.label[fitted]),
        Examples(matrix[validation], data.label[validation]),
        task=spec.task,
        params=spec.params,
        seed=spec.seed,
        categorical=[n for n, feature in enumerate(signature.features) if feature.type == "category"],
    )
    onnx_bytes = to_onnx(booster)
    artifact = Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model=model_name)
    prediction = artifact.run(matrix)
    row = version_row(
        model_name=model_name,
        version=1 if newest is None else newest[0] + 1,
        task=spec.task,
        label=spec.label,
        key=spec.key,
        time_column=spec.time,
        estimator=spec.estimator,
        params=json.dumps({**ESTIMATORS[spec.estimator].defaults, **spec.params}, sort_keys=True),
        seed=spec.seed,
        signature=signature.to_row(),
        split={**asdict(spec.split), "parts": [_part_row(data, part) for part in parts.values()]},
        training_snapshot=snapshot(data.table[fitted], signature, time=spec.time),
        data_fingerprint=data.fingerprint,
        config_hash=spec.hash,
        metrics=[
            {"split": part.name, "metric": metric, "value": value}
            for part in parts.values()
            for metric, value in evaluate(spec.task, data.label[part.slice], prediction[part.slice]).items()
        ],
        feature_importance=_importance(booster, signature),
        parity=None,
        training_seconds=perf_counter() - started,
        artifact=onnx_bytes,
        artifact_sha256=digest(onnx_bytes),
        native_model=booster.model_to_string(),
        dbt_invocation_id=_invocation_id(relation),
    )
    found = parity.check(booster, artifact, row, signature=signature, rows=data.table, matrix=matrix)
    column = pa.array([asdict(found)], VERSION_SCHEMA.field("parity").type)
    return row.set_column(VERSION_SCHEMA.get_field_index("parity"), "parity", column)


def _newest(history: duckdb.DuckDBPyRelation | None) -> tuple[Any, ...] | None:
    """Return version, data fingerprint, configuration hash and code version of the newest version."""
    if history is None:
        return None
    columns = "version, data_fingerprint, config_hash, code_version"
    newest: tuple[Any, ...] | None = history.order("version desc").limit(1).project(columns).fetchone()
    return newest


def _invocation_id(relation: duckdb.DuckDBPyRelation) -> str | None:
    """Return the id of the dbt run that set it on the relation's connection, without reading any row."""
    found = relation.limit(0).aggregate(f"count(*), getvariable('{INVOCATION_VARIABLE}')").fetchall()[0]
    return None if found[1] is None else str(found[1])


def _part_row(data: Dataset, part: Part) -> dict[str, Any]:
    starts_at, ends_at = (_instant(data.times[position]) for position in (part.start, part.stop - 1))
    return {"split": part.name, "rows": part.rows, "starts_at": starts_at, "ends_at": ends_at}


def _instant(microseconds: np.int64) -> datetime:
    return datetime(1970, 1, 1) + timedelta(microseconds=int(microseconds))


def _importance(booster: lightgbm.Booster, signature: Signature) -> list[dict[str, Any]]:
    """Return the total gain and the number of splits of every feature, the largest gain first."""
    gains, splits = (booster.feature_importance(importance_type=kind) for kind in ("gain", "split"))
    rows = [
        {"feature": feature.name, "gain": float(gain), "splits": int(count)}
        for feature, gain, count in zip(signature.features, gains, splits, strict=True)
    ]
    return sorted(rows, key=lambda row: (-row["gain"], row["feature"]))
