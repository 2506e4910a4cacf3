"""Random forests by scikit-learn: every tree sees a random sample of rows, every split one of columns."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from training.estimators.base import Estimator, FitRequest, Limits
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
    return fit_forest(RandomForestClassifier, RandomForestRegressor, request, estimator=ESTIMATOR.name)


ESTIMATOR = Estimator(
    name="random_forest",
    tasks=TASKS,
    params={**PARAMS, "max_samples": Limits(0.001, 1)},
    defaults=DEFAULTS,
    search_space=SEARCH_SPACE,
    relative_difference=RELATIVE_DIFFERENCE,
    fit=fit,
)
