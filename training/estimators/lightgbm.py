"""Gradient-boosted trees by LightGBM."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.estimators.base import Estimator, Limits

OBJECTIVES = {"binary": ("binary", "binary_logloss"), "regression": ("regression", "l2")}
"""Objective and early-stopping metric of each task."""

_MANY = 1_000_000
ESTIMATOR = Estimator(
    params={
        "num_iterations": Limits(1, _MANY, whole=True),
        "early_stopping_round": Limits(1, _MANY, whole=True),
        "learning_rate": Limits(1e-6, 10),
        "num_leaves": Limits(2, 131_072, whole=True),
        "max_depth": Limits(-1, _MANY, whole=True),
        "min_data_in_leaf": Limits(0, _MANY, whole=True),
        "min_sum_hessian_in_leaf": Limits(0, _MANY),
        "bagging_fraction": Limits(0.01, 1),
        "bagging_freq": Limits(0, _MANY, whole=True),
        "feature_fraction": Limits(0.01, 1),
        "feature_fraction_bynode": Limits(0.01, 1),
        "lambda_l1": Limits(0, _MANY),
        "lambda_l2": Limits(0, _MANY),
        "min_gain_to_split": Limits(0, _MANY),
        "path_smooth": Limits(0, _MANY),
        "extra_trees": None,
        "max_bin": Limits(2, 65_535, whole=True),
        "min_data_in_bin": Limits(1, _MANY, whole=True),
        "min_data_per_group": Limits(1, _MANY, whole=True),
        "max_cat_threshold": Limits(1, _MANY, whole=True),
        "max_cat_to_onehot": Limits(1, _MANY, whole=True),
        "cat_l2": Limits(0, _MANY),
        "cat_smooth": Limits(0, _MANY),
        "scale_pos_weight": Limits(1e-6, _MANY),
        "sigmoid": Limits(1e-6, _MANY),
        "use_missing": None,
        "zero_as_missing": None,
    },
    # Slow learning with early stopping needs no tuning to be good; bagging and a column sample add variety.
    defaults={
        "num_iterations": 2000,
        "early_stopping_round": 50,
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": 50,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.8,
        "lambda_l2": 1.0,
    },
)


@dataclass(frozen=True)
class Examples:
    """Rows to learn from: features of shape ``(rows, features)`` and labels of shape ``(rows,)``."""

    features: NDArray[np.float64]
    label: NDArray[np.float64]


def fit(
    train: Examples,
    validation: Examples,
    *,
    task: str,
    params: Mapping[str, float | bool],
    seed: int,
    categorical: list[int],
) -> lightgbm.Booster:
    """Return a booster fitted on one set and stopped by another.

    The same data, settings and machine give the same booster, bit for bit.

    Parameters
    ----------
    train, validation
        The rows to fit and the rows that decide how many trees to keep.
    task
        ``binary`` or ``regression``.
    params
        Settings that replace the defaults.
    seed
        Seed of every random choice.
    categorical
        Positions of the features that hold category codes.

    Returns
    -------
    lightgbm.Booster
        Holds the trees up to the best iteration and no others.
    """
    objective, metric = OBJECTIVES[task]
    settings = {
        **ESTIMATOR.defaults,
        **params,
        "objective": objective,
        "metric": metric,
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": os.cpu_count() or 1,
        "verbosity": -1,
    }
    rounds = int(settings.pop("num_iterations"))
    patience = int(settings.pop("early_stopping_round"))
    # Column names may hold characters that LightGBM refuses; the signature keeps the true names.
    names = [f"f{position}" for position in range(train.features.shape[1])]
    training_set = lightgbm.Dataset(
        train.features, train.label, feature_name=names, categorical_feature=categorical, params=settings
    )
    return lightgbm.train(
        settings,
        training_set,
        num_boost_round=rounds,
        valid_sets=[training_set.create_valid(validation.features, validation.label)],
        callbacks=[lightgbm.early_stopping(patience, verbose=False)],
    )
