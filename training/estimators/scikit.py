"""What the models of scikit-learn have in common: their rows are prepared first, in the artifact too."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from scoring.artifact import INPUT_NAME
from scoring.signature import Signature
from training.errors import EstimatorError, FitWarning
from training.estimators.base import FitRequest, Setting
from training.export.classes import Part
from training.export.graph import artifact
from training.export.preprocessing import ROWS_AT_ONCE, Preprocessing
from training.export.preprocessing_instants import EDGES
from training.export.sql_form import SqlForm
from training.export.steps import Steps, without_names
from training.turns import WHOLE_PROCESS

Values = NDArray[np.float64]


@dataclass(frozen=True)
class ScikitModel(ABC):
    """A fitted model of scikit-learn behind its preprocessing.

    Parameters
    ----------
    model
        The model of scikit-learn, fitted on prepared rows.
    preprocessing
        Turns rows into prepared rows.
    task
        What it predicts.
    params
        Every setting that was used.
    positive
        For two classes, the position among the model's of the one that counts as positive.
    """

    model: Any
    preprocessing: Preprocessing | Steps
    task: str
    params: Mapping[str, Setting]
    positive: int = field(default=1, kw_only=True)

    @property
    def native_model(self) -> None:
        """Nothing: scikit-learn has no text form."""
        return None

    @property
    def threshold(self) -> float | None:
        """The anomaly score above which a row is an anomaly; None for other tasks."""
        return None

    def to_onnx(self) -> bytes:
        """Return the artifact."""
        parts = [self.preprocessing.part(INPUT_NAME, "prepared"), *self.parts("prepared")]
        width = self.width
        outputs = {"raw_score": width, "prediction": None}
        return artifact(
            [node for nodes, _ in parts for node in nodes],
            [value for _, values in parts for value in values],
            features=self.preprocessing.instants.features,
            outputs=outputs | ({"probabilities": width} if self.task == "multiclass" else {}),
        )

    def sql_form(self, signature: Signature) -> SqlForm | None:
        """Return the model in SQL: nothing, unless a kind of model has such a form."""
        return None

    def prepared(self, matrix: Values) -> Values:
        """Return the rows as the model takes them."""
        return self.preprocessing.prepared(matrix)

    def answer(self, method: Callable[[Values], Any], matrix: Values) -> Values:
        """Return what a method of the model gives for all rows, which are prepared batch by batch."""
        starts = range(0, max(len(matrix), 1), ROWS_AT_ONCE)
        # It adds up all numbers to see whether any is not finite, and looks closer if the sum is not.
        with np.errstate(invalid="ignore", over="ignore"), without_names():
            parts = [method(self.prepared(matrix[start : start + ROWS_AT_ONCE])) for start in starts]
        return np.concatenate(parts).astype(np.float64, copy=False)

    def predict(self, matrix: Values) -> Values:
        """Return the probability of the positive class, the value, or the code of the likeliest class."""
        if self.task == "binary":
            return self.answer(self.model.predict_proba, matrix)[:, self.positive]
        if self.task == "multiclass":
            return self.answer(self._codes, matrix)
        # A model that was fitted on a column of labels gives a column.
        return self.answer(self.model.predict, matrix).reshape(len(matrix))

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the probability of each class."""
        if self.task not in ("binary", "multiclass"):
            return None
        values = self.answer(self.model.predict_proba, matrix)
        return values[:, ::-1] if self.positive == 0 else values

    def edges(self) -> Mapping[int, Values]:
        """Return the ends of hours, days and months for every instant."""
        return dict.fromkeys(self.preprocessing.instants.positions, EDGES)

    def importance(self) -> list[tuple[int, float, int]]:
        """Return the weight of every feature, its columns added up."""
        weights, splits = self.column_importance()
        sources, features = self.preprocessing.sources, self.preprocessing.instants.features
        gain, count = (np.bincount(sources, values, minlength=features) for values in (weights, splits))
        return [(n, float(gain[n]), int(count[n])) for n in range(features)]

    @property
    def sign(self) -> float:
        """What the score of the model's second class is multiplied by to be that of the positive one."""
        return 1.0 if self.positive else -1.0

    @property
    def width(self) -> int | None:
        """The number of columns of the raw score; None if it is a vector."""
        return len(self.model.classes_) if self.task == "multiclass" else None

    def _codes(self, prepared: Values) -> NDArray[np.int64]:
        codes: NDArray[np.int64] = np.searchsorted(self.model.classes_, self.model.predict(prepared))
        return codes

    @abstractmethod
    def raw_score(self, matrix: Values) -> Values:
        """Return the scores before they become a prediction."""

    @abstractmethod
    def parts(self, prepared: str) -> list[Part]:
        """Return what leads from prepared rows to the outputs in the artifact."""

    @abstractmethod
    def column_importance(self) -> tuple[Values, Values]:
        """Return weight and number of splits of every prepared column."""


def fit_scikit(
    model: Any,
    prepared: Values,
    request: FitRequest,
    *,
    estimator: str,
    label: Values | None = None,
    may_stop_early: bool = False,
) -> None:
    """Fit a model of scikit-learn on prepared training rows.

    Parameters
    ----------
    model
        The model.
    prepared
        Shape ``(rows, columns)``.
    request
        Gives labels, unless there are others, and weights.
    estimator
        Its name, for messages.
    label
        Labels that replace those of the request.
    may_stop_early
        Whether it is usual to stop before the best weights are found.

    Warns
    -----
    training.errors.FitWarning
        If the model stops before it has found the best weights.

    Raises
    ------
    training.errors.EstimatorError
        If a class has no training row.
    """
    train = request.train
    target = train.label if label is None else label
    if request.task in ("binary", "multiclass"):
        codes = set(np.unique(np.asarray(target)).tolist())
        absent = [name for code, name in enumerate(request.signature.classes) if code not in codes]
        if absent:
            raise EstimatorError.class_without_rows(estimator, absent)
    labels = () if target is None else (target,)
    # Threads would add their sums in the order in which they finish, and no two fits would be the same.
    with (
        WHOLE_PROCESS,
        threadpool_limits(limits=1),
        np.errstate(invalid="ignore", over="ignore"),  # see `ScikitModel.answer`
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        model.fit(prepared, *labels, sample_weight=train.weight)
    for warning in caught:
        if not issubclass(warning.category, ConvergenceWarning):
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        elif not may_stop_early:
            reason = str(warning.message).splitlines()[0].rstrip(".")
            warnings.warn(FitWarning.unfinished(estimator, reason), stacklevel=2)
