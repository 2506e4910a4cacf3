"""The YAML block of a model, checked as a whole and turned into one frozen spec."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from training.checked import Block
from training.errors import ConfigError
from training.estimators import ESTIMATORS
from training.metrics import METRICS
from training.splits import PARTS

SPLIT_METHODS = ("sequential",)
COMPARISONS = ("min", "max")
DEFAULT_SEED = 1
LARGEST_SEED = 2**31 - 1
LARGEST_THRESHOLD = 1e300


@dataclass(frozen=True)
class SplitSpec:
    """How rows are divided by time: the shares of the latest rows kept for validation and for test."""

    method: str
    validation: float
    test: float


@dataclass(frozen=True)
class Gate:
    """A rule a challenger must meet: a metric on one part of the data, compared with a threshold."""

    metric: str
    dataset: str
    comparison: str
    threshold: float


@dataclass(frozen=True)
class ModelSpec:
    """Everything that a model's configuration says."""

    task: str
    label: str
    key: str
    time: str
    split: SplitSpec
    estimator: str
    params: Mapping[str, float | bool]
    seed: int
    gates: tuple[Gate, ...]

    @property
    def hash(self) -> str:
        """SHA-256 of what decides the trained model; gates judge it afterwards and are left out."""
        decisive = {name: value for name, value in asdict(self).items() if name != "gates"}
        return sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def parse(config: Mapping[str, Any], *, model_name: str) -> ModelSpec:
    """Return the spec that a model's ``config: meta: ml:`` block describes.

    Parameters
    ----------
    config
        The block as YAML gives it.
    model_name
        The model, for error messages.

    Raises
    ------
    training.errors.ConfigError
        If anything is wrong; one error tells all of it.
    """
    block = Block(config)
    task = block.choice("task", METRICS)
    label = block.text("label", "the column to predict")
    key = block.text("key", "the column that identifies a row")
    time = block.text("time", "the column that holds the prediction time")
    split = _split(block)
    estimator = block.choice("estimator", ESTIMATORS)
    spec = ModelSpec(
        task=task,
        label=label,
        key=key,
        time=time,
        split=split,
        estimator=estimator,
        params=_params(block, estimator),
        seed=int(block.number("seed", 0, LARGEST_SEED, whole=True, default=DEFAULT_SEED)),
        gates=_gates(block, task),
    )
    block.no_other_keys()
    named = [column.lower() for column in (label, key, time) if column]
    if len(set(named)) < len(named):
        block.problem(
            "label", "must be another column than key and time", label, "name three different columns"
        )
    if block.problems:
        raise ConfigError.from_problems(model_name, block.problems)
    return spec


def _split(block: Block) -> SplitSpec:
    split = block.block("split", "{method: sequential, validation: 0.1, test: 0.2}")
    if split is None:
        return SplitSpec(SPLIT_METHODS[0], 0.0, 0.0)
    spec = SplitSpec(
        method=split.choice("method", SPLIT_METHODS),
        validation=split.number("validation", 0, 1, open_ends=True),
        test=split.number("test", 0, 1, open_ends=True),
    )
    if spec.validation + spec.test >= 1:
        split.problem(
            "test",
            "must be below 1 together with validation",
            spec.validation + spec.test,
            "leave rows to train on",
        )
    split.no_other_keys()
    return spec


def _params(block: Block, estimator: str) -> dict[str, float | bool]:
    """Return the estimator's own settings, each within the limits that the estimator states."""
    if not block.has("params"):
        return {}
    params = block.block("params", "{learning_rate: 0.05}")
    if params is None:
        return {}
    values: dict[str, float | bool] = {}
    for name, limits in ESTIMATORS[estimator].params.items():
        if not params.has(name):
            continue
        if limits is None:
            values[name] = params.flag(name)
        else:
            values[name] = params.number(name, limits.low, limits.high, whole=limits.whole)
    params.no_other_keys()
    return values


def _gates(block: Block, task: str) -> tuple[Gate, ...]:
    gates = []
    for entry in block.blocks("gates", "{metric: roc_auc, min: 0.7}"):
        metric = entry.choice("metric", METRICS[task])
        dataset = entry.choice("dataset", PARTS, default="test")
        given = [comparison for comparison in COMPARISONS if entry.has(comparison)]
        for comparison in given:
            threshold = entry.number(comparison, -LARGEST_THRESHOLD, LARGEST_THRESHOLD)
            gates.append(Gate(metric, dataset, comparison, threshold))
        if len(given) != 1:
            rule = f"must have exactly one of {', '.join(COMPARISONS)}"
            entry.problem("", rule, entry.keys(), "write one comparison per gate")
        entry.no_other_keys()
    return tuple(gates)
