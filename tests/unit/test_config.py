import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from training.data.columns import as_spelled
from training.declared.config import config_hash, parse
from training.declared.spec import Gate, Pin, SelectionSpec, SplitSpec, TuningSpec
from training.errors import ConfigError
from training.estimators.base import Choice, Range

NULL = object()
"""A key that is there without a value."""


def change(config: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return the config with a key replaced, or removed if the value is None."""
    key, _, rest = path.partition(".")
    changed = dict(config)
    if rest:
        changed[key] = change(changed.get(key, {}), rest, value)
    elif value is None:
        changed.pop(key, None)
    else:
        changed[key] = None if value is NULL else value
    return changed


def test_block_becomes_a_spec(config: dict[str, Any]) -> None:
    gates = [
        {"metric": "roc_auc", "min": 0.7, "slices": "region"},
        {"metric": "log_loss", "dataset": "validation", "max": 1, "severity": "warn"},
        {"metric": "brier", "min_gain_over_baseline": 0.1, "baseline": "linear"},
    ]
    slices = ["region", {"column": "sex", "feature": False}]
    spec = parse(
        {
            **config,
            "gates": gates,
            "slices": slices,
            "monotone": {"amount": "increasing"},
            "pin": {"version": 2, "reason": "audit"},
        },
        model_name="m",
    )
    assert (spec.task, spec.label, spec.key, spec.time, spec.seed) == (
        "binary",
        "is_late",
        "id",
        "predicted_at",
        1,
    )
    assert spec.split == SplitSpec(method="sequential", validation=0.1, test=0.2)
    assert spec.params == {"num_iterations": 30, "num_leaves": 7, "min_data_in_leaf": 5}
    assert (spec.slices, spec.not_features, spec.monotone) == (
        ("region", "sex"),
        ("sex",),
        {"amount": "increasing"},
    )
    assert spec.pin == Pin(version=2, reason="audit")
    assert spec.gates == (
        Gate("roc_auc", "test", "min", 0.7, ("region",), min_rows=30),
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
            SelectionSpec(drop=("constant", "leaking"), keep=("amount",), leaking_above=0.9, rows=500),
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
        drop=("constant", "duplicate")
    )
    regression = parse({**block, "task": "regression", "label": "y"}, model_name="m")
    assert regression.selection == SelectionSpec(leaking_above=0.99)
    for task, changes, fact in (
        (
            "anomaly",
            {"select_features": {"drop": ["leaking"]}},
            "ml.select_features.drop is 'leaking'; it needs a label",
        ),
        (
            "regression",
            {"label": "y", "estimator": "onnx"},
            "ml.select_features is true; it has no effect with onnx",
        ),
    ):
        with pytest.raises(ConfigError, match=fact):
            parse({**block, "task": task, **changes}, model_name="m")


def test_tuning_becomes_a_search(config: dict[str, Any]) -> None:
    search = {
        "num_leaves": {"low": 2, "high": 64, "log": True},
        "learning_rate": [0.1, 0.2],
        "extra_trees": [True, False],
    }
    tuning = parse({**config, "tuning": {"trials": 5, "search": search}}, model_name="m").tuning
    assert tuning == TuningSpec(
        trials=5,
        metric="log_loss",
        search={
            "num_leaves": Range(2, 64, log=True, whole=True),
            "learning_rate": Choice((0.1, 0.2)),
            "extra_trees": Choice((True, False)),
        },
    )
    auto = {**change(config, "params", None), "estimator": "auto", "time_budget_seconds": 60}
    assert parse(auto, model_name="m").tuning == TuningSpec(
        trials=None, timeout_seconds=60.0, metric="log_loss"
    )


def test_what_holds_all_rows_in_one_process_is_not_trained_in_executors(config: dict[str, Any]) -> None:
    tuned = {**config, "tuning": {"trials": 5}, "distributed": True}
    assert_reported(tuned, "ml.distributed is true; it conflicts with tuning", "remove one of them")
    assert parse({**tuned, "distributed": False}, model_name="m").distributed is False
    linear = {**change(config, "params", None), "estimator": "logistic_regression", "distributed": True}
    assert_reported(
        linear, "ml.distributed is true; it is for estimator lightgbm, not for logistic_regression"
    )


TASKS = "binary, multiclass, regression, clustering, anomaly"
WRONG: list[tuple[str, object, list[str]]] = [
    ("task", None, ["ml.task is missing", "for example task: binary"]),
    ("task", "binry", [f"ml.task is 'binry'; it must be one of {TASKS}", "Did you mean 'binary'?"]),
    ("label", None, ["ml.label is missing: give the label column, for example label: is_churned"]),
    ("label", 7, ["ml.label is 7; it must be text"]),
    ("key", False, ["ml.key is false; it must be text", "yes, no, on and off", "write key: '<name>'"]),
    ("key", "", ["ml.key is ''; it must be text"]),
    ("task", "clustering", ["ml.label is 'is_late'; it has no effect in task clustering: remove it"]),
    ("key", "predicted_at", ["ml.time is 'predicted_at'; it is a column that key names already"]),
    ("weight", "ID", ["ml.weight is 'ID'; it is a column that key names already"]),
    ("positive", [1], ["ml.positive is [1]; it must be a single value"]),
    ("time", None, ["ml.time is missing", "for example time: predicted_at"]),
    (
        "estimator",
        "lightgbmm",
        ["ml.estimator is 'lightgbmm'", "one of lightgbm, ", "Did you mean 'lightgbm'?"],
    ),
    ("estimator", "linear_regression", ["ml.estimator is 'linear_regression'; it must be one of "]),
    (
        "estimator",
        "auto",
        ["ml.params is {", "no effect with estimator auto", "remove it or name an estimator"],
    ),
    ("weight", 1, ["ml.weight is 1; it must be text"]),
    ("class_weight", "even", ["ml.class_weight is 'even'; it must be balanced"]),
    (
        "split",
        None,
        ["ml.split is missing", "for example split: {method: random, validation: 0.1, test: 0.2}"],
    ),
    ("split", "random", ["ml.split is 'random'; it must be a mapping of keys to values"]),
    (
        "split.method",
        "shuffle",
        ["ml.split.method is 'shuffle'; it must be one of sequential, random, custom, none"],
    ),
    ("split.method", "custom", ["ml.split.validation is 0.1; it has no effect with split method custom"]),
    ("split.method", "custom", ["ml.split.column is missing: give the column that holds train"]),
    ("split.column", "part", ["ml.split.column is 'part'; it has no effect with split method sequential"]),
    (
        "split",
        {"method": "random", "validation": 0.3, "test": 0.8},
        ["ml.split.test is 0.8; it must be below 1"],
    ),
    ("split.test", 1.2, ["ml.split.test is 1.2; it must be a number between 0 and 0.9"]),
    ("split.test", "20%", ["ml.split.test is '20%'; it must be a number between 0 and 0.9"]),
    ("split.test", True, ["ml.split.test is true; it must be a number between 0 and 0.9"]),
    ("split.vaildation", 0.1, ["ml.split.vaildation is not a key. Did you mean 'validation'?"]),
    ("params.learning_rat", 0.1, ["ml.params.learning_rat is not a key. Did you mean 'learning_rate'?"]),
    ("params.learning_rate", -1, ["ml.params.learning_rate is -1; it must be a number between 1e-06 and 10"]),
    (
        "params.num_leaves",
        7.5,
        ["ml.params.num_leaves is 7.5; it must be a whole number between 2 and 131072"],
    ),
    ("params.zero_as_missing", "yes", ["ml.params.zero_as_missing is 'yes'; it must be true or false"]),
    ("allow_pii", [1], ["ml.allow_pii[0] is 1; it must be text"]),
    ("params", [1], ["ml.params is [1]; it must be a mapping of keys to values"]),
    ("seed", True, ["ml.seed is true; it must be a whole number between 0 and 2147483647"]),
    ("seed", -1, ["ml.seed is -1; it must be a whole number between 0 and 2147483647"]),
    ("labl", "x", ["ml.labl is not a key. Did you mean 'label'?"]),
    ("colour", "x", ["ml.colour is not a key; the keys are task, key, split, label, "]),
    ("weight", NULL, ["ml.weight is null; it must be text"]),
    ("monotone", {"amount": "up"}, ["ml.monotone.amount is 'up'; it must be one of increasing, decreasing"]),
    ("slices", "region", ["ml.slices is 'region'; it must be a list"]),
    ("slices", [{"feature": False}], ["ml.slices[0].column is missing: give the column to slice by"]),
    ("slices", [{"column": "x", "feature": 1}], ["ml.slices[0].feature is 1; it must be true or false"]),
    ("slices", [True], ["ml.slices[0] is true; it must be text or a mapping of keys to values"]),
    ("tuning", 5, ["ml.tuning is 5; it must be a mapping of keys to values"]),
    ("tuning", {"trials": 0}, ["ml.tuning.trials is 0; it must be a whole number between 1 and 100000"]),
    (
        "tuning",
        {"timeout_seconds": "1h"},
        ["ml.tuning.timeout_seconds is '1h'; it must be a number between 1"],
    ),
    ("tuning", {"metric": "rmse"}, ["ml.tuning.metric is 'rmse'; it must be one of log_loss, "]),
    (
        "tuning",
        {"search": {"num_leaf": [1]}},
        ["ml.tuning.search.num_leaf is not a key. Did you mean 'num_leaves'?"],
    ),
    (
        "tuning",
        {"search": {"boosting": ["rf"]}},
        ["ml.tuning.search.boosting is [rf]; it cannot be searched"],
    ),
    (
        "tuning",
        {"search": {"num_leaves": {"low": 9, "high": 3}}},
        ["ml.tuning.search.num_leaves.high is 3", "above low"],
    ),
    (
        "tuning",
        {"search": {"num_leaves": {"low": 1, "high": 3}}},
        ["num_leaves.low is 1; it must be a whole number between 2"],
    ),
    (
        "tuning",
        {"search": {"num_leaves": [7, 2.5]}},
        ["ml.tuning.search.num_leaves[1] is 2.5; it must be a whole number"],
    ),
    (
        "tuning",
        {"search": {"num_leaves": 7}},
        ["ml.tuning.search.num_leaves is 7; it must be a list or a mapping"],
    ),
    (
        "tuning",
        {"search": {"lambda_l2": {"low": 0, "high": 3, "log": True}}},
        ["lambda_l2.log is true; it needs low above 0"],
    ),
    ("select_features", "yes", ["ml.select_features is 'yes'; it must be true or false or a mapping"]),
    (
        "select_features",
        {"drop": "leaky"},
        ["ml.select_features.drop is 'leaky'; it must be one of constant, "],
    ),
    ("select_features", {"keeep": "a"}, ["ml.select_features.keeep is not a key. Did you mean 'keep'?"]),
    (
        "select_features",
        {"rows": 5},
        ["ml.select_features.rows is 5; it must be a whole number between 100 and"],
    ),
    (
        "select_features",
        {"leaking_above": 0.2},
        ["ml.select_features.leaking_above is 0.2; it must be a number between 0.5 and 1"],
    ),
    (
        "select_features",
        {"drop": ["constant"], "shuffles": 5},
        ["ml.select_features.shuffles is 5; it is for the reason uninformative", "add uninformative to drop"],
    ),
    ("time_budget_seconds", 5, ["ml.time_budget_seconds is 5; it is for estimator auto"]),
    ("distributed", "yes", ["ml.distributed is 'yes'; it must be true or false"]),
    ("gates", {"metric": "roc_auc"}, ["ml.gates is {metric: roc_auc}; it must be a list"]),
    ("gates", ["roc_auc"], ["ml.gates[0] is 'roc_auc'; it must be a mapping of keys to values"]),
    ("must_beat_constant", "no", ["ml.must_beat_constant is 'no'; it must be true or false"]),
    ("params.num_leaves", NULL, ["ml.params.num_leaves is null; it must be a value"]),
    ("must_beat_constant", NULL, ["ml.must_beat_constant is null; it must be true or false"]),
    ("pin", 1, ["ml.pin is 1; it must be a mapping of keys to values"]),
    ("pin", {"reason": "audit"}, ["ml.pin.version is missing", "for example version: 1"]),
    ("pin", {"version": 0}, ["ml.pin.version is 0; it must be a whole number of at least 1"]),
    ("pin", {"version": 1, "reason": 5}, ["ml.pin.reason is 5; it must be text"]),
]


@pytest.mark.parametrize(("path", "value", "facts"), WRONG)
def test_a_broken_rule_is_reported(
    config: dict[str, Any], path: str, value: object, facts: list[str]
) -> None:
    assert_reported(change(config, path, value), *facts)


WRONG_GATES: list[tuple[dict[str, Any], list[str]]] = [
    ({"metric": "rmse", "min": 1}, ["[0].metric is 'rmse'; it must be one of roc_auc, "]),
    ({"metric": "roc_auc"}, ["[0] is {metric: roc_auc}; it must have exactly one of min, max, min_gain"]),
    ({"metric": "roc_auc", "min": "0.7"}, ["[0].min is '0.7'; it must be a number"]),
    ({"metric": "roc_auc", "min": float("nan")}, ["[0].min is NaN; it must be a number"]),
    ({"metric": "roc_auc", "max": float("inf")}, ["[0].max is Infinity; it must be a number"]),
    ({"min": 0.7}, ["[0].metric is missing: give the metric to compare, for example metric: roc_auc"]),
    (
        {"metric": "roc_auc", "min": 0.7, "slices": ["region"]},
        ["[0].slices is 'region'; it must be among the model's own slices", "add region to ml.slices"],
    ),
    (
        {"metric": "roc_auc", "min": 0.7, "baseline": "linear"},
        ["[0].baseline is 'linear'; it is for min_gain_over_baseline"],
    ),
    (
        {"metric": "roc_auc", "min_gain_over_champion": 0.0, "dataset": "train"},
        ["[0].dataset is 'train'; it must be validation or test for min_gain_over_champion"],
    ),
    (
        {"metric": "log_loss", "max_vs_champion": 1.01, "dataset": "train", "severity": "warn"},
        ["[0].dataset is 'train'; it must be validation or test for max_vs_champion"],
    ),
    ({"metric": "roc_auc", "min": 0.7, "min_rows": 9}, ["[0].min_rows is 9; it is for gates with slices"]),
    (
        {"metric": "roc_auc", "min": 0.7, "dataset": "live", "slices": ["region"]},
        [
            "[0].min is 0.7; it is not for dataset live, which is for min_gain_over_champion and max_vs_champion",
            "[0].min_rows is missing: give the fewest rows",
            "[0].slices is [region]; it has no effect with dataset live",
            "[0].dataset is 'live'; it needs a version that scores beside the champion",
            "write ml.shadow: true, or ml.ab_test",
        ],
    ),
    (
        {"metric": "roc_auc", "max_vs_champion": 1.01},
        ["[0].max_vs_champion is 1.01; it is for metrics of which less is better", "min_gain_over_champion"],
    ),
    (
        {"metric": "roc_auc", "min": 0.7, "severity": "info"},
        ["[0].severity is 'info'; it must be one of error, warn"],
    ),
]


@pytest.mark.parametrize(("gate", "facts"), WRONG_GATES)
def test_a_broken_gate_is_reported(config: dict[str, Any], gate: dict[str, Any], facts: list[str]) -> None:
    assert_reported(
        {**config, "gates": [gate]}, *(f"ml.gates{fact}" if fact[0] == "[" else fact for fact in facts)
    )
    trained = {**config, "gates": [gate]}
    with pytest.raises(ConfigError):
        parse(trained, model_name="m", is_trained=True)


def test_a_gate_on_live_rows_needs_a_time_and_a_second_version(config: dict[str, Any]) -> None:
    gate = {"metric": "roc_auc", "min_gain_over_champion": 0, "dataset": "live", "min_rows": 9}
    for second in ({"shadow": True}, {"ab_test": {"version": 2, "share": 0.1}}):
        parsed = parse({**config, **second, "gates": [gate]}, model_name="m").gates
        assert parsed == (Gate("roc_auc", "live", "min_gain_over_champion", 0.0, min_rows=9),)
        assert config_hash({**config, **second}) == config_hash(config)
    timeless = {**change(config, "time", None), "split": {"method": "random", "test": 0.2}, "shadow": True}
    assert_reported({**timeless, "gates": [gate]}, "ml.gates[0].dataset is 'live'; it needs ml.time")


def test_an_unknown_dataset_of_a_gate_is_reported_once(config: dict[str, Any]) -> None:
    gates = [{"metric": "roc_auc", "min_gain_over_champion": 0, "dataset": "tset"}]
    assert_reported({**config, "gates": gates}, "has 1 problem ", "is 'tset'", "Did you mean 'test'?")


@pytest.mark.parametrize(
    ("changes", "fact"),
    [
        (
            {"weight": "w", "class_weight": "balanced"},
            "ml.class_weight is 'balanced'; it conflicts with weight",
        ),
        (
            {"split": {"method": "none"}, "gates": [{"metric": "roc_auc", "min": 0}]},
            "ml.gates[0].dataset is missing",
        ),
        (
            {"split": {"method": "random", "test": 0.2}, "tuning": {"trials": 2}},
            "ml.split.validation is 0; it must be above 0",
        ),
        (
            {"estimator": "logistic_regression", "params": {}, "monotone": {"amount": "increasing"}},
            "ml.monotone is {amount: increasing}; it is for the estimator lightgbm",
        ),
        (
            {"task": "anomaly", "estimator": "isolation_forest", "params": {}, "tuning": {"trials": 2}},
            "ml.tuning is {trials: 2}; it is for the tasks binary, multiclass, regression",
        ),
        (
            {"task": "anomaly", "estimator": "isolation_forest", "params": {}, "must_beat_constant": True},
            "ml.must_beat_constant is true; it has no effect in task anomaly",
        ),
        (
            {
                "task": "anomaly",
                "estimator": "isolation_forest",
                "params": {},
                "gates": [{"metric": "roc_auc", "min_gain_over_baseline": 0}],
            },
            "ml.gates[0].min_gain_over_baseline is 0; it has no effect in task anomaly",
        ),
    ],
)
def test_keys_that_conflict_are_reported(config: dict[str, Any], changes: dict[str, Any], fact: str) -> None:
    assert_reported({**config, **changes}, fact)


def assert_reported(config: dict[str, Any], *facts: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(config, model_name="m")
    assert [fact for fact in facts if fact not in str(caught.value)] == [], str(caught.value)


def test_model_without_a_block_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"'m' has no block config: meta: ml:, .* under `- name: m`"):
        parse(None, model_name="m")


def test_all_problems_come_at_once(config: dict[str, Any]) -> None:
    assert_reported(
        {"task": "binary", "estimator": "lightgbm", "split": {"test": 2}, "colour": 1},
        "Model 'm' has 5 problems under config: meta: ml:",
        *(f"ml.{key} is" for key in ("label", "key", "split.method", "split.test", "colour")),
    )
    wrong_everywhere = {
        **config,
        "key": True,
        "label": None,
        "params": {"num_leaves": 7.5, "learning_rat": 1},
        "tuning": {"metric": "rmse", "search": {"num_leaves": [7, 2.5]}},
        "gates": [{"metric": "auc", "min": "x"}, {"metric": "rmse", "min": 1}, 3],
    }
    paths = (
        "key",
        "label",
        "params.num_leaves",
        "params.learning_rat",
        "tuning.metric",
        "tuning.search.num_leaves[1]",
    )
    gates = ("gates[0].min", "gates[1].metric", "gates[2]")
    assert_reported(wrong_everywhere, *(f"ml.{path} is" for path in (*paths, *gates)))


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("gates", [{"metric": "roc_auc", "min": 0.7}], True),
        ("must_beat_constant", False, True),
        ("pin", {"version": 3, "reason": "audit"}, True),
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


def test_a_trained_block_is_read_without_the_library_of_its_estimator() -> None:
    block = {
        "task": "binary",
        "label": "y",
        "key": "id",
        "split": {"method": "none"},
        "params": {"num_leaves": 7},
    }
    code = (
        "import sys; from training.declared.config import parse\n"
        f"spec = parse({block!r}, model_name='m', is_trained=True)\n"
        "assert spec.params == {'num_leaves': 7} and not {'lightgbm', 'sklearn'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("block", [True, "binary", ["binary"], [{"task": "binary"}], 7])
def test_a_block_that_is_no_mapping_is_reported(block: Any) -> None:
    assert_reported(block, "ml is ", "it must be a mapping of keys to values")
    assert config_hash(block) == config_hash({})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"estimator": "lightgbm"}, False),
        ({"params": {}}, False),
        ({"monotone": {"amount": "increasing"}}, False),
    ],
)
def test_a_model_may_be_simpler_where_nothing_belongs_to_one_estimator(
    config: dict[str, Any], changes: dict[str, Any], expected: bool
) -> None:
    block = change(change(config, "params", None), "estimator", None)
    spec = parse({**block, **changes}, model_name="m")
    assert spec.may_be_simpler is expected
    types = {"id": "bigint", "is_late": "boolean", "predicted_at": "timestamp", "amount": "double"}
    assert as_spelled(spec, types, "m").may_be_simpler is expected
