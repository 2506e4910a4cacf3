"""The estimators a model can name."""

from collections.abc import Mapping

from training.estimators import (
    extra_trees,
    isolation_forest,
    kmeans,
    lightgbm,
    linear_regression,
    logistic_regression,
    mlp,
    onnx_file,
    random_forest,
)
from training.estimators.base import TASKS, Estimator

__all__ = ["ESTIMATORS", "TASKS", "Estimator"]

_MODULES = (
    lightgbm,
    logistic_regression,
    linear_regression,
    random_forest,
    extra_trees,
    mlp,
    kmeans,
    isolation_forest,
    onnx_file,
)
ESTIMATORS: Mapping[str, Estimator] = {module.ESTIMATOR.name: module.ESTIMATOR for module in _MODULES}
