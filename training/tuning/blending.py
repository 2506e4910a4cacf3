"""How much each of several models counts in their average: ensemble selection on rows drawn again and again.

The model that makes the average best is added, with replacement, as long as the loss falls: Caruana et al.,
"Ensemble selection from libraries of models", ICML 2004, https://doi.org/10.1145/1015330.1015432. On a few
hundred rows that finds noise; so it is done on `DRAWS` bootstrap samples of the rows, and the weight of a
model is its mean share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

DRAWS, ROUNDS = 20, 10
"""Bootstrap samples, and models that are added on each, at most."""

SHARES = 20
"""What weights add up to, roughly: a model of less than half of a twentieth is left out."""


@dataclass(frozen=True)
class Part:
    """What several models predict for some rows that decide about their weights.

    Parameters
    ----------
    predictions
        Shape ``(models, rows)``: values, or the probability of the class that is the label.
    label
        Values, shape ``(rows,)``; None where the label is a class.
    weight
        Shape ``(rows,)``.
    """

    predictions: Values
    label: Values | None
    weight: Values

    @classmethod
    def of(cls, predictions: Sequence[Values], label: Values, weight: Values | None, task: str) -> Part:
        """Return a part; ``predictions`` are those of each model as `training.tuning.judging.Judged` has them."""
        if weight is None:
            weight = np.ones(len(label))
        if task == "regression":
            return cls(np.stack(predictions), label, weight)
        if task == "binary":
            return cls(np.stack([np.where(label > 0, p, 1 - p) for p in predictions]), None, weight)
        rows, codes = np.arange(len(label)), label.astype(np.int64)
        return cls(np.stack([p[rows, codes] for p in predictions]), None, weight)

    def drawn(self, draw: np.random.Generator) -> Part:
        """Return as many rows, drawn with replacement."""
        rows = draw.integers(0, len(self.weight), len(self.weight))
        label = None if self.label is None else self.label[rows]
        return Part(self.predictions[:, rows], label, self.weight[rows])

    def losses(self, predictions: Values) -> Values:
        """Return the root mean squared error or log loss of each of some predictions of these rows."""
        shares = self.weight / max(self.weight.sum(), np.finfo(np.float64).tiny)
        if self.label is not None:
            return np.asarray(np.sqrt((predictions - self.label) ** 2 @ shares))
        epsilon = np.finfo(np.float64).eps
        return np.asarray(-np.log(np.clip(predictions, epsilon, 1)) @ shares)


def weights(parts: Sequence[Part], *, seed: int) -> list[int]:
    """Return the weight of every model in the average, 0 for those that are left out.

    Parameters
    ----------
    parts
        Of the same models. The mean of their losses counts.
    seed
        Seed of the bootstrap samples.
    """
    draw = np.random.default_rng(seed)
    models = len(parts[0].predictions)
    shares = np.zeros(models)
    for _ in range(DRAWS):
        picked = _picked([part.drawn(draw) for part in parts])
        shares += np.bincount(picked, minlength=models) / len(picked)
    return [int(weight) for weight in np.rint(SHARES * shares / DRAWS)]


def _picked(parts: Sequence[Part]) -> list[int]:
    """Return the models whose average is best, one as often as it counts."""
    picked: list[int] = []
    totals = [np.zeros(len(part.weight)) for part in parts]
    best = np.inf
    for count in range(1, ROUNDS + 1):
        averages = [(total + part.predictions) / count for part, total in zip(parts, totals, strict=True)]
        losses = _mean_losses(parts, averages)
        model = int(np.argmin(losses))
        if picked and not losses[model] < best:
            break
        best = losses[model]
        picked.append(model)
        totals = [total + part.predictions[model] for part, total in zip(parts, totals, strict=True)]
    return picked


def _mean_losses(parts: Sequence[Part], predictions: Sequence[Values]) -> Values:
    losses = [part.losses(values) for part, values in zip(parts, predictions, strict=True)]
    return np.asarray(np.mean(losses, axis=0))
