"""The rows of a dataset in the forms that fitting and evaluating take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.signature import Signature
from training.data.arrow_rows import taken
from training.data.dataset import DATASET, LABEL, WEIGHT, Dataset
from training.estimators.base import Examples, FitRequest, Fitted, Setting

TRAIN_ROWS = 25_000
"""Metrics on the training rows only show overfitting, so that an even sample of this many is enough."""

DIRECTIONS = {"increasing": 1, "decreasing": -1}


@dataclass(frozen=True)
class Rows:
    """A dataset with its features as the artifact takes them.

    Parameters
    ----------
    data
        The rows.
    signature
        The features and classes.
    features
        As `training.estimators.base.Examples` has them.
    """

    data: Dataset
    signature: Signature
    features: NDArray[np.float64] | pa.Table

    def as_matrix(self) -> Rows:
        """Return the same with a matrix, for what reads the rows again and again."""
        return replace(self, features=Examples(self.features).features)

    def matrix_at(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the features of the rows at some positions, which ascend, shape ``(rows, features)``."""
        return Examples(self.features).taken(positions).features

    def request(
        self, params: Mapping[str, Setting], *, report: Callable[[int, float], None] | None = None
    ) -> FitRequest:
        """Return what an estimator is asked to fit."""
        spec = self.data.spec
        positions = {feature.name: position for position, feature in enumerate(self.signature.features)}
        weight = self._fit_weight()
        return FitRequest(
            train=self.examples("train", weight),
            validation=self.examples("validation", weight) if "validation" in self.data.parts else None,
            task=spec.task,
            params=params,
            seed=spec.seed,
            signature=self.signature,
            monotone={
                positions[name]: DIRECTIONS[way] for name, way in spec.monotone.items() if name in positions
            },
            report=report,
        )

    def examples(self, part: str, weight: NDArray[np.float64] | None) -> Examples:
        """Return the rows of a part; an anomaly model does not see the label."""
        rows = self.data.parts[part].slice
        label = None if self.data.label is None or self.data.spec.task == "anomaly" else self.data.label[rows]
        return Examples(self.features[rows], label, None if weight is None else weight[rows])

    def predicted(self, model: Fitted, part: str) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return a model's predictions for the rows of a part, and of several classes the probabilities."""
        matrix = self.examples(part, None).features
        is_multiclass = self.data.spec.task == "multiclass"
        return model.predict(matrix), model.probabilities(matrix) if is_multiclass else None

    @cached_property
    def measured(self) -> NDArray[np.int64]:
        """The positions of the rows that a version is measured on: of the training rows a sample, all others."""
        train = self.data.parts["train"]
        sample = np.linspace(train.start, train.stop - 1, min(train.rows, TRAIN_ROWS)).astype(np.int64)
        return np.concatenate([sample, np.arange(train.stop, len(self.data.table))])

    def measured_table(self) -> pa.Table:
        """Return features and slice columns with their own types, and label, part and weight of `measured`."""
        data, rows = self.data, self.measured
        extra = [column for column in data.spec.slices if column not in data.types]
        table = taken(data.table.select([*data.types, *dict.fromkeys(extra)]), rows)
        if data.label is not None:
            label: pa.Array = pa.array(data.label[rows])
            if data.spec.task == "multiclass":
                label = pa.array(data.classes, pa.string()).take(pa.array(data.label[rows].astype(np.int64)))
            table = table.append_column(LABEL, label)
        names = np.empty(len(rows), dtype=object)
        for part in data.parts.values():
            names[slice(*np.searchsorted(rows, [part.start, part.stop]))] = part.name
        weight = np.ones(len(rows)) if data.weight is None else data.weight[rows]
        return table.append_column(DATASET, pa.array(names, pa.string())).append_column(
            WEIGHT, pa.array(weight, pa.float64())
        )

    def class_weights(self) -> NDArray[np.float64] | None:
        """Return the weight of each class, so that all weigh the same on the training rows; None if not asked for."""
        data = self.data
        if data.spec.class_weight is None or data.label is None:
            return None
        if data.whole is None:
            codes = data.label[data.parts["train"].slice].astype(np.int64)
            counts = np.bincount(codes, minlength=len(data.classes))
        else:
            counts = np.array(data.whole.class_counts(data.spec, data.label_type, data.classes))
        return np.asarray(counts.sum() / (len(counts) * counts))

    def _fit_weight(self) -> NDArray[np.float64] | None:
        """Return the weight of every row."""
        weights, label = self.class_weights(), self.data.label
        if weights is None or label is None:
            return self.data.weight
        return np.asarray(weights[label.astype(np.int64)])
