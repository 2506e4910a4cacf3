"""Isolation forests by scikit-learn: rows that few random splits set apart are strange."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from sklearn.ensemble import IsolationForest

from training.estimators.base import Estimator, FitRequest, Limits, Range
from training.estimators.forests import number_edges, splits_per_column
from training.estimators.scikit import ScikitModel, fit_scikit
from training.export.classes import Part, vector
from training.export.forest import tree_arrays
from training.export.graph import constant
from training.export.preprocessing import Preprocessing
from training.export.row_order import summed

Values = NDArray[np.float64]


@dataclass(frozen=True)
class IsolationModel(ScikitModel):
    """A fitted isolation forest.

    The anomaly score is ``2 ** -(sum of depths / (trees * usual depth))``, from 0 to 1; see
    https://doi.org/10.1109/ICDM.2008.17. The raw score is the sum of depths.
    """

    @property
    def threshold(self) -> float:
        """The score above which a row is an anomaly."""
        return float(-self.model.offset_)

    def raw_score(self, matrix: Values) -> Values:
        """Return the sum over all trees of the depth at which each row is alone."""
        prepared = self.prepared(matrix).astype(np.float32)
        depths = np.zeros(len(matrix))
        for estimator, values in zip(self.model.estimators_, self._depths(), strict=True):
            depths += values[estimator.tree_.apply(prepared)]
        return depths

    def predict(self, matrix: Values) -> Values:
        """Return the anomaly score, higher for stranger rows."""
        return -self.answer(self.model.score_samples, matrix)

    def parts(self, prepared: str) -> list[Part]:
        """Return what leads from prepared rows to the outputs in the artifact."""
        trees = [
            tree_arrays(estimator.tree_, values, 0)
            for estimator, values in zip(self.model.estimators_, self._depths(), strict=True)
        ]
        usual = len(trees) * _usual_depth(np.array([self.model._max_samples]))[0]
        score = (
            [
                helper.make_node("Div", ["raw_score", "usual_depth"], ["share"]),
                helper.make_node("Neg", ["share"], ["exponent"]),
                helper.make_node("Pow", ["two", "exponent"], ["prediction"]),
            ],
            [constant("usual_depth", np.array(usual)), constant("two", np.array(2.0))],
        )
        sums = summed(trees, prepared, "sums", targets=1)
        return [sums, vector("sums", "raw_score"), score]

    def edges(self) -> Mapping[int, Values]:
        """Return the thresholds on every number, besides the ends of hours, days and months."""
        return {**number_edges(self.preprocessing, self.model), **super().edges()}

    def column_importance(self) -> tuple[Values, Values]:
        """Return the number of splits of every prepared column, which is its weight too."""
        splits = splits_per_column(self.preprocessing, self.model)
        return splits, splits

    def _depths(self) -> list[Values]:
        """Return the depth that each node of each tree stands for, as scikit-learn counts it.

        A leaf of several rows counts the splits that would set them apart on average.
        """
        return [
            _levels(estimator.tree_.children_left, estimator.tree_.children_right)
            + _usual_depth(estimator.tree_.n_node_samples)
            - 1.0
            for estimator in self.model.estimators_
        ]


def _levels(left: NDArray[np.int64], right: NDArray[np.int64]) -> Values:
    """Return the number of nodes on the way to each node, itself included; children follow their parents."""
    levels = np.ones(len(left))
    for node, (first, second) in enumerate(zip(left, right, strict=True)):
        if first >= 0:
            levels[[first, second]] = levels[node] + 1
    return levels


def _usual_depth(rows: NDArray[np.int64]) -> Values:
    """Return the mean depth in a search tree of n rows: ``2 * (ln(n - 1) + gamma) - 2 * (n - 1) / n``."""
    n = np.asarray(rows, dtype=np.float64)
    many = np.maximum(n, 3.0)
    depth = 2.0 * (np.log(many - 1.0) + np.euler_gamma) - 2.0 * (many - 1.0) / many
    return np.where(n <= 1, 0.0, np.where(n == 2, 1.0, depth))


def fit(request: FitRequest) -> IsolationModel:
    """Return a fitted forest. ``contamination`` is the share of training rows that are anomalies.

    Without it the threshold is a score of 0.5, as its inventors propose.
    """
    params = {**ESTIMATOR.defaults, **request.params}
    model = IsolationForest(**params, random_state=request.seed)
    preprocessing = Preprocessing.fit(request.train.features, request.signature, "single")
    fit_scikit(model, preprocessing.prepared(request.train.features), request, estimator=ESTIMATOR.name)
    return IsolationModel(model, preprocessing, request.task, params)


ESTIMATOR = Estimator(
    name="isolation_forest",
    tasks=frozenset({"anomaly"}),
    params={
        "n_estimators": Limits(1, 10_000, whole=True),
        "max_samples": Limits(2, 1_000_000, whole=True),
        "contamination": Limits(1e-6, 0.5),
    },
    defaults={"n_estimators": 100},
    search_space={"n_estimators": Range(50, 500, whole=True)},
    relative_difference=1e-14,
    fit=fit,
)
