"""The settings of LightGBM that a model may choose, and which of them go together.

See https://lightgbm.readthedocs.io/en/latest/Parameters.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from training.estimators.base import Choice, LabelRule, Limits, Misfit, Range, Setting

OBJECTIVES: Mapping[str, Mapping[str, str]] = {
    "binary": {"binary": "binary_logloss", "cross_entropy": "cross_entropy"},
    "multiclass": {"multiclass": "multi_logloss", "multiclassova": "multi_logloss"},
    "regression": {
        "regression": "l2",
        "regression_l1": "l1",
        **{name: name for name in ("huber", "fair", "quantile", "mape", "poisson", "gamma", "tweedie")},
    },
}
"""The objectives of each task, the default first, and the metric by which each stops early."""

REPORTED = {"binary": "binary_logloss", "multiclass": "multi_logloss", "regression": "l2"}
"""The metric that compares models of one task, whatever their objectives."""

DECIDING: Mapping[str, Setting] = {"boosting": "gbdt", "data_sample_strategy": "bagging"}
"""Besides the objective, the settings on which the use of others hangs, with their defaults."""

USED_WITH: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "scale_pos_weight": ("objective", ("binary", "multiclassova")),
    "sigmoid": ("objective", ("binary", "multiclassova")),
    "alpha": ("objective", ("huber", "quantile")),
    "fair_c": ("objective", ("fair",)),
    "poisson_max_delta_step": ("objective", ("poisson",)),
    "tweedie_variance_power": ("objective", ("tweedie",)),
    "reg_sqrt": ("objective", ("regression", "regression_l1", "fair", "quantile", "mape")),
    "learning_rate": ("boosting", ("gbdt", "dart")),
    "early_stopping_round": ("boosting", ("gbdt", "rf")),
    **dict.fromkeys(
        ("drop_rate", "max_drop", "skip_drop", "uniform_drop", "xgboost_dart_mode"), ("boosting", ("dart",))
    ),
    **dict.fromkeys(("top_rate", "other_rate"), ("data_sample_strategy", ("goss",))),
    **dict.fromkeys(("bagging_fraction", "bagging_freq"), ("data_sample_strategy", ("bagging",))),
}
"""Settings that count only where another one has one of some values."""

NOT_MONOTONE = ("regression_l1", "quantile", "mape")
"""Objectives that compute leaf values anew, without regard to constraints."""

STEPS_WITHOUT_STOPPING = 10.0
"""Iterations times the learning rate, where nothing tells when to stop and the configuration does not say."""

_MANY = 1_000_000

PARAMS: Mapping[str, Limits | Choice | None] = {
    "objective": Choice(tuple(name for names in OBJECTIVES.values() for name in names), is_deciding=True),
    "boosting": Choice(("gbdt", "dart", "rf"), is_deciding=True),
    "data_sample_strategy": Choice(("bagging", "goss"), is_deciding=True),
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
    "alpha": Limits(1e-6, _MANY),
    "fair_c": Limits(1e-6, _MANY),
    "poisson_max_delta_step": Limits(1e-6, _MANY),
    "tweedie_variance_power": Limits(1, 1.999),
    "reg_sqrt": None,
    "drop_rate": Limits(0, 1),
    "max_drop": Limits(-1, _MANY, whole=True),
    "skip_drop": Limits(0, 1),
    "uniform_drop": None,
    "xgboost_dart_mode": None,
    "top_rate": Limits(1e-6, 1),
    "other_rate": Limits(1e-6, 1),
}
# Slow learning with early stopping needs no tuning to be good; bagging and a column sample add variety.
DEFAULTS: Mapping[str, Setting] = {
    "num_iterations": 2000,
    "early_stopping_round": 50,
    "num_leaves": 31,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.8,
    "lambda_l2": 1.0,
    "extra_trees": False,
}
SEARCH_SPACE: Mapping[str, Range | Choice] = {
    "learning_rate": Range(0.01, 0.3, log=True),
    "num_leaves": Range(4, 255, log=True, whole=True),
    "min_data_in_leaf": Range(2, 200, log=True, whole=True),
    "bagging_fraction": Range(0.5, 1.0),
    "feature_fraction": Range(0.3, 1.0),
    "lambda_l2": Range(1e-3, 100.0, log=True),
    "extra_trees": Choice((False, True)),
}


def scaled(task: str, rows: int) -> dict[str, Setting]:
    """Return the defaults that depend on the task and on the number of training rows.

    A leaf holds a twentieth of the rows or more, which means 2 to 20 rows, and so does a category that is
    split off, which means 10 to 100. An iteration of several classes is a tree a class, so that there
    learning is faster.

    Examples
    --------
    >>> scaled("binary", 60)
    {'learning_rate': 0.05, 'min_data_in_leaf': 3, 'min_data_per_group': 10}
    >>> scaled("multiclass", 5_000_000)
    {'learning_rate': 0.1, 'min_data_in_leaf': 20, 'min_data_per_group': 100}
    """
    twentieth = rows // 20
    return {
        "learning_rate": 0.1 if task == "multiclass" else 0.05,
        "min_data_in_leaf": min(max(twentieth, 2), 20),
        "min_data_per_group": min(max(twentieth, 10), 100),
    }


def used(task: str, params: Mapping[str, Setting], *, rows: int, has_validation: bool) -> dict[str, Setting]:
    """Return the settings that a fit on so many rows uses: those given, and the defaults beside them."""
    deciding = _deciding(task, params)
    usual = {**DEFAULTS, **scaled(task, rows)}
    defaults = {name: value for name, value in usual.items() if _is_used(name, deciding)}
    chosen = {**deciding, **defaults, **params}
    if not has_validation:
        chosen.pop("early_stopping_round", None)
    if "early_stopping_round" not in chosen:
        rate = float(chosen.get("learning_rate", usual["learning_rate"]))
        rounds = min(max(round(STEPS_WITHOUT_STOPPING / rate), 10), int(DEFAULTS["num_iterations"]))
        chosen["num_iterations"] = params.get("num_iterations", rounds)
    return chosen


def misfits(task: str, params: Mapping[str, Setting], is_monotone: bool) -> Iterator[Misfit]:
    """Yield the settings that do not go with the task or with each other."""
    deciding = _deciding(task, params)
    objective, objectives = deciding["objective"], tuple(OBJECTIVES[task])
    if objective not in objectives:
        rule = f"must be one of {', '.join(objectives)} for task {task}"
        yield Misfit("objective", rule, objective, f"write objective: {objectives[0]}")
        return
    for name, (decider, values) in USED_WITH.items():
        if name in params and not _is_used(name, deciding):
            rule = f"has no effect with {decider} {deciding[decider]}, only with {' or '.join(values)}"
            yield Misfit(name, rule, params[name], f"remove it or change {decider}")
    if objective == "quantile" and params.get("alpha", 0) >= 1:  # type: ignore[operator]
        yield Misfit("alpha", "must be below 1 with objective quantile", params["alpha"], "lower it")
    if is_monotone and objective in NOT_MONOTONE:
        yield Misfit("objective", "conflicts with monotone", objective, "remove one of them")
    yield from _sampling_misfits(used(task, params, rows=_MANY, has_validation=True))


def _sampling_misfits(chosen: Mapping[str, Setting]) -> Iterator[Misfit]:
    rates = [float(chosen.get(name, default)) for name, default in (("top_rate", 0.2), ("other_rate", 0.1))]
    if sum(rates) > 1:
        named = "other_rate" if "other_rate" in chosen else "top_rate"
        rule = f"must be such that top_rate {rates[0]} and other_rate {rates[1]} are at most 1 together"
        yield Misfit(named, rule, chosen[named], "lower it")
    if chosen["boosting"] == "rf" and chosen["data_sample_strategy"] == "bagging":
        draws_rows = chosen["bagging_freq"] != 0 and chosen["bagging_fraction"] != 1
        if not draws_rows and chosen["feature_fraction"] == 1:
            rule = (
                "must give every tree rows or features of its own: bagging_freq above 0 with "
                "bagging_fraction below 1, or feature_fraction below 1"
            )
            yield Misfit("boosting", rule, "rf", "lower one of the fractions")


def label_rule(params: Mapping[str, Setting]) -> LabelRule | None:
    """Return what labels the objective can learn from; None for any."""
    objective = params.get("objective")
    if objective in ("poisson", "gamma", "tweedie"):
        return LabelRule(f"objective {objective}", may_be_zero=objective != "gamma")
    return None


def _deciding(task: str, params: Mapping[str, Setting]) -> dict[str, Setting]:
    defaults = {"objective": next(iter(OBJECTIVES[task])), **DECIDING}
    return {name: params.get(name, default) for name, default in defaults.items()}


def _is_used(name: str, deciding: Mapping[str, Setting]) -> bool:
    decider, values = USED_WITH.get(name, ("", ()))
    return not decider or deciding[decider] in values
