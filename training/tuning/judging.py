"""What a candidate is worth: on the validation rows and, of small tables, out of fold on the training rows.

A few dozen validation rows say little. Where training is quick, every training row is therefore also scored
by a model that has not seen it, and the mean of the two values counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.prepared_rows import Rows
from training.estimators.base import EnoughIterations, Estimator, Fitted, Setting
from training.estimators.blend import averaged
from training.tuning.objectives import OBJECTIVES

FOLDS = 3
MOST_ROWS = 5_000
"""Training rows, times trees an iteration, up to which candidates are also judged out of fold."""
ROWS_TRIED = 500
"""Training rows by which the time of a fit on many more is guessed."""

Values = NDArray[np.float64]
Report = Callable[[int, float], None]


@dataclass(frozen=True)
class Judged:
    """A fitted model, its value, and the predictions that the value is of.

    ``predictions`` holds those of every part of the data that counts: shape ``(rows,)``, or for
    ``multiclass`` the probabilities, shape ``(rows, classes)``.
    """

    model: Fitted
    value: float
    predictions: Mapping[str, Values]


@dataclass(frozen=True)
class Judge:
    """Fits candidates and measures them.

    Parameters
    ----------
    rows
        What is fitted and scored; with a label.
    metric
        One of `training.tuning.objectives.OBJECTIVES` of the task.
    most_rows
        Training rows, times trees an iteration, up to which candidates are also judged out of fold.
    """

    rows: Rows
    metric: str
    most_rows: float = MOST_ROWS

    @property
    def can_judge(self) -> bool:
        """Whether there are validation rows, or few enough training rows."""
        return "validation" in self.rows.data.parts or bool(self._folds)

    def fit(
        self,
        estimator: Estimator,
        params: Mapping[str, Setting],
        report: Report | None = None,
        *,
        seconds: float = np.inf,
    ) -> Judged | None:
        """Return a model fitted on all training rows, and judged.

        Without validation rows, the folds tell after how many iterations to stop. What learns by iterations
        ends them when the seconds are over; of other models None comes back if the folds would take too long.
        """
        ends_at = perf_counter() + seconds
        request = self.rows.request(params)
        predictions: dict[str, Values] = {}
        model = None
        if request.validation is not None:
            # Fitting on all folds takes FOLDS - 1 times as long as on all rows.
            share = seconds / FOLDS if self._folds else seconds
            model = estimator.fit(replace(request, report=_until(perf_counter() + share, report)))
            predictions["validation"] = averaged(model, request.validation.features, request.task)
            left = ends_at - perf_counter()
            if self._folds and estimator.rounds is None and FOLDS * (seconds - left) > left:
                return None
        if self._folds:
            predictions["train"], rounds = self._out_of_fold(estimator, params, ends_at)
            if request.validation is None and estimator.rounds is not None and rounds:
                request = replace(request, params={estimator.rounds: rounds, **params})
        return Judged(model or estimator.fit(request), self.value(predictions), predictions)

    def value(self, predictions: Mapping[str, Values]) -> float:
        """Return the mean of the values on all parts."""
        measure = OBJECTIVES[self.rows.data.spec.task][self.metric]
        values = []
        for part, predicted in predictions.items():
            label, weight = self.observed(part)
            several = predicted.ndim > 1
            prediction = np.argmax(predicted, axis=1) if several else predicted
            values.append(measure(label, prediction, predicted if several else None, weight))
        return float(np.mean(values))

    def observed(self, part: str) -> tuple[Values, Values | None]:
        """Return label and weight of the rows of a part."""
        data = self.rows.data
        if data.label is None:
            raise TypeError("only models with a label are judged")
        rows = data.parts[part].slice
        return data.label[rows], None if data.weight is None else data.weight[rows]

    def seconds(self, estimator: Estimator, params: Mapping[str, Setting]) -> float:
        """Return how long a fit with its folds will take, guessed from some rows; 0 if there are few."""
        request = self.rows.request(params)
        train = request.train
        step = len(train) // ROWS_TRIED
        if step < FOLDS or train.label is None:
            return 0.0
        started = perf_counter()
        taken = np.zeros(len(train), dtype=np.bool_)
        taken[::step] = True
        if self.rows.data.classes:
            taken[np.unique(train.label, return_index=True)[1]] = True
        estimator.fit(replace(request, train=train.taken(np.flatnonzero(taken))))
        seconds = (perf_counter() - started) * len(taken) / int(taken.sum())
        return FOLDS * seconds if self._folds else seconds

    @cached_property
    def _folds(self) -> tuple[NDArray[np.bool_], ...]:
        return folds(self.rows.data, self.most_rows)

    def _out_of_fold(
        self, estimator: Estimator, params: Mapping[str, Setting], ends_at: float
    ) -> tuple[Values, int]:
        """Return the predictions for held out rows, and the mean of the best iterations."""
        whole = self.rows.request(params)
        predictions: Values | None = None
        best = []
        for number, held in enumerate(self._folds):
            share = (ends_at - perf_counter()) / (FOLDS - number)
            losses: dict[int, float] = {}
            examples = whole.train.taken(np.flatnonzero(held))
            model = estimator.fit(
                replace(
                    whole,
                    train=whole.train.taken(np.flatnonzero(~held)),
                    validation=examples,
                    report=_until(perf_counter() + share, losses.__setitem__),
                )
            )
            values = averaged(model, examples.features, whole.task)
            if predictions is None:
                predictions = np.empty((len(held), *values.shape[1:]))
            predictions[held] = values
            if losses:
                best.append(min(losses, key=losses.__getitem__) + 1)
        if predictions is None:
            raise TypeError("only what has folds is judged out of fold")
        return predictions, round(np.mean(best)) if best else 0


def folds(data: Dataset, most_rows: float) -> tuple[NDArray[np.bool_], ...]:
    """Return the training rows that each fold holds out, of shape ``(rows,)``.

    None of large tables, and none where a class would be missing from the others.

    Parameters
    ----------
    most_rows
        See `Judge`.
    """
    train = data.parts["train"]
    if data.label is None or train.rows * max(len(data.classes) - 1, 1) > most_rows:
        return ()
    label = data.label[train.slice]
    order = np.arange(train.rows)
    if data.spec.split.method == "sequential":
        fold = order * FOLDS // train.rows  # neighbours in time stay together
    else:
        fold = np.empty(train.rows, dtype=np.int64)
        fold[np.argsort(label, kind="stable")] = order % FOLDS
    held_out = tuple(fold == number for number in range(FOLDS))
    is_whole = all(len(np.unique(label[~held])) == len(data.classes) for held in held_out)
    return held_out if is_whole or not data.classes else ()


def _until(ends_at: float, report: Report | None) -> Report | None:
    """Return the report, which also ends iterations at a time of `time.perf_counter`."""
    if ends_at == np.inf:
        return report

    def check(iteration: int, loss: float) -> None:
        if report is not None:
            report(iteration, loss)
        if perf_counter() >= ends_at:
            raise EnoughIterations

    return check
