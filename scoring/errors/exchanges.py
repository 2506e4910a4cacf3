"""Errors of versions on their way to MLflow and back."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class ExchangeError(WarehouseMLError):
    """A version that does not get to MLflow, or not back."""

    @classmethod
    def not_installed(cls, reason: str) -> Self:
        """Report that MLflow is missing."""
        return cls(
            f"MLflow is needed to log and load versions, but Python says: {reason}; install it with "
            "pip install 'warehouse-ml[mlflow]'."
        )

    @classmethod
    def refused(cls, what: str, reason: str) -> Self:
        """Report what MLflow says."""
        return cls(f"{what} failed; MLflow says: {reason}; correct the name or address, and run again.")

    @classmethod
    def not_ours(cls, uri: str, file: str) -> Self:
        """Report a model of MLflow that was not logged from a warehouse."""
        return cls(
            f"The model {uri} has no file {file}: only versions that warehouse-ml logged can be loaded this way; "
            "load it with mlflow.pyfunc, or bring its ONNX file in as a model with estimator: onnx."
        )

    @classmethod
    def unreadable(cls, file: str, reason: str) -> Self:
        """Report a description that is not as it was written."""
        return cls(f"The file {file} is not as warehouse-ml wrote it: {reason}; log the version again.")
