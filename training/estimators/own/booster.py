"""LightGBM models of the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.errors import ExportError
from training.estimators.lightgbm_booster import Booster
from training.export.lightgbm_link import link
from training.export.lightgbm_text import read_booster
from training.export.lightgbm_trees import read
from training.export.steps import without_names

Values = NDArray[np.float64]

OBJECTIVES = {
    "binary": ("binary", "cross_entropy"),
    "multiclass": ("multiclass", "multiclassova"),
}
"""The objectives of a task; those of all others are for regression."""


@dataclass(frozen=True)
class OwnBooster(Booster):
    """A LightGBM model whose scores are those of the user's own object.

    Parameters
    ----------
    own
        A booster, or the model of LightGBM's scikit-learn interface that holds it.
    positive
        For two classes, the position among the model's of the one that counts as positive. Where it is 0,
        ``booster`` is the mirror image, which gives all raw scores the other sign.
    """

    own: Any = None
    positive: int = 1

    def raw_score(self, matrix: Values) -> Values:
        """Return the sums of leaf values."""
        scores = self._answer("predict", matrix, raw_score=True)
        return scores if self.positive else -scores

    def _predicted(self, matrix: Values) -> Values:
        if isinstance(self.own, lightgbm.LGBMClassifier):
            values = self._answer("predict_proba", matrix)
            return values[:, self.positive] if self.task == "binary" else values
        values = self._answer("predict", matrix)
        return values if self.positive else 1 - values

    def _answer(self, method: str, matrix: Values, **options: Any) -> Values:
        with without_names():
            return np.asarray(getattr(self.own, method)(matrix, **options), dtype=np.float64)


def booster_of(own: Any) -> lightgbm.Booster:
    """Return the booster of a LightGBM model."""
    return own if isinstance(own, lightgbm.Booster) else own.booster_


def tasks_of(own: Any) -> tuple[str, ...]:
    """Return the tasks that a model is for.

    Raises
    ------
    training.errors.ExportError
        If it cannot be exported exactly.
    """
    booster = booster_of(own)
    if booster.pandas_categorical:
        raise ExportError.not_exact(
            "columns of type category, of which pandas alone knows the codes",
            f"{len(booster.pandas_categorical)} of them",
            "turn them into numbers in the query, and name these as categorical_feature",
        )
    model = read(booster)
    link(model)
    objective = model.objective.split()[0]
    return next((((task),) for task, names in OBJECTIVES.items() if objective in names), ("regression",))


def mirrored(booster: lightgbm.Booster) -> lightgbm.Booster:
    """Return a booster whose raw scores have the other sign."""
    mirror = read_booster(booster.model_to_string())
    for number, tree in enumerate(read(mirror).trees):
        for leaf in range(len(tree.leaves)):
            mirror.set_leaf_output(number, leaf, -mirror.get_leaf_output(number, leaf))
    return mirror
