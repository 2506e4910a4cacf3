"""Extremely randomised trees by scikit-learn: the thresholds of every split are drawn at random."""

from __future__ import annotations

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from training.estimators.base import Estimator, FitRequest
from training.estimators.forests import (
    DEFAULTS,
    PARAMS,
    RELATIVE_DIFFERENCE,
    SEARCH_SPACE,
    TASKS,
    ForestModel,
    fit_forest,
)


def fit(request: FitRequest) -> ForestModel:
    """Return a fitted forest; its params are those of scikit-learn."""
    return fit_forest(ExtraTreesClassifier, ExtraTreesRegressor, request, estimator=ESTIMATOR.name)


ESTIMATOR = Estimator(
    name="extra_trees",
    tasks=TASKS,
    params=PARAMS,
    defaults=DEFAULTS,
    search_space=SEARCH_SPACE,
    relative_difference=RELATIVE_DIFFERENCE,
    fit=fit,
)
