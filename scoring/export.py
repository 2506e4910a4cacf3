"""A version as files: the ONNX model with what is to be known of it, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from scoring import registry
from scoring.artifact import INPUT_NAME, Artifact
from scoring.onnx_bytes import with_notes
from scoring.outputs import check_file, replacing
from scoring.places import quoted

PREFIX = "warehouse_ml."
"""What the keys of the notes in the ONNX file begin with."""
NULL_RULES = (
    "float64; a missing value is NaN, a category its position in `categories`, an instant seconds since 1970"
)

THREADS = (
    "with intra_op_num_threads = 1 raw scores are those of the warehouse to the last bit; several threads "
    "add the same leaf values in another order from batches of 51 rows on"
)


def export(connection: duckdb.DuckDBPyConnection, reference: str, path: Path, *, replace: bool) -> str:
    """Write the artifact of a version to a file, and a description of it to a JSON file beside.

    The artifact's metadata hold the same description, one note for each of its keys.

    Parameters
    ----------
    connection
        A connection to the warehouse.
    reference
        The version.
    path
        The ONNX file. The other has the same name with the suffix ``.json``.
    replace
        Whether files that are there may be replaced.

    Returns
    -------
    str
        The version's name.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such version, its artifact must not be loaded, or a file is there
        and not to be replaced.
    """
    beside = path.with_suffix(".json")
    for file in (path, beside):
        check_file(file, replace=replace)
    row = registry.resolve(connection, reference)
    data = registry.read_artifact(connection, row)
    Artifact(data, expected_digest=row.artifact_sha256, model=row.name)
    described = description(connection, row)
    notes = {
        PREFIX + key: value if isinstance(value, str) else json.dumps(value)
        for key, value in described.items()
    }
    with replacing(path) as model, replacing(beside) as text:
        model.write_bytes(with_notes(data, notes))
        text.write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return row.name


def description(connection: duckdb.DuckDBPyConnection, row: registry.VersionRow) -> dict[str, Any]:
    """Return what is to be known of a version outside of the warehouse."""
    ((estimator, label, created_at, libraries),) = connection.execute(
        "select estimator, label, created_at, library_versions "
        f"from {registry.SCHEMA}.{quoted(row.model_name)} where version = ?",
        [row.version],
    ).fetchall()
    return {
        "model": row.model_name,
        "version": row.version,
        "task": row.task,
        "estimator": estimator,
        "label": label,
        "created_at": created_at.isoformat(),
        "artifact_sha256": row.artifact_sha256,
        "input": {"name": INPUT_NAME, "values": NULL_RULES},
        "threads": THREADS,
        "signature": dict(row.signature),
        "libraries": {library["name"]: library["version"] for library in libraries or ()},
    }
