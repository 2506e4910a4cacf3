"""A version as a folder of two files: the ONNX model, and a description with the signature. No pickle, no code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from scoring import loading, registry
from scoring.artifact import Artifact
from scoring.errors import ExchangeError
from scoring.export import description
from scoring.model import Model
from scoring.scorer import Scorer
from scoring.signature import Signature
from scoring.version_checks import check_row
from scoring.warehouse import Warehouse

ONNX, DESCRIPTION = "model.onnx", "version.json"


def write(warehouse: Warehouse, row: registry.VersionRow, folder: Path) -> dict[str, Any]:
    """Write the files of a version, whose digests agree, and return its description.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the row is damaged, or its artifact must not be loaded.
    """
    data = loading.contents(warehouse, row).artifact
    loading.open_artifact(row, data)
    described = description(warehouse, row)
    (folder / ONNX).write_bytes(data)
    text = json.dumps(described, indent=2, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(f"{text}\n", encoding="utf-8")
    return described


def read(folder: Path) -> Model:
    """Return the version that a folder holds.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If a file is missing or not as it was written.
    """
    for name in (ONNX, DESCRIPTION):
        if not (folder / name).is_file():
            raise ExchangeError.not_ours(str(folder), name)
    try:
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        values = {**described, "model_name": described["model"]}
        # The same checks as of a row: whatever is wrong is found before the bytes are opened.
        check_row(values["model_name"], values["version"], values)
        signature = Signature.from_row(values["signature"])
        name = f"{values['model_name']}@{values['version']}"
        digest, task = str(values["artifact_sha256"]), str(values["task"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExchangeError.unreadable(
            str(folder / DESCRIPTION), f"{type(error).__name__} {error}"
        ) from error
    artifact = Artifact((folder / ONNX).read_bytes(), expected_digest=digest, model=name)
    artifact.check_fits(len(signature.features), {output.name for output in signature.outputs})
    return Model(Scorer(name, task, signature, artifact, _no_explainer(name)))


def _no_explainer(name: str) -> Any:
    def explainer() -> Any:
        raise NotImplementedError(f"{name} was loaded without what explains its scores")

    return explainer
