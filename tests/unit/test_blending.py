"""How much each of several models counts in their average."""

import numpy as np
import pytest

from training.tuning.blending import SHARES, Part, weights

DRAW = np.random.default_rng(1)
LABEL = DRAW.normal(size=400)
NOISY, OTHER, USELESS = (LABEL + DRAW.normal(size=400) * size for size in (0.5, 0.5, 20.0))


def counts(*predictions: np.ndarray, label: np.ndarray = LABEL, task: str = "regression") -> list[int]:
    return weights([Part.of(predictions, label, None, task)], seed=1)


def test_models_whose_errors_differ_count_alike() -> None:
    first, second, useless = counts(NOISY, OTHER, USELESS)
    assert first + second == SHARES and abs(first - second) <= 4 and useless == 0


def test_a_model_that_others_do_not_better_stays_alone() -> None:
    assert counts(LABEL, NOISY, USELESS) == [SHARES, 0, 0]


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_of_classes_the_probability_of_the_label_counts(task: str) -> None:
    label = (LABEL > 0).astype(float)
    right = np.where(label > 0, 0.9, 0.1)
    guess = np.full(len(label), 0.5)
    pair = [np.column_stack([1 - p, p]) if task == "multiclass" else p for p in (guess, right)]
    assert counts(*pair, label=label, task=task)[1] > counts(*pair, label=label, task=task)[0]


def test_weights_are_the_same_for_the_same_seed_and_rows_may_weigh_nothing() -> None:
    weight = (np.arange(400) < 3).astype(float)
    part = Part.of([NOISY, OTHER], LABEL, weight, "regression")
    assert weights([part], seed=1) == weights([part], seed=1)
