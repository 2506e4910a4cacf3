"""The weighted average of several fitted models, which estimator ``auto`` may end with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.signature import Signature
from training.estimators.base import Estimator, Fitted
from training.estimators.forests import MOST_EDGES
from training.export.blend import averaged as averaged_onnx

Values = NDArray[np.float64]

BLEND = "blend"
ROUNDING = 1e-15
"""What averaging may add to the relative difference of the members."""


@dataclass(frozen=True)
class Member:
    """A fitted model, its estimator, and how often its predictions count."""

    estimator: Estimator
    model: Fitted
    weight: int


@dataclass(frozen=True)
class Blend:
    """The average of the members' values, or of their probabilities.

    Parameters
    ----------
    members
        In the order in which they are added up; with a weight of 1 or more.
    signature
        The features and classes.
    task
        Binary, multiclass or regression.
    """

    members: tuple[Member, ...]
    signature: Signature
    task: str
    native_model: None = None
    threshold: None = None
    _latest: list[tuple[Values, Values]] = field(default_factory=list, repr=False, compare=False)

    @property
    def params(self) -> dict[str, Any]:
        """The members with weights and settings."""
        return {
            "members": [
                {
                    "estimator": member.estimator.name,
                    "weight": member.weight,
                    "params": dict(member.model.params),
                }
                for member in self.members
            ]
        }

    @property
    def relative_difference(self) -> float:
        """The largest relative difference allowed between the scores of library, artifact and SQL."""
        return max(member.estimator.relative_difference for member in self.members) + ROUNDING

    def to_onnx(self) -> bytes:
        """Return the artifact."""
        return averaged_onnx(
            [(member.model.to_onnx(), member.weight) for member in self.members],
            task=self.task,
            features=len(self.signature.features),
            classes=len(self.signature.classes),
        )

    def sql_form(self, signature: Signature) -> None:
        """Return the model in SQL: there is no such form."""

    def raw_score(self, matrix: Values) -> Values:
        """Return the averages: the values, or the probabilities of the positive or of every class."""
        if not self._latest or self._latest[0][0] is not matrix:
            # All members are slow, and are asked for raw scores, predictions and probabilities in turn.
            predictions = [averaged(member.model, matrix, self.task) for member in self.members]
            self._latest[:] = [(matrix, average(predictions, [member.weight for member in self.members]))]
        return self._latest[0][1]

    def predict(self, matrix: Values) -> Values:
        """Return the probability of the positive class, the value, or the code of the likeliest class."""
        scores = self.raw_score(matrix)
        return np.asarray(np.argmax(scores, axis=1), np.float64) if self.task == "multiclass" else scores

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the probability of each class."""
        if self.task == "regression":
            return None
        scores = self.raw_score(matrix)
        return scores if self.task == "multiclass" else np.column_stack([1 - scores, scores])

    def edges(self) -> Mapping[int, Values]:
        """Return edges of all members, `MOST_EDGES` of all features together at most."""
        most = max(MOST_EDGES // len(self.signature.features), 1)
        edges: dict[int, list[Values]] = {}
        for member in self.members:
            for position, values in member.model.edges().items():
                edges.setdefault(position, []).append(values)
        return {
            position: _thinned(np.unique(np.concatenate(values)), most) for position, values in edges.items()
        }

    def importance(self) -> list[tuple[int, float, int]]:
        """Return the average of each member's shares, and the splits of all members."""
        gains, splits = np.zeros(len(self.signature.features)), np.zeros(len(self.signature.features), int)
        for member in self.members:
            positions, gain, split = (
                np.array(column) for column in zip(*member.model.importance(), strict=True)
            )
            gains[positions] += member.weight * gain / (gain.sum() or 1.0)
            splits[positions] += split
        gains /= sum(member.weight for member in self.members)
        return [
            (n, float(gain), int(split)) for n, (gain, split) in enumerate(zip(gains, splits, strict=True))
        ]


def _thinned(values: Values, most: int) -> Values:
    return values[np.unique(np.linspace(0, len(values) - 1, min(len(values), most)).astype(np.int64))]


def average(predictions: Sequence[Values], weights: Sequence[int]) -> Values:
    """Return the weighted average, added from first to last as `training.export.blend` does."""
    total = predictions[0] * float(weights[0])
    for prediction, weight in zip(predictions[1:], weights[1:], strict=True):
        total = total + prediction * float(weight)
    return np.asarray(total / float(sum(weights)))


def averaged(model: Fitted, matrix: Values, task: str) -> Values:
    """Return what is averaged: predictions, or of several classes the probabilities."""
    probabilities = model.probabilities(matrix) if task == "multiclass" else None
    return model.predict(matrix) if probabilities is None else probabilities
