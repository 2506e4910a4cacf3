"""The rows of a dataset in the forms that fitting and evaluating take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.signature import Signature
from training.data.dataset import DATASET, LABEL, WEIGHT, Dataset
from training.estimators.base import Examples, FitRequest, Fitted, Setting

DIRECTIONS = {"increasing": 1, "decreasing": -1}


@dataclass(frozen=True)
class Rows:
    """A dataset with its matrix.

    Parameters
    ----------
    data
        The rows.
    signature
        The features and classes.
    matrix
        Shape ``(rows, features)``.
    """

    data: Dataset
    signature: Signature
    matrix: NDArray[np.float64]

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
        return Examples(self.matrix[rows], label, None if weight is None else weight[rows])

    def predicted(self, model: Fitted, part: str) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return a model's predictions for the rows of a part, and of several classes the probabilities."""
        matrix = self.matrix[self.data.parts[part].slice]
        is_multiclass = self.data.spec.task == "multiclass"
        return model.predict(matrix), model.probabilities(matrix) if is_multiclass else None

    def table(self) -> pa.Table:
        """Return features and slice columns with their own types, and label, part and weight of every row."""
        data = self.data
        extra = [column for column in data.spec.slices if column not in data.types]
        table = data.table.select([*data.types, *dict.fromkeys(extra)])
        if data.label is not None:
            label: pa.Array = pa.array(data.label)
            if data.spec.task == "multiclass":
                label = pa.array(data.classes, pa.string()).take(pa.array(data.label.astype(np.int64)))
            table = table.append_column(LABEL, label)
        counts = [part.rows for part in data.parts.values()]
        names = np.repeat(np.array(list(data.parts), dtype=object), counts)
        weight = np.ones(len(data.table)) if data.weight is None else data.weight
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
