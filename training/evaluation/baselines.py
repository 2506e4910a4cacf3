"""What a model must beat: a constant, and a plain linear model on the same rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from training.data.prepared_rows import Rows
from training.declared.spec import ModelSpec
from training.estimators import ESTIMATORS
from training.estimators.base import Examples
from training.evaluation.constant import constant

LINEAR = {
    "binary": "logistic_regression",
    "multiclass": "logistic_regression",
    "regression": "linear_regression",
}
MOST_ROWS = 50_000
"""A linear model hardly gains from more rows; of larger training sets an even sample is taken."""


def baselines(rows: Rows) -> dict[str, NDArray[np.float64]]:
    """Return the predictions of each baseline for the rows that are measured; none without a label to predict.

    Returns
    -------
    dict
        ``constant`` and ``linear``: the probability of the positive class or the value, shape ``(rows,)``;
        for task ``multiclass`` the probability of each class, shape ``(rows, classes)``.
    """
    data = rows.data
    task = data.spec.task
    if task not in LINEAR or data.label is None:
        return {}
    train = rows.examples("train", data.weight)
    sample = _sample(train, is_classified=task != "regression")
    request = replace(rows.request({}), train=sample, validation=None, monotone={})
    linear = ESTIMATORS[LINEAR[task]].fit(request)
    matrix = rows.matrix_at(rows.measured)
    probabilities = linear.probabilities(matrix) if task == "multiclass" else None
    predicted = linear.predict(matrix) if probabilities is None else probabilities
    return {"constant": _constant(train, data.spec, len(data.classes), len(matrix)), "linear": predicted}


def _sample(train: Examples, *, is_classified: bool) -> Examples:
    count = len(train)
    kept = np.linspace(0, count - 1, min(count, MOST_ROWS)).astype(np.int64)
    if is_classified and train.label is not None:
        # No class is lost, however rare it is: of what is written for one code, the last stays, its first row.
        first = np.full(int(train.label.max()) + 1, -1)
        first[train.label[::-1].astype(np.int64)] = np.arange(count)[::-1]
        kept = np.concatenate([kept, first[first >= 0]])
    return train.taken(np.unique(kept))


def _constant(train: Examples, spec: ModelSpec, classes: int, rows: int) -> NDArray[np.float64]:
    """Return the share of the positive class or of each class; of values the constant."""
    if train.label is None:
        raise TypeError("a baseline needs a label")
    if spec.task != "multiclass":
        return np.full(rows, constant(train.label, train.weight, spec.params))
    counts = np.bincount(train.label.astype(np.int64), weights=train.weight, minlength=classes)
    return np.tile(counts / counts.sum(), (rows, 1))
