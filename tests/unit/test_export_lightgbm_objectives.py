"""Raw scores bit for bit, whatever the objective, the boosting, the data and the row."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lightgbm_models import assert_exact, booster_of, data, edges, suited

from training.export.lightgbm_trees import MISSING_NAN, MISSING_NONE, MISSING_ZERO, read

BAGGING = {"bagging_fraction": 0.6, "bagging_freq": 1}
BOOSTING: list[dict[str, Any]] = [
    {"boosting": "gbdt"},
    {"boosting": "gbdt", "data_sample_strategy": "goss", "learning_rate": 1.0},
    {"boosting": "dart", "drop_rate": 0.5},
    {"boosting": "dart", "xgboost_dart_mode": True, "uniform_drop": True, "skip_drop": 0.0},
    {"boosting": "rf", **BAGGING},
]
OBJECTIVES: list[dict[str, Any]] = [
    {"objective": "binary"},
    {"objective": "binary", "sigmoid": 0.7, "scale_pos_weight": 3.0},
    {"objective": "cross_entropy"},
    {"objective": "multiclass"},
    {"objective": "multiclassova", "sigmoid": 1.3},
    {"objective": "regression"},
    {"objective": "regression", "reg_sqrt": True},
    {"objective": "regression_l1"},
    {"objective": "huber", "alpha": 0.5},
    {"objective": "fair", "fair_c": 0.3},
    {"objective": "quantile", "alpha": 0.2},
    {"objective": "mape", "reg_sqrt": True},
    {"objective": "poisson", "poisson_max_delta_step": 0.2},
    {"objective": "gamma"},
    {"objective": "tweedie", "tweedie_variance_power": 1.2},
]


@pytest.mark.parametrize(
    "objective", OBJECTIVES, ids=lambda objective: "-".join(map(str, objective.values()))
)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(20, 250),
    levels=st.sampled_from([2, 6, 40, 200]),
    nulls=st.sampled_from([0.0, 0.2]),
    zeros=st.sampled_from([0.0, 0.5]),
    rounds=st.sampled_from([1, 2, 12]),
    boosting=st.sampled_from(BOOSTING),
    params=st.fixed_dictionaries(
        {
            "zero_as_missing": st.booleans(),
            "use_missing": st.sampled_from([True, True, False]),
            "max_cat_to_onehot": st.sampled_from([1, 4, 300]),
            "num_leaves": st.sampled_from([2, 15, 63]),
            "learning_rate": st.sampled_from([0.1, 0.1, 30.0]),
        }
    ),
)
def test_raw_score_is_equal_bit_for_bit(
    objective: dict[str, Any],
    seed: int,
    rows: int,
    levels: int,
    nulls: float,
    zeros: float,
    rounds: int,
    boosting: dict[str, Any],
    params: dict[str, Any],
) -> None:
    features, label = data(seed, rows, levels, nulls, zeros)
    chosen = {**params, **boosting, **objective}
    booster = booster_of(features, suited(label, objective["objective"]), rounds, **chosen)
    assert_exact(booster, edges(booster, features))


@pytest.mark.parametrize("objective", ["multiclass", "multiclassova"])
@pytest.mark.parametrize("classes", [5, 60])
def test_every_class_is_exact(objective: str, classes: int) -> None:
    features, label = data(8, 600, 40, 0.1, 0.1)
    codes = suited(label * 20, objective, classes)
    booster = booster_of(features, codes, 5, objective=objective, num_class=classes)
    assert_exact(booster, edges(booster, features))


def test_all_three_ways_of_missing_occur() -> None:
    kinds = set()
    for params in ({}, {"zero_as_missing": True}, {"use_missing": False}):
        features, label = data(1, 300, 6, 0.2, 0.5)
        for tree in read(booster_of(features, suited(label, "binary"), **params)).trees:
            kinds |= set(tree.missing[~tree.categorical].tolist())
    assert kinds == {MISSING_NONE, MISSING_ZERO, MISSING_NAN}
