"""What a candidate is worth: on the validation rows and, of small tables, out of fold on the training rows.

A few dozen validation rows say little. Where training is quick, every training row is therefore also scored
by a model that has not seen it, and the mean of the two values counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.data.prepared_rows import Rows
from training.estimators.base import Estimator, Examples, Fitted, Setting
from training.tuning.objectives import OBJECTIVES

FOLDS = 3
MOST_ROWS = 5_000
"""Training rows, times trees an iteration, up to which candidates are also judged out of fold."""

Values = NDArray[np.float64]
Report = Callable[[int, float], None]


@dataclass(frozen=True)
class Judge:
    """Fits candidates and measures them.

    Parameters
    ----------
    rows
        What is fitted and scored; with a label.
    metric
        One of `training.tuning.objectives.OBJECTIVES` of the task.
    """

    rows: Rows
    metric: str

    @property
    def can_judge(self) -> bool:
        """Whether there are validation rows, or few enough training rows."""
        return "validation" in self.rows.data.parts or bool(self._folds)

    def fit(
        self, estimator: Estimator, params: Mapping[str, Setting], report: Report | None = None
    ) -> tuple[Fitted, float]:
        """Return a model fitted on all training rows, and its value.

        Without validation rows, the folds tell after how many iterations to stop.
        """
        request = self.rows.request(params, report=report)
        if request.validation is not None:
            model = estimator.fit(request)
            value = self._value(*self.rows.predicted(model, "validation"), self._part("validation"))
            return model, value if not self._folds else (value + self._out_of_fold(estimator, params)[0]) / 2
        value, rounds = self._out_of_fold(estimator, params)
        if estimator.rounds is not None and rounds:
            request = replace(request, params={estimator.rounds: rounds, **params})
        return estimator.fit(request), value

    @cached_property
    def _folds(self) -> tuple[NDArray[np.bool_], ...]:
        """The rows that each fold holds out; none of large tables, or if a class would be missing."""
        data = self.rows.data
        train = data.parts["train"]
        if data.label is None or train.rows * max(len(data.classes) - 1, 1) > MOST_ROWS:
            return ()
        label = data.label[train.slice]
        order = np.arange(train.rows)
        if data.spec.split.method == "sequential":
            fold = order * FOLDS // train.rows  # neighbours in time stay together
        else:
            fold = np.empty(train.rows, dtype=np.int64)
            fold[np.argsort(label, kind="stable")] = order % FOLDS
        folds = tuple(fold == number for number in range(FOLDS))
        is_whole = all(len(np.unique(label[~held])) == len(data.classes) for held in folds)
        return folds if is_whole or not data.classes else ()

    def _out_of_fold(self, estimator: Estimator, params: Mapping[str, Setting]) -> tuple[float, int]:
        """Return the value of the predictions for held out rows, and the mean of the best iterations."""
        whole = self.rows.request(params)
        count, classes = len(whole.train.features), len(self.rows.data.classes)
        is_multiclass = whole.task == "multiclass"
        predicted = np.empty(count)
        probabilities = np.empty((count, classes)) if is_multiclass else None
        best = []
        for held in self._folds:
            losses: dict[int, float] = {}
            examples = _taken(whole.train, held)
            model = estimator.fit(
                replace(
                    whole,
                    train=_taken(whole.train, ~held),
                    validation=examples,
                    report=losses.__setitem__,
                )
            )
            predicted[held] = model.predict(examples.features)
            if probabilities is not None:
                probabilities[held] = model.probabilities(examples.features)
            if losses:
                best.append(min(losses, key=losses.__getitem__) + 1)
        return self._value(predicted, probabilities, self._part("train")), round(np.mean(best)) if best else 0

    def _part(self, name: str) -> slice:
        return self.rows.data.parts[name].slice

    def _value(self, predicted: Values, probabilities: Values | None, rows: slice) -> float:
        data = self.rows.data
        if data.label is None:
            raise TypeError("only models with a label are judged")
        weight = None if data.weight is None else data.weight[rows]
        return OBJECTIVES[data.spec.task][self.metric](data.label[rows], predicted, probabilities, weight)


def _taken(examples: Examples, rows: NDArray[np.bool_]) -> Examples:
    return Examples(
        examples.features[rows],
        None if examples.label is None else examples.label[rows],
        None if examples.weight is None else examples.weight[rows],
    )
