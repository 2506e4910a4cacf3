"""Logistic regression by scikit-learn, of two or more classes."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression

from training.estimators.base import Estimator, FitRequest
from training.estimators.linear import DEFAULTS, PARAMS, RELATIVE_DIFFERENCE, SEARCH_SPACE, LinearModel
from training.estimators.scikit import fit_scikit
from training.export.preprocessing import Preprocessing


def fit(request: FitRequest) -> LinearModel:
    """Return a fitted model. ``alpha`` is the inverse of scikit-learn's ``C``."""
    params = {**DEFAULTS, **request.params}
    penalty = str(params["penalty"])
    l1_ratio = {"lasso": 1.0, "elastic_net": float(params["l1_ratio"])}.get(penalty, 0.0)
    model = LogisticRegression(
        C=np.inf if penalty == "none" else 1 / float(params["alpha"]),
        l1_ratio=l1_ratio,
        solver="saga" if l1_ratio else "lbfgs",
        max_iter=int(params["max_iter"]),
        random_state=request.seed,
    )
    preprocessing = Preprocessing.fit(request.train.features, request.signature, "scaled")
    fit_scikit(model, preprocessing.prepared(request.train.features), request, estimator=ESTIMATOR.name)
    return LinearModel(model, preprocessing, request.task, params)


ESTIMATOR = Estimator(
    name="logistic_regression",
    tasks=frozenset({"binary", "multiclass"}),
    params=PARAMS,
    defaults=DEFAULTS,
    search_space=SEARCH_SPACE,
    relative_difference=RELATIVE_DIFFERENCE,
    fit=fit,
)
