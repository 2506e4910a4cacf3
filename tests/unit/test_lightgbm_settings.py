"""Settings of LightGBM: which go together, and what a fit uses."""

from typing import Any

import pytest

from training.declared.config import parse
from training.declared.spec import ModelSpec
from training.errors import ConfigError
from training.estimators.base import LabelRule, Range
from training.estimators.lightgbm_settings import OBJECTIVES, label_rule, used

BLOCK: dict[str, Any] = {
    "label": "y",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
}
RF_RULE = (
    "ml.params.boosting is 'rf'; it must give every tree rows or features of its own: bagging_freq above 0"
)


def read(task: str, params: dict[str, Any], **changes: Any) -> ModelSpec:
    return parse({**BLOCK, "task": task, "params": params, **changes}, model_name="m")


@pytest.mark.parametrize(
    ("task", "params"),
    [
        *((task, {"objective": name}) for task, names in OBJECTIVES.items() for name in names),
        ("binary", {"sigmoid": 2.0, "scale_pos_weight": 3}),
        ("multiclass", {"objective": "multiclassova", "sigmoid": 2.0}),
        ("regression", {"objective": "quantile", "alpha": 0.9}),
        ("regression", {"objective": "huber", "alpha": 3}),
        ("regression", {"objective": "fair", "fair_c": 0.5}),
        ("regression", {"objective": "poisson", "poisson_max_delta_step": 0.1}),
        ("regression", {"objective": "tweedie", "tweedie_variance_power": 1.9}),
        ("regression", {"reg_sqrt": True}),
        (
            "binary",
            {"boosting": "dart", "drop_rate": 0.2, "max_drop": -1, "skip_drop": 0, "uniform_drop": True},
        ),
        ("binary", {"boosting": "rf", "bagging_fraction": 0.5}),
        ("binary", {"boosting": "rf", "bagging_fraction": 1, "feature_fraction": 0.5}),
        ("binary", {"data_sample_strategy": "goss", "top_rate": 0.6, "other_rate": 0.4}),
    ],
)
def test_settings_that_go_together_are_kept(task: str, params: dict[str, Any]) -> None:
    assert read(task, params).params == params


