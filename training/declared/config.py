"""The YAML block of a model, checked as a whole and turned into one frozen spec."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from training.declared.checked import Block
from training.declared.config_features import read_features
from training.declared.config_gates import MOST_ROWS, read_gates, read_must_beat_constant
from training.declared.config_params import read_params
from training.declared.config_selection import read_selection
from training.declared.config_tuning import read_auto, read_tuning
from training.declared.spec import AUTO, ModelSpec, Pin, SplitSpec
from training.errors import ConfigError
from training.estimators import ESTIMATORS
from training.estimators.base import TASKS

SPLIT_METHODS = ("sequential", "random", "custom", "none")
DEFAULT_ESTIMATORS = {"clustering": "kmeans", "anomaly": "isolation_forest"}
NEED_AN_ESTIMATOR = ("estimator", "params", "tuning", "monotone")
"""Keys of a block that belong to one estimator; with none of them, few rows may have a simpler one."""
CLASSIFYING = ("binary", "multiclass")
SUPERVISED = (*CLASSIFYING, "regression")
JUDGING = ("gates", "must_beat_constant", "pin")
"""Keys that judge a trained model and do not decide it."""
DEFAULT_SEED = 1
LARGEST_SEED = 2**31 - 1


def parse(config: Mapping[str, Any] | None, *, model_name: str) -> ModelSpec:
    """Return the spec that a model's ``config: meta: ml:`` block describes.

    Parameters
    ----------
    config
        The block as YAML gives it; None if there is none.
    model_name
        The model, for error messages.

    Raises
    ------
    training.errors.ConfigError
        If anything is wrong; one error tells all of it.
    """
    if config is None:
        raise ConfigError.without_block(model_name)
    block = Block(config)
    if block.problems:
        raise ConfigError.from_problems(model_name, block.problems)
    task = block.choice("task", TASKS)
    label = _label(block, task)
    key = block.text("key", "the column that identifies a row")
    split = _split(block)
    time = _time(block, split)
    estimator = _estimator(block, task)
    slices, not_features = _slices(block)
    params = read_params(block, task, estimator)
    weighs = block.only_with(
        "class_weight", task in CLASSIFYING, "is for tasks binary and multiclass", "remove it"
    )
    spec = ModelSpec(
        task=task,
        label=label,
        positive=_positive(block, task),
        key=key,
        time=time,
        split=split,
        estimator=estimator,
        may_be_simpler=task in SUPERVISED and not any(block.has(key) for key in NEED_AN_ESTIMATOR),
        params=params,
        seed=int(block.number("seed", 0, LARGEST_SEED, whole=True, default=DEFAULT_SEED)),
        weight=block.optional_text("weight", "the column that weighs the rows"),
        class_weight=block.choice("class_weight", ["balanced"]) if weighs else None,
        monotone=_monotone(block, estimator),
        slices=slices,
        not_features=not_features,
        features=read_features(block),
        selection=read_selection(block, task, estimator),
        tuning=read_auto(block, task) if estimator == AUTO else read_tuning(block, task, estimator, params),
        gates=read_gates(block, task, split, slices),
        must_beat_constant=read_must_beat_constant(block, task),
        pin=_pin(block),
    )
    block.no_other_keys()
    _check_together(block, spec)
    if block.problems:
        raise ConfigError.from_problems(model_name, block.problems)
    return spec


def config_hash(config: Mapping[str, Any] | None) -> str:
    """Return a SHA-256 of what decides the trained model; gates judge it afterwards and are left out.

    The block is taken as it is written, so that an unchanged one is known before any of it is understood.
    A file that the estimator's settings name counts with its content.
    """
    decisive = {key: value for key, value in (config or {}).items() if key not in JUDGING}
    params = decisive.get("params")
    if isinstance(params, Mapping) and "file" in params and decisive.get("estimator") in ESTIMATORS:
        decisive["file"] = ESTIMATORS[str(decisive["estimator"])].fingerprint(params)
    return sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()


def _pin(block: Block) -> Pin | None:
    pin = block.block("pin", "{version: 1, reason: audit}") if block.has("pin") else None
    if pin is None:
        return None
    version = int(pin.number("version", 1, MOST_ROWS, whole=True))
    reason = pin.optional_text("reason", "why the version is forced to score")
    pin.no_other_keys()
    return Pin(version, reason)


def _label(block: Block, task: str) -> str | None:
    if task == "clustering":
        block.only_with("label", False, "has no use in task clustering", "remove it")
        return None
    if task == "anomaly":
        return block.optional_text("label", "the column that tells known anomalies, for the metrics")
    return block.text("label", "the column to predict")


def _positive(block: Block, task: str) -> str | None:
    rule = "is for labels of two classes, in tasks binary and anomaly"
    if not block.only_with("positive", task in ("binary", "anomaly"), rule, "remove it"):
        return None
    return block.scalar("positive", "the label's value that counts as positive")


def _time(block: Block, split: SplitSpec) -> str | None:
    if split.method == "sequential":
        return block.text("time", "the column that holds the prediction time, for split method sequential")
    return block.optional_text("time", "the column that holds the prediction time")


def _estimator(block: Block, task: str) -> str:
    suitable = [name for name, estimator in ESTIMATORS.items() if task in estimator.tasks]
    automatic = [AUTO] if task in SUPERVISED else []
    return block.choice(
        "estimator", [*suitable, *automatic], default=DEFAULT_ESTIMATORS.get(task, "lightgbm")
    )


def _split(block: Block) -> SplitSpec:
    split = block.block("split", "{method: random, validation: 0.1, test: 0.2}")
    if split is None:
        return SplitSpec(
            "random", None, 0.1, 0.2
        )  # as the example of the message, so that nothing else is wrong
    before = len(split.problems)
    method = split.choice("method", SPLIT_METHODS)
    if len(split.problems) > before and split.has("method"):  # which of the other keys have a use is unknown
        for key in ("validation", "test"):
            if split.has(key):
                split.number(key, 0, 0.9)
        split.has("column")
        split.no_other_keys()
        return SplitSpec("random", None, 0.1, 0.2)
    by_share = method in ("sequential", "random")
    shares = {
        key: split.number(key, 0, 0.9)
        for key in ("validation", "test")
        if split.only_with(key, by_share, f"has no use in split method {method}", "remove it")
    }
    if method == "custom":
        column = split.text("column", "the column that holds train, validation or test")
    else:
        split.only_with("column", False, f"has no use in split method {method}", "remove it")
        column = None
    if sum(shares.values()) >= 1:
        rule = "must be below 1 together with validation"
        split.problem("test", rule, sum(shares.values()), "leave rows to train on")
    split.no_other_keys()
    return SplitSpec(method, column, **shares)


def _slices(block: Block) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns to slice by, and those of them that are no features."""
    slices, not_features = [], []
    for entry in block.entries("slices", "[origin, {column: sex, feature: false}]"):
        if isinstance(entry, str):
            slices.append(entry)
            continue
        slices.append(entry.text("column", "the column to slice by"))
        if not entry.flag("feature", default=True):
            not_features.append(slices[-1])
        entry.no_other_keys()
    return tuple(slices), tuple(not_features)


