"""Errors of explaining a score."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError, listed


class ExplanationError(WarehouseMLError):
    """A score that cannot be explained."""

    @classmethod
    def no_explainer(cls, model: str, estimator: str | None, estimators: Iterable[str]) -> Self:
        """Report which estimators' scores can be explained."""
        return cls(
            f"Model '{model}' cannot be explained: ml_explain is for models of the estimators "
            f"{listed(sorted(estimators))}, and this one's is '{estimator or 'unknown'}'; see its "
            "feature importance in ml.model_features, or train it with another estimator."
        )

    @classmethod
    def unreadable(cls, model: str, reason: str) -> Self:
        """Report a model text that cannot be read."""
        return cls(
            f"Model '{model}' cannot be explained: column native_model of its row is damaged: {reason}; "
            "restore the row from a backup or train a new version."
        )

    @classmethod
    def not_a_count(cls, value: object) -> Self:
        """Report that the number of contributions is none."""
        return cls(
            "The third argument of ml_explain must be a whole number from 1 on, of the largest contributions "
            f"to give; it is {value}: write it as in ml_explain('m', t, 3)."
        )
