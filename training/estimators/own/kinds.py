"""The kinds of models that the user's own code may fit: those that can be exported exactly."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from sklearn import ensemble, linear_model
from sklearn.cluster import KMeans
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline

from training.estimators.forests import ForestModel
from training.estimators.isolation_forest import IsolationModel
from training.estimators.kmeans import KMeansModel
from training.estimators.linear import LinearModel
from training.estimators.mlp import NetworkModel
from training.estimators.own.errors import OwnModelError
from training.estimators.scikit import ScikitModel
from training.export.steps import STEPS

CLASSIFYING = ("binary", "multiclass")
REGRESSION = ("regression",)


@dataclass(frozen=True)
class Kind:
    """A class of scikit-learn: our name of the estimator, the tasks that it is for, and what exports it."""

    estimator: str
    tasks: tuple[str, ...]
    exported: type[ScikitModel]


_LOGISTIC = Kind("logistic_regression", CLASSIFYING, LinearModel)
_LINEAR = Kind("linear_regression", REGRESSION, LinearModel)
SCIKIT: Mapping[type, Kind] = {
    linear_model.LinearRegression: _LINEAR,
    linear_model.Ridge: _LINEAR,
    linear_model.RidgeCV: _LINEAR,
    linear_model.Lasso: _LINEAR,
    linear_model.LassoCV: _LINEAR,
    linear_model.ElasticNet: _LINEAR,
    linear_model.ElasticNetCV: _LINEAR,
    linear_model.LogisticRegression: _LOGISTIC,
    linear_model.LogisticRegressionCV: _LOGISTIC,
    ensemble.RandomForestClassifier: Kind("random_forest", CLASSIFYING, ForestModel),
    ensemble.RandomForestRegressor: Kind("random_forest", REGRESSION, ForestModel),
    ensemble.ExtraTreesClassifier: Kind("extra_trees", CLASSIFYING, ForestModel),
    ensemble.ExtraTreesRegressor: Kind("extra_trees", REGRESSION, ForestModel),
    MLPClassifier: Kind("mlp", CLASSIFYING, NetworkModel),
    MLPRegressor: Kind("mlp", REGRESSION, NetworkModel),
    KMeans: Kind("kmeans", ("clustering",), KMeansModel),
    ensemble.IsolationForest: Kind("isolation_forest", ("anomaly",), IsolationModel),
}
LIGHTGBM = (lightgbm.Booster, lightgbm.LGBMClassifier, lightgbm.LGBMRegressor)
KINDS = tuple(kind.__name__ for kind in (*LIGHTGBM, *SCIKIT))
SINGLE = (ForestModel, IsolationModel)
"""What rounds rows to single precision."""


def flat(returned: object) -> list[Any]:
    """Return the steps of a pipeline, those of pipelines inside it included; of anything else itself."""
    if type(returned) is not Pipeline:
        return [returned]
    return [
        part
        for _, step in returned.steps
        if step is not None and not isinstance(step, str)  # 'passthrough'
        for part in flat(step)
    ]


def check_step(step: Any, model: str) -> None:
    """Check that a step can be exported exactly.

    Raises
    ------
    training.estimators.own.errors.OwnModelError
        If it cannot.
    """
    kind = type(step).__name__
    if type(step) not in STEPS:
        raise OwnModelError.no_step(model, kind)
    if not isinstance(step, SimpleImputer) or not hasattr(step, "statistics_"):
        return
    if step.add_indicator:
        remedy = "leave it out; a column that marks missing values can come from the query"
        raise OwnModelError.setting(model, kind, "add_indicator=True", remedy)
    if not isinstance(step.missing_values, float) or not np.isnan(step.missing_values):
        remedy = "let NaN stand for what is missing, and turn other marks into null in the query"
        raise OwnModelError.setting(model, kind, f"missing_values={step.missing_values!r}", remedy)
    try:
        unknown = np.flatnonzero(np.isnan(np.asarray(step.statistics_, dtype=np.float64)))
    except (TypeError, ValueError):
        raise OwnModelError.setting(model, kind, "a text as fill_value", "choose a number") from None
    if len(unknown):
        names = getattr(step, "feature_names_in_", np.arange(step.n_features_in_))[unknown]
        setting = f"no value for {', '.join(map(str, names[:5]))}, empty in every row it was fitted on"
        raise OwnModelError.setting(model, kind, setting, "leave such columns out")


def check_settings(last: Any, model: str) -> None:
    """Check that a fitted model of scikit-learn has no setting that cannot be exported.

    Raises
    ------
    training.estimators.own.errors.OwnModelError
        If it has one.
    """

    def wrong(setting: str, remedy: str) -> OwnModelError:
        return OwnModelError.setting(model, type(last).__name__, setting, remedy)

    if _labels(last) > 1:
        raise wrong("several labels", "fit one model for each")
    if getattr(last, "out_activation_", "") == "exp":
        raise wrong("loss='poisson'", "choose loss='squared_error'")
    if isinstance(last, KMeans) and len(last.cluster_centers_) < 2:
        raise wrong("a single cluster", "fit two or more")
    if isinstance(last, ensemble.IsolationForest) and last.max_features != 1.0:
        raise wrong(f"max_features={last.max_features}", "leave it out, so that every tree sees all features")


def _labels(last: Any) -> int:
    """Return how many labels a model predicts at once."""
    if SCIKIT[type(last)] is _LINEAR:
        return len(np.atleast_2d(last.coef_))
    if isinstance(last, MLPClassifier) and last.out_activation_ == "softmax":
        return 1
    return int(getattr(last, "n_outputs_", 1))


def plain(value: Any) -> Any:
    """Return a setting as JSON can hold it; what it cannot hold is named by its class.

    Examples
    --------
    >>> plain({"a": np.int64(1), "b": float("nan"), "c": (True, None), "d": len})
    {'a': 1, 'b': 'nan', 'c': [True, None], 'd': 'len'}
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(part) for part in value]
    return getattr(value, "__name__", type(value).__name__)


def settings_of(steps: Sequence[Any], last: Any) -> dict[str, Any]:
    """Return the settings of a model, and those of the steps before it by their classes, as JSON can hold them."""
    settings = last.params if isinstance(last, lightgbm.Booster) else last.get_params()
    settings = {str(key): plain(value) for key, value in settings.items()}
    return settings | {type(step).__name__: plain(step.get_params()) for step in steps}