def _monotone(block: Block, estimator: str) -> dict[str, str]:
    able = [name for name, other in ESTIMATORS.items() if other.is_monotone]
    rule = f"is for the estimator {' or '.join(able)}"
    if not block.only_with("monotone", estimator in able, rule, "remove it or change the estimator"):
        return {}
    monotone = block.block("monotone", "{amount: increasing}")
    if monotone is None:
        return {}
    names = monotone.keys()
    return {name: monotone.choice(name, ["increasing", "decreasing"]) for name in names}


def _check_together(block: Block, spec: ModelSpec) -> None:
    """Collect what single keys cannot tell."""
    named = [
        column.lower()
        for column in (spec.label, spec.key, spec.time, spec.weight, spec.split.column)
        if column
    ]
    repeated = sorted({column for column in named if named.count(column) > 1})
    if repeated:
        rule = "label, key, time, weight and the split's column must be different columns"
        block.problem("key", f"is named twice: {rule}", ", ".join(repeated), "name another column")
    if spec.weight and spec.class_weight:
        block.problem(
            "class_weight", "cannot be combined with weight", spec.class_weight, "remove one of them"
        )
    by_share = spec.split.method in ("sequential", "random")
    if spec.tuning and (spec.split.method == "none" or (by_share and not spec.split.validation)):
        block.problem(
            "split.validation",
            "must be there to tune on, or to choose an estimator",
            spec.split.validation,
            "write split: {method: random, validation: 0.2, test: 0.2}",
        )
