"""Extremely randomised trees by scikit-learn: the thresholds of every split are drawn at random."""

from __future__ import annotations

from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor

from training.estimators.forests import forest_estimator

ESTIMATOR = forest_estimator("extra_trees", ExtraTreesClassifier, ExtraTreesRegressor)
