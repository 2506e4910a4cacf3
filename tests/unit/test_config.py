from pathlib import Path
from typing import Any

import pytest

from training.declared.config import config_hash, parse
from training.declared.config_gates import MIN_ROWS
from training.declared.spec import Gate, Pin, SelectionSpec, SplitSpec, TuningSpec
from training.errors import ConfigError
from training.estimators.base import Choice, Range


def change(config: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return the config with a key replaced, or removed if the value is None."""
    key, _, rest = path.partition(".")
    changed = dict(config)
    if rest:
        changed[key] = change(changed.get(key, {}), rest, value)
    elif value is None:
        changed.pop(key)
    else:
        changed[key] = value
    return changed


def test_block_becomes_a_spec(config: dict[str, Any]) -> None:
    gates = [
        {"metric": "roc_auc", "min": 0.7, "slices": "region"},
        {"metric": "log_loss", "dataset": "validation", "max": 1, "severity": "warn"},
        {"metric": "brier", "min_gain_over_baseline": 0.1, "baseline": "linear"},
    ]
    slices = ["region", {"column": "sex", "feature": False}]
    spec = parse(
        {**config, "gates": gates, "slices": slices, "monotone": {"amount": "increasing"}}, model_name="m"
    )
    assert (spec.task, spec.label, spec.key, spec.time, spec.seed) == (
        "binary",
        "is_late",
        "id",
        "predicted_at",
        1,
    )
    assert spec.split == SplitSpec("sequential", None, 0.1, 0.2)
    assert spec.params == {"num_iterations": 30, "num_leaves": 7, "min_data_in_leaf": 5}
    assert (spec.slices, spec.not_features, spec.monotone) == (
        ("region", "sex"),
        ("sex",),
        {"amount": "increasing"},
    )
    assert spec.gates == (
        Gate("roc_auc", "test", "min", 0.7, ("region",), min_rows=MIN_ROWS),
        Gate("log_loss", "validation", "max", 1, severity="warn"),
        Gate("brier", "test", "min_gain_over_baseline", 0.1, baseline="linear"),
    )


def test_estimator_follows_the_task() -> None:
    block = {"key": "id", "split": {"method": "none"}}
    assert parse({**block, "task": "clustering"}, model_name="m").estimator == "kmeans"
    assert parse({**block, "task": "anomaly"}, model_name="m").estimator == "isolation_forest"
    assert parse({**block, "task": "regression", "label": "y"}, model_name="m").estimator == "lightgbm"


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (True, SelectionSpec(leaking_above=0.98)),
        (False, None),
        (
            {"drop": ["leaking", "constant"], "keep": "amount", "leaking_above": 0.9, "rows": 500},
            SelectionSpec(("constant", "leaking"), ("amount",), leaking_above=0.9, rows=500),
        ),
        ({"min_gain": 2, "shuffles": 3}, SelectionSpec(leaking_above=0.98, min_gain=2, shuffles=3)),
    ],
)
def test_selection_becomes_a_spec(
    config: dict[str, Any], block: object, expected: SelectionSpec | None
) -> None:
    assert parse({**config, "select_features": block}, model_name="m").selection == expected


def test_selection_follows_the_task() -> None:
    block = {"key": "id", "split": {"method": "none"}, "select_features": True}
    assert parse({**block, "task": "clustering"}, model_name="m").selection == SelectionSpec(
        ("constant", "duplicate")
    )
    regression = parse({**block, "task": "regression", "label": "y"}, model_name="m")
    assert regression.selection == SelectionSpec(leaking_above=0.99)
    with pytest.raises(ConfigError, match=r"'select_features\.drop' must list reasons that need no label"):
        parse({**block, "task": "anomaly", "select_features": {"drop": ["leaking"]}}, model_name="m")
    with pytest.raises(ConfigError, match="'select_features' has no use with estimator onnx"):
        parse({**block, "task": "regression", "label": "y", "estimator": "onnx"}, model_name="m")


def test_tuning_becomes_a_search(config: dict[str, Any]) -> None:
    search = {
        "num_leaves": {"low": 2, "high": 64, "log": True},
        "learning_rate": [0.1, 0.2],
        "extra_trees": [True, False],
    }
    tuning = parse({**config, "tuning": {"trials": 5, "search": search}}, model_name="m").tuning
    assert tuning == TuningSpec(
        5,
        None,
        "log_loss",
        {
            "num_leaves": Range(2, 64, log=True, whole=True),
            "learning_rate": Choice((0.1, 0.2)),
            "extra_trees": Choice((True, False)),
        },
    )
    auto = {**change(config, "params", None), "estimator": "auto", "time_budget_seconds": 60}
    assert parse(auto, model_name="m").tuning == TuningSpec(None, 60.0, "log_loss")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (
            "task",
            None,
            "'task' must be one of binary, multiclass, regression, clustering, anomaly; it is missing",
        ),
        ("task", "binry", r"found 'binry'; write task: binary. Did you mean 'binary'\?"),
        ("label", None, "'label' must be text: the column to predict; it is missing; write label: <name>."),
        ("label", 7, "'label' must be text: the column to predict; found 7"),
        ("task", "clustering", "'label' has no use in task clustering; found 'is_late'; remove it."),
        ("key", "predicted_at", "'key' is named twice: label, key, time, weight and the split's column"),
        ("positive", [1], "'positive' must be a single value: the label's value that counts"),
        ("time", None, "'time' must be text: .* for split method sequential; it is missing"),
        ("estimator", "xgboost", "'estimator' must be one of lightgbm, .*; found 'xgboost'"),
        ("estimator", "linear_regression", "must be one of .*; found 'linear_regression'"),
        ("estimator", "auto", "'params' has no use with estimator auto"),
        ("weight", 1, "'weight' must be text: the column that weighs the rows; found 1"),
        ("class_weight", "even", "'class_weight' must be one of balanced; found 'even'"),
        (
            "split",
            None,
            "'split' must be a mapping of keys to values; it is missing; write split: {method: ran",
        ),
        ("split", "sequential", "'split' must be a mapping of keys to values; found 'sequential'"),
        ("split.method", "shuffle", "'split.method' must be one of sequential, random, custom, none; found"),
        ("split.method", "custom", "'split.validation' has no use in split method custom; found 0.1"),
        ("split.method", "custom", "'split.column' must be text: the column that holds train, validation"),
        ("split.column", "part", "'split.column' has no use in split method sequential; found 'part'"),
        (
            "split",
            {"method": "random", "validation": 0.3, "test": 0.8},
            "'split.test' must be below 1 togeth",
        ),
        ("split.test", "20%", "'split.test' must be a number from 0 to 0.9; found '20%'"),
        ("split.test", True, "'split.test' must be a number from 0 to 0.9; found True"),
        ("split.vaildation", 0.1, r"'split.vaildation' is not a key here.*Did you mean 'validation'\?"),
        ("params.learning_rat", 0.1, r"'params.learning_rat' is not a key.*Did you mean 'learning_rate'\?"),
        ("params.learning_rate", -1, "'params.learning_rate' must be a number from 1e-06 to 10; found -1"),
        ("params.num_leaves", 7.5, "'params.num_leaves' must be a whole number from 2 to 131072; found 7.5"),
        ("params.zero_as_missing", "yes", "'params.zero_as_missing' must be true or false; found 'yes'"),
        ("params", [1], r"'params' must be a mapping of keys to values; found \[1\]"),
        ("seed", True, "'seed' must be a whole number from 0 to 2147483647; found True"),
        ("seed", -1, "'seed' must be a whole number from 0 to 2147483647; found -1"),
        ("labl", "x", r"'labl' is not a key here; the keys are task, label, .*Did you mean 'label'\?"),
        ("monotone", {"amount": "up"}, "'monotone.amount' must be one of increasing, decreasing; found 'up'"),
        ("slices", "region", "'slices' must be a list; found 'region'"),
        ("slices", [{"feature": False}], r"'slices\[0\].column' must be text"),
        ("slices", [{"column": "x", "feature": 1}], r"'slices\[0\].feature' must be true or false; found 1"),
        ("tuning", 5, "'tuning' must be a mapping of keys to values; found 5"),
        ("tuning", {"trials": 0}, "'tuning.trials' must be a whole number from 1 to 100000; found 0"),
        ("tuning", {"timeout_seconds": "1h"}, "'tuning.timeout_seconds' must be a number from 1"),
        ("tuning", {"metric": "rmse"}, "'tuning.metric' must be one of log_loss, .*; found 'rmse'"),
        (
            "tuning",
            {"search": {"num_leaf": [1]}},
            r"'tuning.search.num_leaf' is not a key.*Did you mean 'num_leaves'\?",
        ),
        ("tuning", {"search": {"num_leaves": {"low": 9, "high": 3}}}, "high' must be above low; found 3"),
        ("tuning", {"search": {"num_leaves": {"low": 1, "high": 3}}}, "low' must be a whole number from 2"),
        ("tuning", {"search": {"num_leaves": [7, 2.5]}}, "'tuning.search.num_leaves' must be a whole number"),
        (
            "tuning",
            {"search": {"lambda_l2": {"low": 0, "high": 3, "log": True}}},
            "low' must be above 0 on a logarithmic scale; found 0",
        ),
        ("select_features", "yes", "'select_features' must be a mapping of keys to values; found 'yes'"),
        (
            "select_features",
            {"drop": "leaky"},
            "'select_features.drop' must list some of constant, .*'leaky'",
        ),
        ("select_features", {"keeep": "a"}, r"'select_features.keeep' is not a key.*Did you mean 'keep'\?"),
        ("select_features", {"rows": 5}, "'select_features.rows' must be a whole number from 100"),
        (
            "select_features",
            {"leaking_above": 0.2},
            "'select_features.leaking_above' must be a number from 0.5",
        ),
        (
            "select_features",
            {"drop": ["constant"], "shuffles": 5},
            "'select_features.shuffles' is for the reason uninformative; found 5; remove it, or add unin",
        ),
        ("time_budget_seconds", 5, "'time_budget_seconds' is for estimator auto; found 5"),
        ("gates", {"metric": "roc_auc"}, "'gates' must be a list; found"),
        ("gates", ["roc_auc"], r"'gates\[0\]' must be a mapping of keys to values; found 'roc_auc'"),
        (
            "gates",
            [{"metric": "rmse", "min": 1}],
            r"'gates\[0\].metric' must be one of roc_auc, .*found 'rmse'",
        ),
        (
            "gates",
            [{"metric": "roc_auc"}],
            r"'gates\[0\]' must have exactly one of min, max, min_gain.*found \['metric'\]",
        ),
        ("gates", [{"metric": "roc_auc", "min": "0.7"}], r"'gates\[0\].min' must be a number .*found '0.7'"),
        (
            "gates",
            [{"metric": "roc_auc", "min": 0.7, "slices": ["region"]}],
            r"'gates\[0\].slices' must name columns under the model's own slices.*found 'region'",
        ),
        (
            "gates",
            [{"metric": "roc_auc", "min": 0.7, "baseline": "linear"}],
            r"'gates\[0\].baseline' is for min_gain_over_baseline; found 'linear'",
        ),
        (
            "gates",
            [{"metric": "roc_auc", "min_gain_over_champion": 0.0, "dataset": "train"}],
            r"'gates\[0\].dataset' must be validation or test for min_gain_over_champion.*found 'train'",
        ),
        (
            "gates",
            [{"metric": "log_loss", "max_vs_champion": 1.01, "dataset": "train", "severity": "warn"}],
            r"'gates\[0\].dataset' must be validation or test for max_vs_champion.*found 'train'",
        ),
        ("gates", [{"metric": "roc_auc", "min": float("nan")}], r"'gates\[0\].min' must be .*found nan"),
        ("gates", [{"metric": "roc_auc", "max": float("inf")}], r"'gates\[0\].max' must be .*found inf"),
        ("gates", [{"metric": "roc_auc", "min": 0.7, "min_rows": 9}], r"min_rows' is for gates with slices"),
        ("must_beat_constant", "no", "'must_beat_constant' must be true or false; found 'no'"),
        (
            "gates",
            [{"metric": "roc_auc", "max_vs_champion": 1.01}],
            r"'gates\[0\].max_vs_champion' is for metrics of which less is better; found 'roc_auc'; "
            "write min_gain_over_champion",
        ),
        (
            "gates",
            [{"metric": "roc_auc", "min": 0.7, "severity": "info"}],
            r"'gates\[0\].severity' must be one of error, warn; found 'info'",
        ),
    ],
)
def test_broken_rule_is_told(config: dict[str, Any], path: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(change(config, path, value), model_name="m")


def test_unknown_dataset_of_a_gate_is_told_once(config: dict[str, Any]) -> None:
    gates = [{"metric": "roc_auc", "min_gain_over_champion": 0, "dataset": "tset"}]
    with pytest.raises(ConfigError, match=r"has 1 problem .*found 'tset'"):
        parse({**config, "gates": gates}, model_name="m")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weight": "w", "class_weight": "balanced"}, "'class_weight' cannot be combined with weight"),
        (
            {"split": {"method": "none"}, "gates": [{"metric": "roc_auc", "min": 0}]},
            r"'gates\[0\].dataset' must be one of train; it is missing",
        ),
        (
            {"split": {"method": "random", "test": 0.2}, "tuning": {"trials": 2}},
            "'split.validation' must be there to tune on",
        ),
        (
            {"estimator": "logistic_regression", "params": {}, "monotone": {"amount": "increasing"}},
            "'monotone' is for the estimator lightgbm; found",
        ),
        (
            {"task": "anomaly", "estimator": "isolation_forest", "params": {}, "tuning": {"trials": 2}},
            "'tuning' is for the tasks binary, multiclass, regression; found",
        ),
        (
            {
                "task": "anomaly",
                "estimator": "isolation_forest",
                "params": {},
                "gates": [{"metric": "roc_auc", "min_gain_over_baseline": 0}],
            },
            "min_gain_over_baseline' has no use in task anomaly, which has no baseline",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_told(
    config: dict[str, Any], changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        parse({**config, **changes}, model_name="m")


def test_model_without_a_block_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'m' has no block config: meta: ml:, .* under `- name: m`"):
        parse(None, model_name="m")


def test_all_problems_come_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse({"task": "binary", "estimator": "lightgbm", "split": {"test": 2}, "colour": 1}, model_name="m")
    message = str(caught.value)
    assert message.startswith("Model 'm' has 6 problems under config: meta: ml:")
    for key in ("label", "key", "time", "split.method", "split.test", "colour"):
        assert f"'{key}'" in message


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("gates", [{"metric": "roc_auc", "min": 0.7}], True),
        ("must_beat_constant", False, True),
        ("pin", {"version": 1}, True),
        ("seed", 1, False),
        ("slices", ["region"], False),
        ("tuning", {"trials": 2}, False),
        ("seed", 2, False),
        ("split.test", 0.3, False),
        ("params.num_leaves", 8, False),
    ],
)
def test_hash_changes_with_what_decides_the_model(
    config: dict[str, Any], path: str, value: object, same: bool
) -> None:
    changed = config_hash(change(config, path, value))
    assert (changed == config_hash(config)) is same


def test_hash_changes_with_a_file_that_is_named(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    config = {"estimator": "onnx", "params": {"file": str(path)}}
    hashes = set()
    for content in (b"1", b"2"):
        path.write_bytes(content)
        hashes.add(config_hash(config))
    assert len(hashes) == 2


@pytest.mark.parametrize("pin", [Pin(3), Pin(1, "audit")])
def test_pin_becomes_a_spec(config: dict[str, Any], pin: Pin) -> None:
    block = {key: value for key, value in vars(pin).items() if value is not None}
    assert parse({**config, "pin": block}, model_name="m").pin == pin


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("gates", [{"metric": "auc", "min": 0.5}], r"'gates\[0\].metric' must be one of"),
        ("must_beat_constant", None, "'must_beat_constant' must be true or false"),
        ("pin", 1, "'pin' must be a mapping"),
        ("pin", {}, r"'pin\.version'"),
        ("pin", {"version": 0}, r"'pin\.version'.*0"),
        ("pin", {"version": 1.5}, r"'pin\.version'.*1\.5"),
        ("pin", {"version": True}, r"'pin\.version'"),
        ("pin", {"version": "1"}, r"'pin\.version'.*'1'"),
        ("pin", {"version": 1, "reason": 7}, r"'pin\.reason'.*7"),
        ("pin", {"version": 1, "why": "audit"}, r"'pin\.why'"),
    ],
)
def test_what_judges_a_version_is_checked(
    config: dict[str, Any], key: str, value: object, problem: str
) -> None:
    with pytest.raises(ConfigError, match=problem):
        parse({**config, key: value}, model_name="m")
