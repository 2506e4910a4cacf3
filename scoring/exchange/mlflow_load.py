"""A version out of MLflow, with the methods that one of a warehouse has."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from scoring.errors import ExchangeError, OutputError
from scoring.exchange import folder
from scoring.exchange.mlflow_client import imported, talking
from scoring.model import Model
from scoring.outputs import check_file, replacing


def load_from_mlflow(uri: str, *, tracking_uri: str | None = None) -> Model:
    """Return a version that `log_to_mlflow` logged; its scores are those of the warehouse.

    Parameters
    ----------
    uri
        Such as ``models:/churn@champion``, ``models:/churn/2`` or ``runs:/<run>/model``.
    tracking_uri
        MLflow's server or database; by default what MLflow is configured with.

    Raises
    ------
    scoring.errors.ExchangeError
        If MLflow is not installed or has no such model, or it was not logged from a warehouse.
    scoring.errors.ArtifactError
        If the ONNX file is not the one that was logged.
    """
    with TemporaryDirectory() as place:
        return folder.read(_downloaded(uri, place, tracking_uri))


def download(uri: str, path: Path, *, replace: bool, tracking_uri: str | None = None) -> str:
    """Write the ONNX file of such a version, its description as JSON beside it, and return the version's name.

    Raises
    ------
    scoring.errors.WarehouseMLError
        See `load_from_mlflow`; or if a file is there and not to be replaced.
    """
    beside = path.with_suffix(".json")
    if beside == path:
        raise OutputError.not_onnx(str(path))
    for file in (path, beside):
        check_file(file, replace=replace)
    with TemporaryDirectory() as place:
        files = _downloaded(uri, place, tracking_uri)
        model = folder.read(files)
        with replacing(path) as onnx, replacing(beside) as text:
            shutil.copyfile(files / folder.ONNX, onnx)
            shutil.copyfile(files / folder.DESCRIPTION, text)
    return model.name


def _downloaded(uri: str, place: str, tracking_uri: str | None) -> Path:
    """Return the folder in which the version's files are."""
    mlflow = imported()
    with talking(mlflow, tracking_uri, f"Loading {uri}"):
        files = Path(mlflow.artifacts.download_artifacts(uri, dst_path=place))
    # MLflow puts the folder that it was given into one of its own.
    for description in sorted(files.rglob(folder.DESCRIPTION)):
        return description.parent
    raise ExchangeError.not_ours(uri, folder.DESCRIPTION)
