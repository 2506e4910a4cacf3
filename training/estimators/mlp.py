"""Neural networks by scikit-learn: a few layers of weighted sums, bent by a function in between."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from onnx import helper
from scipy.special import expit
from sklearn.neural_network import MLPClassifier, MLPRegressor

from training.estimators.base import Choice, Estimator, FitRequest, Limits, Range, Setting
from training.estimators.scikit import ScikitModel, fit_scikit
from training.export.classes import Part
from training.export.graph import constant
from training.export.layers import prediction, weighted_sum
from training.export.preprocessing import Preprocessing

Values = NDArray[np.float64]

OPERATORS = {"relu": "Relu", "tanh": "Tanh", "identity": "Identity", "logistic": "Sigmoid"}
BENDS = {"relu": partial(np.maximum, 0.0), "tanh": np.tanh, "identity": np.asarray, "logistic": expit}


@dataclass(frozen=True)
class NetworkModel(ScikitModel):
    """A fitted network. For regression it learns labels scaled to mean 0 and deviation 1."""

    mean: float = 0.0
    deviation: float = 1.0

    def raw_score(self, matrix: Values) -> Values:
        """Return what the last layer gives: log odds, or the value."""
        values = self.prepared(matrix)
        bend = BENDS[self.model.activation]
        for layer, (weights, intercept) in enumerate(self._layers()):
            values = (bend(values) if layer else values) @ weights + intercept
        return values if self.task == "multiclass" else values[:, 0] * self.deviation + self.mean

    def predict(self, matrix: Values) -> Values:
        """Return the probability of the positive class, the value, or the code of the likeliest class."""
        values = super().predict(matrix)
        return values * self.deviation + self.mean if self.task == "regression" else values

    def parts(self, prepared: str) -> list[Part]:
        """Return what leads from prepared rows to the outputs in the artifact."""
        parts: list[Part] = []
        scores = prepared
        for layer, (weights, intercept) in enumerate(self._layers()):
            if layer:
                bend = helper.make_node(OPERATORS[self.model.activation], [scores], [f"bent_{layer}"])
                parts.append(([bend], []))
                scores = f"bent_{layer}"
            parts.append(weighted_sum(scores, f"layer_{layer}", weights, intercept))
            scores = f"layer_{layer}"
        if self.task == "regression":
            nodes = [
                helper.make_node("Mul", [scores, "deviation"], ["spread"]),
                helper.make_node("Add", ["spread", "mean"], ["scores"]),
            ]
            constants = [
                constant("deviation", np.array(self.deviation)),
                constant("mean", np.array(self.mean)),
            ]
            parts.append((nodes, constants))
            scores = "scores"
        return [*parts, *prediction(scores, self.task)]

    def column_importance(self) -> tuple[Values, Values]:
        """Return the absolute weights that lead away from every prepared column; there are no splits."""
        weights = np.abs(self.model.coefs_[0]).sum(axis=1)
        return weights, np.zeros_like(weights)

    def _layers(self) -> list[tuple[Values, Values]]:
        *layers, (weights, intercept) = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        return [*layers, (self.sign * weights, self.sign * intercept)]


BATCH, MOST_STEPS = 200, 20_000
"""Rows a step, as scikit-learn has it, and steps by default, however many rows there are."""


def scaled(task: str, rows: int) -> dict[str, Setting]:
    """Return the defaults that depend on the number of training rows: how often all of them are seen.

    Examples
    --------
    >>> [scaled("binary", rows)["epochs"] for rows in (50, 20_000, 5_000_000)]
    [1000, 200, 4]
    """
    return {"epochs": min(max(MOST_STEPS * BATCH // max(rows, 1), 4), 1_000)}


def fit(request: FitRequest) -> NetworkModel:
    """Return a network of ``hidden_layers`` times ``hidden_units``, fitted ``epochs`` times over the rows."""
    params = ESTIMATOR.used(request)
    names = {"alpha": "alpha", "learning_rate": "learning_rate_init", "epochs": "max_iter"}
    settings = {theirs: params[ours] for ours, theirs in names.items()}
    kind = MLPRegressor if request.task == "regression" else MLPClassifier
    model = kind(
        hidden_layer_sizes=(int(params["hidden_units"]),) * int(params["hidden_layers"]),
        activation=params["activation"],
        random_state=request.seed,
        **settings,
    )
    preprocessing = Preprocessing.fit(request.train.features, request.signature, "scaled")
    label, mean, deviation = request.train.label, 0.0, 1.0
    if request.task == "regression" and label is not None:
        mean, deviation = float(label.mean()), float(label.std()) or 1.0
        label = (label - mean) / deviation
    prepared = preprocessing.prepared(request.train.features)
    fit_scikit(model, prepared, request, estimator=ESTIMATOR.name, label=label, may_stop_early=True)
    return NetworkModel(model, preprocessing, request.task, params, mean, deviation)


ESTIMATOR = Estimator(
    name="mlp",
    tasks=frozenset({"binary", "multiclass", "regression"}),
    params={
        "hidden_layers": Limits(1, 10, whole=True),
        "hidden_units": Limits(1, 10_000, whole=True),
        "activation": Choice(("relu", "tanh")),
        "alpha": Limits(0, 1e6),
        "learning_rate": Limits(1e-8, 10),
        "epochs": Limits(1, 100_000, whole=True),
    },
    defaults={
        "hidden_layers": 1,
        "hidden_units": 100,
        "activation": "relu",
        "alpha": 1e-4,
        "learning_rate": 1e-3,
    },
    scaled=scaled,
    search_space={
        "hidden_layers": Range(1, 3, whole=True),
        "hidden_units": Range(16, 256, log=True, whole=True),
        "alpha": Range(1e-6, 1.0, log=True),
        "learning_rate": Range(1e-4, 1e-2, log=True),
    },
    relative_difference=1e-8,
    fit=fit,
)
