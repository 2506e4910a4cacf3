"""The estimators a model can name."""

from collections.abc import Mapping

from training.estimators import lightgbm, linear_regression, logistic_regression
from training.estimators.base import TASKS, Estimator

__all__ = ["ESTIMATORS", "TASKS", "Estimator"]

ESTIMATORS: Mapping[str, Estimator] = {
    module.ESTIMATOR.name: module.ESTIMATOR for module in (lightgbm, logistic_regression, linear_regression)
}