@pytest.mark.parametrize(
    ("task", "params", "message"),
    [
        (
            "binary",
            {"objective": "poisson"},
            "ml.params.objective is 'poisson'; it must be one of binary, cross_entropy for task binary: "
            "write objective: binary",
        ),
        (
            "regression",
            {"objective": "custom"},
            "ml.params.objective is 'custom'; it must be one of binary, ",
        ),
        ("regression", {"linear_tree": True}, "ml.params.linear_tree is not a key"),
        (
            "regression",
            {"alpha": 0.5},
            "ml.params.alpha is 0.5; it has no effect with objective regression, only with huber or "
            "quantile: remove it or change objective",
        ),
        (
            "binary",
            {"objective": "cross_entropy", "sigmoid": 2},
            "ml.params.sigmoid is .*; it has no effect with objective",
        ),
        (
            "multiclass",
            {"sigmoid": 2},
            "ml.params.sigmoid is .*; it has no effect with objective multiclass, only with",
        ),
        (
            "regression",
            {"objective": "poisson", "reg_sqrt": True},
            "ml.params.reg_sqrt is .*; it has no effect with",
        ),
        (
            "regression",
            {"objective": "quantile", "alpha": 1},
            "ml.params.alpha is 1; it must be below 1 with objective",
        ),
        (
            "binary",
            {"drop_rate": 0.5},
            "ml.params.drop_rate is .*; it has no effect with boosting gbdt, only with dart",
        ),
        (
            "binary",
            {"boosting": "dart", "early_stopping_round": 5},
            "ml.params.early_stopping_round is .*; it has no effect",
        ),
        (
            "binary",
            {"boosting": "rf", "learning_rate": 0.1},
            "ml.params.learning_rate is .*; it has no effect with boosting",
        ),
        ("binary", {"boosting": "rf", "bagging_freq": 0, "feature_fraction": 1}, RF_RULE),
        ("binary", {"boosting": "goss"}, "ml.params.boosting is 'goss'; it must be one of gbdt, dart, rf"),
        (
            "binary",
            {"top_rate": 0.1},
            "ml.params.top_rate is .*; it has no effect with data_sample_strategy bagging",
        ),
        (
            "binary",
            {"data_sample_strategy": "goss", "bagging_fraction": 0.5},
            "ml.params.bagging_fraction is .*; it has no effect with data_sample_strategy goss",
        ),
        (
            "binary",
            {"data_sample_strategy": "goss", "top_rate": 0.95},
            "ml.params.top_rate is 0.95; it must be such that top_rate 0.95 and other_rate 0.1 are at most 1",
        ),
        (
            "regression",
            {"objective": "tweedie", "tweedie_variance_power": 2},
            "tweedie_variance_power is 2; it must be a number between 1 and 1.999",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_reported(
    task: str, params: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        read(task, params)


def test_all_misfits_come_at_once() -> None:
    with pytest.raises(ConfigError, match="has 3 problems"):
        read("regression", {"alpha": 0.5, "drop_rate": 0.1, "top_rate": 0.1})


@pytest.mark.parametrize("objective", ["regression_l1", "quantile", "mape"])
def test_monotone_features_want_another_objective(objective: str) -> None:
    with pytest.raises(ConfigError, match=f"is '{objective}'; it conflicts with monotone"):
        read("regression", {"objective": objective}, monotone={"x": "increasing"})


@pytest.mark.parametrize(
    ("params", "search", "message"),
    [
        (
            {},
            {"objective": ["binary", "cross_entropy"]},
            r"ml.tuning.search.objective is \[.*\]; it cannot be searched, as",
        ),
        ({}, {"alpha": [0.1, 0.5]}, "ml.tuning.search.alpha is 0.5; it has no effect with objective binary"),
        (
            {"data_sample_strategy": "goss"},
            {"other_rate": [0.9, 0.1]},
            "ml.tuning.search.other_rate is 0.9; it must be such",
        ),
        (
            {"boosting": "rf", "bagging_freq": 0},
            {"feature_fraction": [0.5, 1]},
            "ml.tuning.search.boosting is 'rf'; it must give every tree rows or features of its own",
        ),
    ],
)
def test_search_among_settings_of_no_use_is_reported(
    params: dict[str, Any], search: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        read("binary", params, tuning={"trials": 2, "search": search})


def test_settings_that_are_of_use_are_searched() -> None:
    tuning = {"search": {"tweedie_variance_power": {"low": 1.1, "high": 1.9}}}
    spec = read("regression", {"objective": "tweedie"}, tuning=tuning)
    assert spec.tuning and spec.tuning.search == {"tweedie_variance_power": Range(1.1, 1.9)}


def test_defaults_of_no_use_are_left_out() -> None:
    assert used("binary", {}, rows=1_000, has_validation=True)["num_iterations"] == 2000
    for params, has_validation in (({"boosting": "dart"}, True), ({}, False)):
        chosen = used("binary", params, rows=1_000, has_validation=has_validation)
        assert chosen["num_iterations"] == 200 and "early_stopping_round" not in chosen
    goss = used("regression", {"data_sample_strategy": "goss"}, rows=1_000, has_validation=True)
    assert goss["objective"] == "regression" and not {"bagging_fraction", "bagging_freq"} & goss.keys()
    assert "learning_rate" not in used("binary", {"boosting": "rf"}, rows=1_000, has_validation=True)


def test_iterations_without_validation_depend_on_the_learning_rate() -> None:
    for rate, rounds in ((0.02, 500), (0.1, 100), (5, 10)):
        assert (
            used("binary", {"learning_rate": rate}, rows=1_000, has_validation=False)["num_iterations"]
            == rounds
        )


def test_objectives_of_positive_values_ask_for_their_labels() -> None:
    assert label_rule({}) is None
    assert label_rule({"objective": "poisson"}) == LabelRule("objective poisson", may_be_zero=True)
    assert label_rule({"objective": "gamma"}) == LabelRule("objective gamma", may_be_zero=False)
