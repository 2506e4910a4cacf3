from typing import Any

import pytest

from training.config import Gate, parse
from training.errors import ConfigError


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
        {"metric": "roc_auc", "min": 0.7},
        {"metric": "log_loss", "dataset": "validation", "max": 1},
    ]
    spec = parse({**config, "gates": gates}, model_name="m")
    assert (spec.task, spec.label, spec.key, spec.time, spec.seed) == (
        "binary",
        "is_late",
        "id",
        "predicted_at",
        1,
    )
    assert (spec.split.method, spec.split.validation, spec.split.test) == ("sequential", 0.1, 0.2)
    assert spec.params == {"num_iterations": 30, "num_leaves": 7, "min_data_in_leaf": 5}
    assert spec.gates == (
        Gate("roc_auc", "test", "min", 0.7),
        Gate("log_loss", "validation", "max", 1),
    )


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("task", None, "'task' must be one of binary, regression; it is missing; write task: binary."),
        ("task", "binry", r"found 'binry'; write task: binary Did you mean 'binary'\?"),
        ("label", None, "'label' must be text: the column to predict; it is missing; write label: <name>."),
        ("label", 7, "'label' must be text: the column to predict; found 7"),
        ("key", "predicted_at", "'label' must be another column than key and time"),
        ("estimator", "xgboost", "'estimator' must be one of lightgbm; found 'xgboost'"),
        (
            "split",
            None,
            "'split' must be a mapping of keys to values; it is missing; write split: {method: seq",
        ),
        ("split", "sequential", "'split' must be a mapping of keys to values; found 'sequential'"),
        ("split.method", "random", "'split.method' must be one of sequential; found 'random'"),
        ("split.test", 0.9, "'split.test' must be below 1 together with validation; found 1.0"),
        ("split.test", "20%", "'split.test' must be a number above 0 and below 1; found '20%'"),
        ("split.test", True, "'split.test' must be a number above 0 and below 1; found True"),
        ("split.vaildation", 0.1, r"'split.vaildation' is not a key here.*Did you mean 'validation'\?"),
        ("params.learning_rat", 0.1, r"'params.learning_rat' is not a key.*Did you mean 'learning_rate'\?"),
        ("params.learning_rate", -1, "'params.learning_rate' must be a number from 1e-06 to 10; found -1"),
        ("params.num_leaves", 7.5, "'params.num_leaves' must be a whole number from 2 to 131072; found 7.5"),
        ("params.zero_as_missing", "yes", "'params.zero_as_missing' must be true or false; found 'yes'"),
        ("params", [1], r"'params' must be a mapping of keys to values; found \[1\]"),
        ("seed", True, "'seed' must be a whole number from 0 to 2147483647; found True"),
        ("seed", -1, "'seed' must be a whole number from 0 to 2147483647; found -1"),
        ("labl", "x", r"'labl' is not a key here; the keys are task, label, .*Did you mean 'label'\?"),
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
            r"'gates\[0\]' must have exactly one of min, max.*found \['metric'\]",
        ),
        ("gates", [{"metric": "roc_auc", "min": "0.7"}], r"'gates\[0\].min' must be a number .*found '0.7'"),
    ],
)
def test_broken_rule_is_told(config: dict[str, Any], path: str, value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse(change(config, path, value), model_name="m")


def test_all_problems_come_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse({"task": "binary", "estimator": "lightgbm", "split": {"test": 2}, "colour": 1}, model_name="m")
    message = str(caught.value)
    assert message.startswith("Model 'm' has 7 problems under config: meta: ml:")
    for key in ("label", "key", "time", "split.method", "split.validation", "split.test", "colour"):
        assert f"'{key}'" in message


@pytest.mark.parametrize(
    ("path", "value", "same"),
    [
        ("gates", [{"metric": "roc_auc", "min": 0.7}], True),
        ("seed", 1, True),
        ("seed", 2, False),
        ("split.test", 0.3, False),
        ("params.num_leaves", 8, False),
    ],
)
def test_hash_changes_with_what_decides_the_model(
    config: dict[str, Any], path: str, value: object, same: bool
) -> None:
    changed = parse(change(config, path, value), model_name="m").hash
    assert (changed == parse(config, model_name="m").hash) is same
