"""What is tried where a model leaves its estimator open; see docs/decisions/0013-defaults.md."""

from __future__ import annotations

from collections.abc import Mapping

from training.estimators.base import Setting

Candidate = tuple[str, Mapping[str, Setting]]
"""An estimator's name, and settings that differ from its defaults."""

SMALL_ROWS = 5_000
"""Training rows up to which a model that names no estimator takes the best of `SMALL`."""

SMALL: tuple[Candidate, ...] = (
    ("lightgbm", {}),
    ("logistic_regression", {}),
    ("linear_regression", {}),
    ("lightgbm", {"extra_trees": True}),
)
"""Few and quick to fit, as far as they suit the task; all of them have a form in SQL."""

LINEAR_GAIN = 0.02
"""What the loss of a linear model must be lower by, to be taken: of equals, trees bear surprises better."""

CANDIDATES: tuple[Candidate, ...] = (*SMALL, ("random_forest", {}), ("extra_trees", {}))
"""What estimator auto tries, as far as it suits the task, the first one in any case."""

PORTFOLIO: tuple[Mapping[str, Setting], ...] = (
    {"num_leaves": 15, "learning_rate": 0.03, "feature_fraction": 0.5},
    {"num_leaves": 127, "learning_rate": 0.03, "feature_fraction": 0.9, "min_data_in_leaf": 3},
    {"num_leaves": 63, "extra_trees": True, "feature_fraction": 0.5, "min_data_in_leaf": 2},
    {"num_leaves": 5, "learning_rate": 0.1, "lambda_l2": 10.0},
    {"num_leaves": 63, "learning_rate": 0.02, "feature_fraction": 0.4, "lambda_l2": 5.0},
)
"""Settings of LightGBM that differ from each other; estimator auto tries them before it searches."""
