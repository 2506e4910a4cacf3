"""What turns scores into predictions, alone."""

import math

import numpy as np
import parity_figures
import pytest
from numpy.typing import NDArray

from scoring.artifact import INPUT_NAME, Artifact, digest
from training.export.classes import Part, exponential, logistic, softmax
from training.export.graph import artifact

Values = NDArray[np.float64]
SCORES = np.random.default_rng(1).uniform(-30, 30, 4_003)


def run(part: Part, values: Values, width: int | None) -> Values:
    onnx_bytes = artifact(part[0], part[1], features=values.shape[1], outputs={"prediction": width})
    return Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m").run(values)


@pytest.mark.parametrize("function", [exponential, logistic])
def test_a_score_gives_the_same_whatever_stands_beside_it(function: object) -> None:
    part: Part = function(INPUT_NAME, "prediction")  # type: ignore[operator]
    together = run(part, SCORES[:, None], 1)
    for rows in (1, 2, 3, 7, 8, 9, 2_047):
        for start in (0, 1, 5):
            some = slice(start, start + rows)
            np.testing.assert_array_equal(run(part, SCORES[some, None], 1), together[some])


@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-700, 709.78), (-708.3, -707), (-745.2, -745)])
def test_exponential_is_the_mathematical_one(low: float, high: float) -> None:
    values = np.random.default_rng(2).uniform(low, high, 5_000)[:, None]
    expected = np.vectorize(math.exp)(values)
    actual = run(exponential(INPUT_NAME, "prediction"), values, 1)
    assert parity_figures.relative_difference(expected, actual).max() <= 4e-16


def test_exponential_beyond_the_range_is_infinite_or_nothing() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 1e300, -1e300, 0.0, -0.0]])
    actual = run(exponential(INPUT_NAME, "prediction"), values, 7)
    np.testing.assert_array_equal(actual, [[np.nan, np.inf, 0.0, np.inf, 0.0, 1.0, 1.0]])


@pytest.mark.parametrize("classes", [2, 30, 1_000])
def test_softmax_adds_up_class_by_class(classes: int) -> None:
    scores = np.random.default_rng(3).normal(size=(200, classes)) * 3
    odds = np.vectorize(math.exp)(scores - scores.max(axis=1, keepdims=True))
    expected = odds / np.cumsum(odds, axis=1)[:, -1:]
    actual = run(softmax(INPUT_NAME, "prediction"), scores, classes)
    assert parity_figures.relative_difference(expected, actual).max() <= 1e-15


def test_no_rows_give_no_predictions() -> None:
    assert run(logistic(INPUT_NAME, "prediction"), np.empty((0, 1)), 1).shape == (0, 1)
