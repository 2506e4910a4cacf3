"""Forests by scikit-learn: what random forests and extra trees share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import helper

from training.estimators.base import Estimator, FitRequest, Limits, Range, Setting
from training.estimators.scikit import ScikitModel, fit_scikit
from training.export.classes import Part, position, vector
from training.export.forest import class_sums, thresholds, tree_arrays
from training.export.graph import constant
from training.export.preprocessing import Preprocessing
from training.export.row_order import summed
from training.export.steps import Steps

Values = NDArray[np.float64]

TASKS = frozenset({"binary", "multiclass", "regression"})
MOST_EDGES = 2_000
"""Thresholds that are compared, of all numbers together; a forest has too many for all of them."""

_MANY = 1_000_000
PARAMS: Mapping[str, Limits] = {
    "n_estimators": Limits(1, 10_000, whole=True),
    "max_depth": Limits(1, _MANY, whole=True),
    "max_leaf_nodes": Limits(2, _MANY, whole=True),
    "max_features": Limits(0.001, 1),
    "min_samples_leaf": Limits(1, _MANY, whole=True),
    "min_samples_split": Limits(2, _MANY, whole=True),
    "min_impurity_decrease": Limits(0, _MANY),
}
DEFAULTS: Mapping[str, Setting] = {"n_estimators": 100}
MOST_LEAVES = 10_000
"""Of a tree, by default: without a limit the artifact of some million rows would not fit into memory."""

SEARCH_SPACE: Mapping[str, Range] = {
    "max_features": Range(0.1, 1.0),
    "min_samples_leaf": Range(1, 50, log=True, whole=True),
    "max_depth": Range(3, 30, whole=True),
}


def scaled(task: str, rows: int) -> dict[str, Setting]:
    """Return the defaults that depend on the number of training rows.

    Examples
    --------
    >>> scaled("regression", 50), scaled("binary", 5_000_000)
    ({'min_samples_leaf': 2}, {'min_samples_leaf': 500})
    """
    return {"min_samples_leaf": max(rows // MOST_LEAVES, 5 if rows >= 1_000 else 2)}


RELATIVE_DIFFERENCE = 0.0
"""The same trees, the same additions in the same order."""


@dataclass(frozen=True)
class ForestModel(ScikitModel):
    """A fitted forest."""

    def raw_score(self, matrix: Values) -> Values:
        """Return the mean over all trees: the value, or the probability of the positive or of every class."""
        values = self.probabilities(matrix)
        if values is None:
            return self.predict(matrix)
        return values if self.task == "multiclass" else values[:, 1]  # the positive class

    def parts(self, prepared: str) -> list[Part]:
        """Return what leads from prepared rows to the outputs in the artifact."""
        trees = [estimator.tree_ for estimator in self.model.estimators_]
        mean = (
            [helper.make_node("Div", ["sums", "trees"], ["means"])],
            [constant("trees", np.array(float(len(trees))))],
        )
        if self.task == "multiclass":
            copies = [
                helper.make_node("Identity", ["means"], [name]) for name in ("raw_score", "probabilities")
            ]
            chosen = position("ArgMax", "means", "prediction")
            return [class_sums(trees, prepared, "sums"), mean, (copies, []), chosen]
        column = self.positive if self.task == "binary" else 0
        arrays = [tree_arrays(tree, tree.value[:, 0, column], 0) for tree in trees]
        sums = summed(arrays, prepared, "sums", targets=1)
        copy = [helper.make_node("Identity", ["raw_score"], ["prediction"])]
        return [sums, mean, vector("means", "raw_score"), (copy, [])]

    def edges(self) -> Mapping[int, Values]:
        """Return the thresholds on every number, besides the ends of hours, days and months."""
        return {**number_edges(self.preprocessing, self.model), **super().edges()}

    def column_importance(self) -> tuple[Values, Values]:
        """Return the mean decrease in impurity and the number of splits of every prepared column."""
        return self.model.feature_importances_, splits_per_column(self.preprocessing, self.model)


def number_edges(preprocessing: Preprocessing | Steps, forest: Any) -> dict[int, Values]:
    """Return the thresholds of a forest on every feature that is a number."""
    trees = [estimator.tree_ for estimator in forest.estimators_]
    features = preprocessing.instants.features
    most = max(MOST_EDGES // max(len(preprocessing.numbers), 1), 1)
    return {
        int(feature): preprocessing.unprepared(column, thresholds(trees, column, most))
        for column, feature in enumerate(preprocessing.numbers)
        if feature < features
    }


def splits_per_column(preprocessing: Preprocessing | Steps, forest: Any) -> Values:
    """Return how many splits of a forest are on each prepared column."""
    columns = np.concatenate([estimator.tree_.feature for estimator in forest.estimators_])
    counts = np.bincount(columns[columns >= 0], minlength=len(preprocessing.sources))
    return counts.astype(np.float64)


def forest_estimator(name: str, classifier: Any, regressor: Any, **more: Limits) -> Estimator:
    """Return the estimator of two classes of scikit-learn, with params beyond those of all forests."""
    return Estimator(
        name=name,
        tasks=TASKS,
        params={**PARAMS, **more},
        defaults=DEFAULTS,
        search_space=SEARCH_SPACE,
        relative_difference=RELATIVE_DIFFERENCE,
        fit=partial(_fit, name, classifier, regressor),
        scaled=scaled,
    )


def _fit(name: str, classifier: Any, regressor: Any, request: FitRequest) -> ForestModel:
    """Return a fitted forest of one of two classes of scikit-learn."""
    params = {**DEFAULTS, **scaled(request.task, len(request.train.features)), **request.params}
    chosen = regressor if request.task == "regression" else classifier
    model = chosen(**params, random_state=request.seed, n_jobs=-1)
    preprocessing = Preprocessing.fit(request.train.features, request.signature, "single")
    fit_scikit(model, preprocessing.prepared(request.train.features), request, estimator=name)
    model.set_params(n_jobs=1)  # several threads would add the trees in the order in which they finish
    return ForestModel(model, preprocessing, request.task, params)
