"""From a model reference to a version that is ready to score."""

from __future__ import annotations

from functools import partial

import duckdb

from scoring import explainers, registry
from scoring.artifact import Artifact
from scoring.scorer import Scorer
from scoring.signature import Signature


def load(connection: duckdb.DuckDBPyConnection, reference: str) -> Scorer:
    """Return the version that a model reference means right now.

    Parameters
    ----------
    connection
        A connection to the warehouse that is not running another statement.
    reference
        ``m``, ``m@3``, ``m@champion`` or ``m@challenger``.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such model or version, the model has no champion, or the artifact must not be loaded.
    """
    row = registry.resolve(connection, reference)
    data = registry.read_artifact(connection, row)
    artifact = Artifact(data, expected_digest=row.artifact_sha256, model=row.name)
    signature = Signature.from_row(row.signature)
    native = registry.read_native_model(connection, row)
    return Scorer(
        row.name, row.task, signature, artifact, partial(explainers.load, row.name, *native, signature)
    )
