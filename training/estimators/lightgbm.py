"""Gradient-boosted trees by LightGBM."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from training.estimators.base import Estimator, Examples, FitRequest, Limits, Range, Setting
from training.export.lightgbm import to_onnx
from training.export.lightgbm_trees import read
from training.preprocessing_instants import EDGES, Instants

Values = NDArray[np.float64]

OBJECTIVES = {
    "binary": ("binary", "binary_logloss"),
    "multiclass": ("multiclass", "multi_logloss"),
    "regression": ("regression", "l2"),
}
"""Objective and early-stopping metric of each task."""

ROUNDS_WITHOUT_VALIDATION = 200
"""Where no rows tell when to stop, and the configuration does not say."""

_MANY = 1_000_000


@dataclass(frozen=True)
class Booster:
    """A fitted booster, and the settings it was fitted with."""

    booster: lightgbm.Booster
    instants: Instants
    params: Mapping[str, Setting]
    task: str
    threshold: None = None

    @property
    def native_model(self) -> str:
        """The model as LightGBM writes it."""
        return str(self.booster.model_to_string())

    def to_onnx(self) -> bytes:
        """Return the artifact."""
        return to_onnx(self.booster, self.instants)

    def raw_score(self, matrix: Values) -> Values:
        """Return the sums of leaf values."""
        return np.asarray(self.booster.predict(self.instants.expanded(matrix), raw_score=True))

    def predict(self, matrix: Values) -> Values:
        """Return the probability of the positive class, the value, or the code of the likeliest class."""
        if self.task == "multiclass":
            return np.asarray(np.argmax(self.raw_score(matrix), axis=1), dtype=np.float64)
        return self._predicted(matrix)

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the probability of each class."""
        if self.task == "regression":
            return None
        found = self._predicted(matrix)
        return found if self.task == "multiclass" else np.column_stack([1 - found, found])

    def importance(self) -> list[tuple[int, float, int]]:
        """Return the total gain and the number of splits of every feature, parts of instants added up."""
        sources = list(self.instants.sources)
        kinds = (self.booster.feature_importance(importance_type=kind) for kind in ("gain", "split"))
        gains, splits = (np.bincount(sources, values) for values in kinds)
        return [
            (n, float(gain), int(count)) for n, (gain, count) in enumerate(zip(gains, splits, strict=True))
        ]

    def edges(self) -> Mapping[int, Values]:
        """Return the thresholds on every feature, and for instants the ends of hours, days and months."""
        trees = read(self.booster).trees
        feature = np.concatenate([tree.feature[~tree.categorical] for tree in trees])
        threshold = np.concatenate([tree.threshold[~tree.categorical] for tree in trees])
        found = {n: np.unique(threshold[feature == n]) for n in range(self.instants.features)}
        return found | {n: np.unique([*found[n], *EDGES]) for n in self.instants.positions}

    def _predicted(self, matrix: Values) -> Values:
        return np.asarray(self.booster.predict(self.instants.expanded(matrix)))


def fit(request: FitRequest) -> Booster:
    """Return a booster fitted on the training rows and stopped by the validation rows.

    It holds the trees up to the best iteration and no others.
    """
    objective, metric = OBJECTIVES[request.task]
    chosen = {**ESTIMATOR.defaults, **request.params}
    if request.validation is None:
        chosen.pop("early_stopping_round")
        chosen["num_iterations"] = request.params.get("num_iterations", ROUNDS_WITHOUT_VALIDATION)
    instants = Instants.of(request.signature)
    settings: dict[str, Any] = {
        **chosen,
        "objective": objective,
        "metric": metric,
        "seed": request.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": os.cpu_count() or 1,
        "verbosity": -1,
    }
    if request.task == "multiclass":
        settings["num_class"] = len(request.signature.classes)
    if request.monotone:
        settings["monotone_constraints"] = [
            request.monotone.get(n, 0) if n < instants.features else 0 for n in range(len(instants.sources))
        ]
    del settings["num_iterations"]
    callbacks: list[Callable[[lightgbm.callback.CallbackEnv], None]] = []
    if request.validation is not None:
        patience = int(chosen["early_stopping_round"])
        del settings["early_stopping_round"]
        if request.report is not None:
            callbacks.append(_reporting(request.report))
        callbacks.append(lightgbm.early_stopping(patience, verbose=False))
    training_set = _dataset(request.train, request, instants, settings)
    booster = lightgbm.train(
        settings,
        training_set,
        num_boost_round=int(chosen["num_iterations"]),
        valid_sets=[]
        if request.validation is None
        else [_dataset(request.validation, request, instants, settings, reference=training_set)],
        callbacks=callbacks,
    )
    return Booster(booster, instants, chosen, request.task)


