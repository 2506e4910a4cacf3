"""Random forests by scikit-learn: every tree sees a random sample of rows, every split one of columns."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from training.estimators.base import Limits
from training.estimators.forests import forest_estimator

ESTIMATOR = forest_estimator(
    "random_forest", RandomForestClassifier, RandomForestRegressor, max_samples=Limits(0.001, 1)
)
