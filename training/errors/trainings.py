"""Errors of a training: its query, its Python file, its place in the warehouse, its libraries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, listed
from training.reasons import reason_of

LIBRARIES = {"duckdb": "DuckDB", "_duckdb": "DuckDB", "lightgbm": "LightGBM", "sklearn": "scikit-learn"}
LIBRARIES |= {"optuna": "Optuna", "onnx": "ONNX", "onnxruntime": "onnxruntime", "pyarrow": "Arrow"}
"""The names of the libraries that take part in training, by the module of their errors."""

MOST_OF_A_REASON = 500
"""Characters; some libraries report with the whole of their input."""


class QueryError(WarehouseMLError):
    """A training query that the engine cannot run."""

    @classmethod
    def refused(cls, model_name: str, reason: str) -> Self:
        """Report what the engine says of the query."""
        return cls(
            f"Model '{model_name}' cannot read its training data: the warehouse must be able to run the query, but "
            f"says: {' '.join(reason.split())}; correct the query, which `dbt show --select {model_name}` "
            "runs alone."
        )


class PythonModelError(WarehouseMLError):
    """A dbt Python model that gives no training rows."""

    @classmethod
    def failed(cls, model_name: str, error: Exception) -> Self:
        """Report the error of the user's own code."""
        reason = reason_of(error)[:MOST_OF_A_REASON] or "no reason given"
        return cls(
            f"Model '{model_name}' was not trained: its Python file ends in {type(error).__name__}: {reason}; correct "
            "the file; the log file of dbt has the traceback."
        )

    @classmethod
    def no_rows(cls, model_name: str, kind: str, *, has_model: bool) -> Self:
        """Report what the function returns in place of rows."""
        beside = " after the fitted model" if has_model else ""
        return cls(
            f"Model '{model_name}' was not trained: its function model returns {kind}{beside}; it must return the "
            "training rows as a DuckDB relation, an Arrow table or a data frame, or a fitted model with its rows: "
            "return [fitted, rows]."
        )


class PlaceError(WarehouseMLError):
    """A model whose place in the warehouse is taken."""

    @classmethod
    def taken(cls, relation: str, missing: Sequence[str]) -> Self:
        """Report that a relation with the model's name holds something else than versions."""
        return cls(
            f"The model cannot be stored: {relation} is not a table of model versions, as it lacks the columns "
            f"{listed(missing[:5])}; rename the model, or drop or rename that relation."
        )


class TrainingError(WarehouseMLError):
    """A training that ended in an error that no rule of ours foresees."""

    @classmethod
    def unforeseen(cls, model_name: str, error: Exception) -> Self:
        """Name the library, where it is one that the user knows, and what it reports."""
        module = type(error).__module__.partition(".")[0]
        source = LIBRARIES.get(module, type(error).__name__)
        reason = reason_of(error)[:MOST_OF_A_REASON] or "no reason given"
        return cls(
            f"Model '{model_name}' was not trained: {source} reports: {reason}; change the query or the "
            "model's block so that it can be trained; the log file of dbt has the traceback."
        )


class FitWarning(UserWarning):
    """A model that was fitted, but not to the end."""

    @classmethod
    def unfinished(cls, estimator: str, reason: str) -> Self:
        """Report that the best weights were not reached, in the library's words."""
        return cls(
            f"Estimator '{estimator}' was not fitted to its end: its weights or centres must settle, but "
            f"scikit-learn says: {reason}; raise max_iter or change the other params."
        )
