"""Linear regression by scikit-learn: least squares, ridge, lasso and elastic net."""

from __future__ import annotations

from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, Ridge

from training.estimators.base import Estimator, FitRequest
from training.estimators.linear import DEFAULTS, PARAMS, RELATIVE_DIFFERENCE, SEARCH_SPACE, LinearModel
from training.estimators.scikit import fit_scikit
from training.export.preprocessing import Preprocessing


def fit(request: FitRequest) -> LinearModel:
    """Return a fitted model; ``alpha`` and ``l1_ratio`` are scikit-learn's."""
    params = {**DEFAULTS, **request.params}
    alpha, max_iter = float(params["alpha"]), int(params["max_iter"])
    model = {
        "none": lambda: LinearRegression(),
        "ridge": lambda: Ridge(alpha=alpha),
        "lasso": lambda: Lasso(alpha=alpha, max_iter=max_iter),
        "elastic_net": lambda: ElasticNet(alpha=alpha, l1_ratio=float(params["l1_ratio"]), max_iter=max_iter),
    }[str(params["penalty"])]()
    preprocessing = Preprocessing.fit(request.train.features, request.signature, "scaled")
    fit_scikit(model, preprocessing.prepared(request.train.features), request, estimator=ESTIMATOR.name)
    return LinearModel(model, preprocessing, request.task, params)


ESTIMATOR = Estimator(
    name="linear_regression",
    tasks=frozenset({"regression"}),
    params=PARAMS,
    defaults=DEFAULTS,
    search_space=SEARCH_SPACE,
    relative_difference=RELATIVE_DIFFERENCE,
    fit=fit,
)
