"""K-means by scikit-learn: every row belongs to the nearest of a few centres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from sklearn.cluster import KMeans

from training.estimators.base import Estimator, FitRequest, Limits, Range, Setting
from training.estimators.scikit import ScikitModel, fit_scikit
from training.export.classes import Part, position
from training.export.graph import constant
from training.export.preprocessing import Preprocessing

Values = NDArray[np.float64]


@dataclass(frozen=True)
class KMeansModel(ScikitModel):
    """Fitted centres. The raw score is the distance to each, in the space of prepared columns."""

    @property
    def width(self) -> int:
        """The number of clusters."""
        return len(self.model.cluster_centers_)

    def raw_score(self, matrix: Values) -> Values:
        """Return the distances; scikit-learn's ``transform`` rounds small ones to half of the digits."""
        prepared = self.prepared(matrix)
        with np.errstate(over="ignore"):
            return np.column_stack(
                [np.sqrt(((prepared - centre) ** 2).sum(axis=1)) for centre in self.model.cluster_centers_]
            )

    def parts(self, prepared: str) -> list[Part]:
        """Return what leads from prepared rows to the outputs in the artifact."""
        nodes, constants = [], [constant("column_axis", np.array([1]))]
        for number, centre in enumerate(self.model.cluster_centers_):
            name = f"centre_{number}"
            constants.append(constant(name, np.asarray(centre, dtype=np.float64)))
            nodes += [
                helper.make_node("Sub", [prepared, name], [f"{name}_off"]),
                helper.make_node("Mul", [f"{name}_off", f"{name}_off"], [f"{name}_squares"]),
                helper.make_node("ReduceSum", [f"{name}_squares", "column_axis"], [f"{name}_sum"]),
            ]
        sums = [f"centre_{number}_sum" for number in range(self.width)]
        nodes += [
            helper.make_node("Concat", sums, ["squared_distances"], axis=1),
            helper.make_node("Sqrt", ["squared_distances"], ["raw_score"]),
        ]
        return [(nodes, constants), position("ArgMin", "raw_score", "prediction")]

    def column_importance(self) -> tuple[Values, Values]:
        """Return how far the centres lie apart on every prepared column; there are no splits."""
        spread = np.std(self.model.cluster_centers_, axis=0)
        return spread, np.zeros_like(spread)


def scaled(task: str, rows: int) -> dict[str, Setting]:
    """Return the defaults that depend on the number of rows: few clusters of few rows, few starts on many.

    Examples
    --------
    >>> scaled("clustering", 50), scaled("clustering", 5_000_000)
    ({'clusters': 5, 'n_init': 10}, {'clusters': 8, 'n_init': 1})
    """
    return {"clusters": min(max(rows // 10, 2), 8), "n_init": min(max(1_000_000 // max(rows, 1), 1), 10)}


def fit(request: FitRequest) -> KMeansModel:
    """Return fitted centres, the best of several starts."""
    params = ESTIMATOR.used(request)
    settings = {name: value for name, value in params.items() if name != "clusters"}
    model = KMeans(n_clusters=int(params["clusters"]), **settings, random_state=request.seed)
    preprocessing = Preprocessing.fit(request.train.features, request.signature, "scaled")
    prepared = preprocessing.prepared(request.train.features)
    fit_scikit(model, prepared, request, estimator=ESTIMATOR.name)
    return KMeansModel(model, preprocessing, request.task, params)


ESTIMATOR = Estimator(
    name="kmeans",
    tasks=frozenset({"clustering"}),
    params={
        "clusters": Limits(2, 1_000, whole=True),
        "n_init": Limits(1, 1_000, whole=True),
        "max_iter": Limits(1, 1_000_000, whole=True),
    },
    defaults={"max_iter": 300},
    scaled=scaled,
    search_space={"clusters": Range(2, 20, whole=True)},
    relative_difference=1e-12,
    fit=fit,
)
