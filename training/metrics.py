"""Metrics of each task, computed from predictions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as sk

Values = NDArray[np.float64]
Metric = Callable[[Values, Values], float]


def _log_loss(label: Values, prediction: Values) -> float:
    return float(sk.log_loss(label, prediction, labels=[0, 1]))


def _accuracy(label: Values, prediction: Values) -> float:
    return float(sk.accuracy_score(label, prediction >= 0.5))


METRICS: Mapping[str, Mapping[str, Metric]] = {
    "binary": {
        "roc_auc": sk.roc_auc_score,
        "log_loss": _log_loss,
        "brier": sk.brier_score_loss,
        "average_precision": sk.average_precision_score,
        "accuracy": _accuracy,
    },
    "regression": {
        "rmse": sk.root_mean_squared_error,
        "mae": sk.mean_absolute_error,
        "r2": sk.r2_score,
    },
}
"""The metrics of each task by name; each takes labels and predictions of shape ``(rows,)``."""


def evaluate(task: str, label: Values, prediction: Values) -> dict[str, float]:
    """Return every metric of the task.

    Parameters
    ----------
    task
        ``binary`` or ``regression``.
    label
        Shape ``(rows,)``; 0 or 1 for a binary task, where both must occur.
    prediction
        Shape ``(rows,)``; the probability of the positive class, or the value.
    """
    return {name: float(metric(label, prediction)) for name, metric in METRICS[task].items()}
