"""A version as files: the ONNX model with what is to be known of it, and the same as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from scoring import loading, registry
from scoring.artifact import INPUT_NAME
from scoring.errors import OutputError, VersionRowError
from scoring.onnx_bytes import with_notes
from scoring.outputs import check_file, replacing
from scoring.version_checks import check_filled
from scoring.warehouse import Warehouse

PREFIX = "warehouse_ml."
"""What the keys of the notes in the ONNX file begin with."""
NULL_RULES = (
    "float64; a missing value is NaN, a category its position in `categories`, an instant seconds since 1970"
)

THREADS = (
    "with intra_op_num_threads = 1 raw scores are those of the warehouse to the last bit; several threads "
    "add the same leaf values in another order from batches of 51 rows on"
)


def export(warehouse: Warehouse, reference: str, path: Path, *, replace: bool) -> str:
    """Write the artifact of a version to a file, and a description of it to a JSON file beside.

    The artifact's metadata hold the same description, one note for each of its keys.

    Parameters
    ----------
    warehouse
        The warehouse.
    reference
        The version.
    path
        The ONNX file, its suffix not ``.json``, which the other one has.
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
    if beside == path:
        raise OutputError.not_onnx(str(path))
    for file in (path, beside):
        check_file(file, replace=replace)
    row = registry.resolve(warehouse, reference)
    data = loading.contents(warehouse, row).artifact
    loading.open_artifact(row, data)
    described = description(warehouse, row)
    notes = {
        PREFIX + key: value if isinstance(value, str) else json.dumps(value)
        for key, value in described.items()
    }
    with replacing(path) as model, replacing(beside) as text:
        model.write_bytes(with_notes(data, notes))
        text.write_text(json.dumps(described, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return row.name


def description(warehouse: Warehouse, row: registry.VersionRow) -> dict[str, Any]:
    """Return what is to be known of a version outside of the warehouse."""
    columns = ("label", "created_at", "library_versions")
    label, created_at, libraries = registry.read(warehouse, row, *columns)
    values = {"created_at": created_at, "library_versions": libraries}
    check_filled(row.model_name, row.version, values, ["created_at", "library_versions[].name"])
    if not isinstance(created_at, datetime):
        raise VersionRowError.wrong(row.model_name, row.version, "created_at", created_at, "a timestamp")
    return {
        "model": row.model_name,
        "version": row.version,
        "task": row.task,
        "estimator": row.estimator,
        "label": label,
        "created_at": created_at.isoformat(),
        "artifact_sha256": row.artifact_sha256,
        "input": {"name": INPUT_NAME, "values": NULL_RULES},
        "threads": THREADS,
        "signature": dict(row.signature),
        "libraries": {library["name"]: library["version"] for library in libraries},
    }
