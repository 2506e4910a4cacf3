"""A version that is ready to score rows: what each SQL function answers for its task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring import explainers
from scoring.artifact import Artifact
from scoring.errors import TaskError
from scoring.explainers import Explainer
from scoring.signature import Signature

ANOMALY_CLASSES = ("normal", "anomaly")


@dataclass(frozen=True)
class Scorer:
    """A version that is ready to score rows.

    Its methods take an Arrow struct array of ``n`` rows and return an array of ``n`` values.

    Parameters
    ----------
    name, task, signature
        As the version row gives them.
    artifact
        What computes the scores.
    explainer
        Returns what explains them; only called if a score is to be explained.
    """

    name: str
    task: str
    signature: Signature
    artifact: Artifact
    explainer: Callable[[], Explainer]

    def predict(self, rows: pa.StructArray) -> pa.Array:
        """Return the probability of the positive class, the value, the cluster or the anomaly score.

        Raises
        ------
        scoring.errors.TaskError
            If the task is multiclass.
        """
        if self.task == "multiclass":
            raise TaskError.no_number(self.name)
        return pa.array(self._run(rows, "prediction"))

    def predict_class(self, rows: pa.StructArray) -> pa.Array:
        """Return the class as text.

        Binary: the positive class where its probability is above 0.5. Anomaly: ``anomaly`` where the score is
        above the threshold, else ``normal``. Clustering: the number of the cluster. Null where the artifact
        gives NaN.

        Raises
        ------
        scoring.errors.TaskError
            If the task has no classes.
        """
        if self.task not in ("binary", "multiclass", "clustering", "anomaly"):
            raise TaskError.no_class(self.name, self.task)
        prediction = self._run(rows, "prediction")
        limit = {"binary": 0.5, "anomaly": self.signature.threshold}.get(self.task)
        codes = prediction if limit is None else (prediction > limit).astype(np.float64)
        classes = ANOMALY_CLASSES if self.task == "anomaly" else self.signature.classes
        unknown = np.isnan(prediction)
        positions = pa.array(np.where(unknown, 0, codes).astype(np.int64), mask=unknown)
        return pa.array(classes, pa.string()).take(positions)

    def predict_proba(self, rows: pa.StructArray) -> pa.Array:
        """Return a map from each class, in the order of the signature, to its probability.

        Raises
        ------
        scoring.errors.TaskError
            If the task is neither binary nor multiclass.
        """
        if self.task not in ("binary", "multiclass"):
            raise TaskError.no_probabilities(self.name, self.task)
        if self.task == "multiclass":
            probabilities = self._run(rows, "probabilities")
        else:
            positive = self._run(rows, "prediction")
            probabilities = np.column_stack([1 - positive, positive])
        width = len(self.signature.classes)
        offsets = np.arange(len(rows) + 1, dtype=np.int32) * width
        names = pa.array(self.signature.classes, pa.string()).take(
            pa.array(np.tile(np.arange(width), len(rows)))
        )
        return pa.MapArray.from_arrays(offsets, names, probabilities.ravel())

    def explain(self, rows: pa.StructArray, largest: pa.Array | None = None) -> pa.Array:
        """Return a map from each feature to what it adds to the raw score; of several, the predicted class's.

        Parameters
        ----------
        rows
            The rows.
        largest
            How many features to name in each, as `scoring.explainers.as_maps` takes it.

        Raises
        ------
        scoring.errors.ExplanationError
            If the scores of the version's estimator cannot be explained.
        """
        explain = self.explainer()
        matrix = self._matrix(rows)
        contributions = explain(matrix)
        score = np.zeros(len(rows), dtype=np.int64)
        if contributions.shape[1] > 1:
            score = self.artifact.run(matrix, "prediction").astype(np.int64)
        names = tuple(feature.name for feature in self.signature.features)
        return explainers.as_maps(contributions[np.arange(len(rows)), score], names, largest)

    def _run(self, rows: pa.StructArray, output: str) -> NDArray[np.float64]:
        return self.artifact.run(self._matrix(rows), output)

    def _matrix(self, rows: pa.StructArray) -> NDArray[np.float64]:
        return self.signature.matrix(pa.RecordBatch.from_struct_array(rows), model=self.name)
