"""Gradient-boosted trees, as LightGBM fits them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.signature import Signature
from training.data.arrow_rows import matrix_of
from training.errors import EstimatorError
from training.estimators.base import EnoughIterations, Examples, FitRequest, Setting
from training.estimators.lightgbm_settings import OBJECTIVES, REPORTED, used
from training.export.lightgbm import to_onnx
from training.export.lightgbm_trees import read
from training.export.preprocessing_instants import EDGES, Instants
from training.export.sql_form import SqlForm
from training.export.sql_form_lightgbm import sql_form

Values = NDArray[np.float64]

VALUES_PER_THREAD = 100_000
"""On few rows, threads that wait for each other take most of the time."""


@dataclass(frozen=True)
class Booster:
    """A fitted booster, the settings it was fitted with, and the threads that score with it, 0 for all."""

    booster: lightgbm.Booster
    instants: Instants
    params: Mapping[str, Setting]
    task: str
    threshold: None = None
    threads: int = 0

    @property
    def native_model(self) -> str:
        """The model as LightGBM writes it."""
        return str(self.booster.model_to_string())

    def to_onnx(self) -> bytes:
        """Return the artifact."""
        return to_onnx(self.booster, self.instants)

    def sql_form(self, signature: Signature) -> SqlForm | None:
        """Return the model in SQL."""
        return sql_form(self.booster, signature)

    def raw_score(self, matrix: Values) -> Values:
        """Return the sums of leaf values."""
        return self._scored(matrix, raw_score=True)

    def predict(self, matrix: Values) -> Values:
        """Return the probability of the positive class, the value, or the code of the likeliest class."""
        if self.task == "multiclass":
            return np.asarray(np.argmax(self.raw_score(matrix), axis=1), dtype=np.float64)
        return self._predicted(matrix)

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the probability of each class."""
        if self.task == "regression":
            return None
        values = self._predicted(matrix)
        return values if self.task == "multiclass" else np.column_stack([1 - values, values])

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
        edges = {n: np.unique(threshold[feature == n]) for n in range(self.instants.features)}
        return edges | {n: np.unique([*edges[n], *EDGES]) for n in self.instants.positions}

    def _predicted(self, matrix: Values) -> Values:
        return self._scored(matrix)

    def _scored(self, matrix: Values, **options: Any) -> Values:
        # Given to a model that is fitted beside this one, too: LightGBM has one number of threads.
        options |= {"num_threads": self.threads}
        return np.asarray(self.booster.predict(self.instants.expanded(matrix), **options))


def fit(request: FitRequest) -> Booster:
    """Return a booster fitted on the training rows and stopped by the validation rows.

    It holds the trees up to the best iteration and no others.
    """
    chosen, settings = settings_of(request, rows=len(request.train))
    instants = Instants.of(request.signature)
    callbacks = []
    if request.validation is not None and request.report is not None:
        callbacks.append(_reporting(request.report, REPORTED[request.task]))
    training_set = _dataset(request.train, request.signature, instants, settings)
    validation_sets = []
    if request.validation is not None:
        validation_sets.append(
            _dataset(request.validation, request.signature, instants, settings, reference=training_set)
        )
    booster = boosted(chosen, settings, training_set, validation_sets, callbacks)
    return Booster(booster, instants, chosen, request.task, threads=settings["num_threads"])


def settings_of(request: FitRequest, *, rows: int) -> tuple[dict[str, Setting], dict[str, Any]]:
    """Return every setting of a fit on so many rows, defaults included, and those that LightGBM is given.

    Raises
    ------
    training.errors.EstimatorError
        If a tree would be given no row.
    """
    chosen = used(request.task, request.params, rows=rows, has_validation=request.validation is not None)
    drawn = float(chosen.get("bagging_fraction", 1)) if chosen.get("bagging_freq") else 1.0
    if int(drawn * rows) < 1:
        raise EstimatorError.without_drawn_rows("lightgbm", "bagging_fraction", drawn, rows)
    instants = Instants.of(request.signature)
    settings: dict[str, Any] = {
        **chosen,
        "metric": [OBJECTIVES[request.task][str(chosen["objective"])], REPORTED[request.task]],
        "seed": request.seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": request.threads
        or min(os.cpu_count() or 1, max(rows * instants.features // VALUES_PER_THREAD, 1)),
        "verbosity": -1,
    }
    if request.task == "multiclass":
        settings["num_class"] = len(request.signature.classes)
    if request.monotone:
        settings["monotone_constraints"] = [
            request.monotone.get(n, 0) if n < instants.features else 0 for n in range(len(instants.sources))
        ]
    del settings["num_iterations"]
    settings.pop("early_stopping_round", None)
    return chosen, settings


def boosted(
    chosen: Mapping[str, Setting],
    settings: dict[str, Any],
    training_set: lightgbm.Dataset,
    validation_sets: list[lightgbm.Dataset],
    callbacks: Sequence[Callable[[lightgbm.callback.CallbackEnv], None]] = (),
) -> lightgbm.Booster:
    """Return a booster with the trees up to the best iteration, given what `settings_of` returns."""
    calls = list(callbacks)
    if patience := chosen.get("early_stopping_round"):
        calls.append(lightgbm.early_stopping(int(patience), first_metric_only=True, verbose=False))
    return lightgbm.train(
        settings,
        training_set,
        num_boost_round=int(chosen["num_iterations"]),
        valid_sets=validation_sets,
        callbacks=calls,
    )


def columns_of(signature: Signature, instants: Instants) -> dict[str, Any]:
    """Return what LightGBM is told of the columns of a matrix, parts of instants included."""
    return {
        # Column names may hold characters that LightGBM refuses; the signature keeps the true names.
        "feature_name": [f"f{n}" for n in range(len(instants.sources))],
        "categorical_feature": [n for n, each in enumerate(signature.features) if each.type == "category"],
    }


def _dataset(
    examples: Examples,
    signature: Signature,
    instants: Instants,
    settings: dict[str, Any],
    reference: lightgbm.Dataset | None = None,
) -> lightgbm.Dataset:
    return lightgbm.Dataset(
        _expanded(examples.rows, instants),
        examples.label,
        weight=examples.weight,
        reference=reference,
        **columns_of(signature, instants),
        params=settings,
    )


def _expanded(rows: Values | pa.Table, instants: Instants) -> Values | pa.Table:
    """Return the rows with the parts of instants behind their features; LightGBM reads a table as it does a matrix."""
    if not isinstance(rows, pa.Table):
        return instants.expanded(rows)
    if not instants.positions:
        return rows
    names = [f"f{n}" for n in range(len(instants.sources))]
    parts = []
    for batch in rows.to_batches():
        expanded = instants.expanded(matrix_of(pa.Table.from_batches([batch])))
        parts.append(pa.RecordBatch.from_arrays(list(map(pa.array, np.ascontiguousarray(expanded.T))), names))
    return pa.Table.from_batches(parts)


def _reporting(
    report: Callable[[int, float], None], metric: str
) -> Callable[[lightgbm.callback.CallbackEnv], None]:
    """Return a callback that tells a metric on the validation rows after every iteration."""

    def tell(environment: lightgbm.callback.CallbackEnv) -> None:
        for _, name, loss, *_ in environment.evaluation_result_list or []:
            if name == metric:
                try:
                    report(environment.iteration, float(loss))
                except EnoughIterations as stop:
                    raise lightgbm.callback.EarlyStopException(environment.iteration, []) from stop

    return tell
