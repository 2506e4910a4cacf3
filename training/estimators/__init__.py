"""The estimators a model can name."""

from collections.abc import Mapping

from training.estimators import lightgbm
from training.estimators.base import Estimator

ESTIMATORS: Mapping[str, Estimator] = {estimator.name: estimator for estimator in (lightgbm.ESTIMATOR,)}
