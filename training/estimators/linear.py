"""Weighted sums of prepared columns by scikit-learn: what all linear models share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.signature import Signature
from training.estimators.base import Choice, Limits, Range, Setting
from training.estimators.scikit import ScikitModel
from training.export.classes import Part
from training.export.layers import prediction, weighted_sum
from training.export.sql_form import SqlForm
from training.export.sql_form_linear import sql_form

Values = NDArray[np.float64]

PENALTIES = ("none", "ridge", "lasso", "elastic_net")
PARAMS: Mapping[str, Limits | Choice] = {
    "penalty": Choice(PENALTIES),
    "alpha": Limits(1e-12, 1e12),
    "l1_ratio": Limits(0, 1),
    "max_iter": Limits(1, 1_000_000, whole=True),
}
DEFAULTS: Mapping[str, Setting] = {"penalty": "ridge", "alpha": 1.0, "l1_ratio": 0.5, "max_iter": 10_000}
SEARCH_SPACE: Mapping[str, Range | Choice] = {
    "penalty": Choice(("ridge", "lasso")),
    "alpha": Range(1e-4, 1e3, log=True),
}
RELATIVE_DIFFERENCE = 1e-10
"""The order in which products are added differs between libraries."""


@dataclass(frozen=True)
class LinearModel(ScikitModel):
    """A fitted linear model."""

    def raw_score(self, matrix: Values) -> Values:
        """Return the weighted sums."""
        if self.task == "regression":
            return self.predict(matrix)
        return self.sign * self.answer(self.model.decision_function, matrix)

    def sql_form(self, signature: Signature) -> SqlForm | None:
        """Return the model in SQL; None if it has several classes."""
        if self.task == "multiclass":
            return None
        weights = self.sign * np.atleast_2d(self.model.coef_)[0].astype(np.float64)
        intercept = self.sign * float(np.atleast_1d(self.model.intercept_)[0])
        return sql_form(self.preprocessing, weights, intercept, signature=signature, task=self.task)

    def parts(self, prepared: str) -> list[Part]:
        """Return what leads from prepared rows to the outputs in the artifact."""
        weights = self.sign * np.atleast_2d(self.model.coef_).T
        intercept = self.sign * np.atleast_1d(self.model.intercept_)
        return [weighted_sum(prepared, "scores", weights, intercept), *prediction("scores", self.task)]

    def column_importance(self) -> tuple[Values, Values]:
        """Return the absolute weight of every prepared column; there are no splits."""
        weights = np.abs(np.atleast_2d(self.model.coef_)).sum(axis=0)
        return weights, np.zeros_like(weights)