def _dataset(
    examples: Examples,
    request: FitRequest,
    instants: Instants,
    settings: dict[str, Any],
    reference: lightgbm.Dataset | None = None,
) -> lightgbm.Dataset:
    kinds = [feature.type for feature in request.signature.features]
    return lightgbm.Dataset(
        instants.expanded(examples.features),
        examples.label,
        weight=examples.weight,
        reference=reference,
        # Column names may hold characters that LightGBM refuses; the signature keeps the true names.
        feature_name=[f"f{n}" for n in range(len(instants.sources))],
        categorical_feature=[n for n, kind in enumerate(kinds) if kind == "category"],
        params=settings,
    )


def _reporting(report: Callable[[int, float], None]) -> Callable[[lightgbm.callback.CallbackEnv], None]:
    """Return a callback that tells the loss on the validation rows after every iteration."""

    def tell(environment: lightgbm.callback.CallbackEnv) -> None:
        for _, _, loss, *_ in environment.evaluation_result_list or []:
            report(environment.iteration, float(loss))

    return tell


ESTIMATOR = Estimator(
    name="lightgbm",
    tasks=frozenset(OBJECTIVES),
    params={
        "num_iterations": Limits(1, _MANY, whole=True),
        "early_stopping_round": Limits(1, _MANY, whole=True),
        "learning_rate": Limits(1e-6, 10),
        "num_leaves": Limits(2, 131_072, whole=True),
        "max_depth": Limits(-1, _MANY, whole=True),
        "min_data_in_leaf": Limits(0, _MANY, whole=True),
        "min_sum_hessian_in_leaf": Limits(0, _MANY),
        "bagging_fraction": Limits(0.01, 1),
        "bagging_freq": Limits(0, _MANY, whole=True),
        "feature_fraction": Limits(0.01, 1),
        "feature_fraction_bynode": Limits(0.01, 1),
        "lambda_l1": Limits(0, _MANY),
        "lambda_l2": Limits(0, _MANY),
        "min_gain_to_split": Limits(0, _MANY),
        "path_smooth": Limits(0, _MANY),
        "extra_trees": None,
        "max_bin": Limits(2, 65_535, whole=True),
        "min_data_in_bin": Limits(1, _MANY, whole=True),
        "min_data_per_group": Limits(1, _MANY, whole=True),
        "max_cat_threshold": Limits(1, _MANY, whole=True),
        "max_cat_to_onehot": Limits(1, _MANY, whole=True),
        "cat_l2": Limits(0, _MANY),
        "cat_smooth": Limits(0, _MANY),
        "scale_pos_weight": Limits(1e-6, _MANY),
        "sigmoid": Limits(1e-6, _MANY),
        "use_missing": None,
        "zero_as_missing": None,
    },
    # Slow learning with early stopping needs no tuning to be good; bagging and a column sample add variety.
    defaults={
        "num_iterations": 2000,
        "early_stopping_round": 50,
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": 50,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.8,
        "lambda_l2": 1.0,
    },
    search_space={
        "learning_rate": Range(0.01, 0.3, log=True),
        "num_leaves": Range(7, 255, log=True, whole=True),
        "min_data_in_leaf": Range(5, 200, log=True, whole=True),
        "bagging_fraction": Range(0.5, 1.0),
        "feature_fraction": Range(0.5, 1.0),
        "lambda_l2": Range(1e-3, 100.0, log=True),
    },
    relative_difference=1e-15,
    fit=fit,
    is_monotone=True,
)
