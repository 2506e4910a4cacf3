"""Weighted sums and what comes after them, in double precision."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from training.export.classes import Part, logistic, position, softmax, vector
from training.export.graph import constant

Values = NDArray[np.float64]


def weighted_sum(source: str, output: str, weights: Values, intercept: Values) -> Part:
    """Return ``output = source @ weights + intercept``.

    Parameters
    ----------
    weights
        Shape ``(columns, outputs)``.
    intercept
        Shape ``(outputs,)``.
    """
    names = [f"{output}_{part}" for part in ("product", "weights", "intercept")]
    return [
        helper.make_node("MatMul", [source, names[1]], [names[0]]),
        helper.make_node("Add", [names[0], names[2]], [output]),
    ], [
        constant(names[1], np.ascontiguousarray(weights, dtype=np.float64)),
        constant(names[2], np.asarray(intercept, dtype=np.float64)),
    ]


def prediction(scores: str, task: str) -> list[Part]:
    """Return the parts from a matrix of scores to the outputs of the task.

    Binary: one column, the log of the odds. Multiclass: a column per class, the log of its odds up to a
    constant. Regression: one column, the value.
    """
    if task == "multiclass":
        copy = [helper.make_node("Identity", [scores], ["raw_score"])]
        return [
            (copy, []),
            softmax("raw_score", "probabilities"),
            position("ArgMax", "raw_score", "prediction"),
        ]
    if task == "binary":
        return [vector(scores, "raw_score"), logistic("raw_score", "prediction")]
    copy = [helper.make_node("Identity", ["raw_score"], ["prediction"])]
    return [vector(scores, "raw_score"), (copy, [])]
