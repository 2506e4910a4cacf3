"""A model that the user's own code fitted, as a Python file returns it: what it is, and what it takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import lightgbm
import numpy as np
from sklearn.utils.validation import check_is_fitted

from scoring.signature import ERROR, MISSING, Feature, Signature
from training.comparison.parity import SMALLEST
from training.estimators import ESTIMATORS
from training.estimators.base import Fitted
from training.estimators.own.booster import OwnBooster, booster_of, mirrored, tasks_of
from training.estimators.own.classes import class_text, classes_of, positive
from training.estimators.own.errors import OwnModelError
from training.estimators.own.kinds import (
    CLASSIFYING,
    KINDS,
    LIGHTGBM,
    SCIKIT,
    SINGLE,
    check_settings,
    check_step,
    flat,
    settings_of,
)
from training.evaluation.constant import quantile_of
from training.export.preprocessing import FURTHEST, LARGEST_SINGLE
from training.export.preprocessing_instants import Instants
from training.export.steps import Steps


@dataclass(frozen=True)
class OwnModel:
    """A model of the user's own, which can be exported.

    Parameters
    ----------
    name
        Of the model in the warehouse, for error messages.
    task
        That of its block.
    steps
        What is done to the rows first.
    last
        The model of LightGBM or scikit-learn.
    params
        Its settings and those of the steps, as the library names them and JSON can hold them.
    """

    name: str
    task: str
    steps: tuple[Any, ...]
    last: Any
    params: Mapping[str, Any]

    @classmethod
    def of(cls, returned: object, *, name: str, task: str) -> Self:
        """Return what a Python file returned as a model.

        Raises
        ------
        scoring.errors.WarehouseMLError
            If it cannot be exported exactly, is not fitted, or is for another task.
        """
        *steps, last = flat(returned) or [returned]
        if isinstance(last, type):
            raise OwnModelError.not_fitted(name, last.__name__)
        kind = type(last).__name__
        if type(last) not in (*LIGHTGBM, *SCIKIT):
            raise OwnModelError.no_kind(name, kind, KINDS)
        is_lightgbm = isinstance(last, LIGHTGBM)
        if is_lightgbm and steps:
            raise OwnModelError.setting(name, kind, "steps before it", "return it alone: it needs none")
        for part in (*steps, last):
            _check_fitted(part, name)
        for step in steps:
            check_step(step, name)
        tasks = tasks_of(last) if is_lightgbm else SCIKIT[type(last)].tasks
        if task not in tasks:
            raise OwnModelError.wrong_task(name, kind, tasks, task)
        own = cls(name, task, tuple(steps), last, settings_of(steps, last))
        if not is_lightgbm:
            check_settings(last, name)
            if own._is_single:  # several threads add the trees in the order in which they finish
                last.set_params(n_jobs=1)
        return own

    @property
    def kind(self) -> str:
        """The name of its class."""
        return type(self.last).__name__

    @property
    def estimator(self) -> str:
        """Our name of its kind."""
        return "lightgbm" if self._is_lightgbm else SCIKIT[type(self.last)].estimator

    @property
    def block(self) -> dict[str, Any]:
        """The keys of a model's block that it stands for, as far as rows and baselines are judged by them."""
        aims = {key: self.params[key] for key in ("objective", "alpha") if self.params.get(key) is not None}
        params = {"params": aims} if self._is_lightgbm and quantile_of(aims) is not None else {}
        return {"estimator": self.estimator, **params}

    @property
    def relative_difference(self) -> float:
        """The largest relative difference allowed between the scores of library, artifact and SQL."""
        return ESTIMATORS[self.estimator].relative_difference

    @property
    def largest(self) -> float:
        """The largest number to compare: that which it takes, or from which on sums have no digits to compare."""
        if self._is_lightgbm:
            return math.inf
        return LARGEST_SINGLE if self._is_single else FURTHEST

    def smallest(self, signature: Signature, label: str | None) -> float:
        """Return the probability below which a smaller one has no more digits.

        The library has that of the model's first class as one minus that of the second.
        """
        return SMALLEST if self.positive(signature, label) else 1.0

    def signature(self, offered: Signature, types: Mapping[str, str]) -> Signature:
        """Return the features that it takes, in its order, of those that the rows offer.

        Parameters
        ----------
        offered
            The features of the rows.
        types
            DuckDB's name for the type of each.

        Raises
        ------
        training.estimators.own.errors.OwnModelError
            If one is missing or no number.
        """
        features = self._matched(offered.features)
        others = [f"'{part.name}' ({types[part.name]})" for part in features if part.type != "number"]
        if others:
            raise OwnModelError.no_numbers(self.name, self.kind, others)
        model = self._exported(len(features), 1)
        if not _takes(model, 0.0, len(features)):
            setting = "numbers of single precision"
            raise OwnModelError.setting(self.name, self.kind, setting, "fit it on doubles")
        nulls = MISSING if _takes(model, np.nan, len(features)) else ERROR
        infinite = None if _takes(model, np.inf, len(features)) else ERROR
        parts = (replace(part, nulls=nulls) if part.nulls == MISSING else part for part in features)
        return replace(offered, features=tuple(replace(part, unseen=infinite) for part in parts))

    def fitted(self, signature: Signature, label: str | None) -> Fitted:
        """Return the model as all others are, its classes in the order of the signature's.

        Parameters
        ----------
        signature
            Its own features, and the classes of the label.
        label
            The name of the label, for error messages.

        Raises
        ------
        training.estimators.own.errors.OwnModelError
            If it has other classes than the label.
        """
        return self._exported(len(signature.features), self.positive(signature, label))

    def positive(self, signature: Signature, label: str | None) -> int:
        """Return the position of the positive class among the model's; 1 for tasks without one.

        Raises
        ------
        training.estimators.own.errors.OwnModelError
            If the classes are others, or of more than two in another order.
        """
        if self.task not in CLASSIFYING:
            return 1
        learned = [class_text(value) for value in classes_of(self.last)]
        position = positive(learned, signature.classes)
        if position is None:
            raise OwnModelError.other_classes(self.name, self.kind, learned, label, signature.classes)
        return position

    @property
    def _is_lightgbm(self) -> bool:
        return isinstance(self.last, LIGHTGBM)

    @property
    def _is_single(self) -> bool:
        return not self._is_lightgbm and issubclass(SCIKIT[type(self.last)].exported, SINGLE)

    def _exported(self, features: int, positive: int) -> Fitted:
        if self._is_lightgbm:
            booster = booster_of(self.last)
            booster = booster if positive else mirrored(booster)
            instants = Instants(features, ())
            return OwnBooster(booster, instants, self.params, self.task, own=self.last, positive=positive)
        steps = Steps(features, self.steps, self._is_single)
        exported = SCIKIT[type(self.last)].exported
        return exported(self.last, steps, self.task, self.params, positive=positive)

    def _matched(self, features: Sequence[Feature]) -> list[Feature]:
        """Return the features in the order of the model's."""
        by_name = {part.name.lower(): part for part in features}
        first = (*self.steps, self.last)[0]
        if self._is_lightgbm:
            names: Sequence[str] | None = booster_of(first).feature_name()
            count = booster_of(first).num_feature()
            for part in features:  # LightGBM keeps no white space
                by_name.setdefault(re.sub(r"\s", "_", part.name.lower()), part)
            if (
                names == [f"Column_{n}" for n in range(count)]
                and not {*map(str.lower, names)} <= by_name.keys()
            ):
                names = None
        else:
            names, count = getattr(first, "feature_names_in_", None), first.n_features_in_
        if names is not None:
            if missing := [name for name in names if name.lower() not in by_name]:
                offered = [part.name for part in features]
                raise OwnModelError.missing_columns(self.name, self.kind, missing, offered)
            return [by_name[name.lower()] for name in names]
        if count != len(features):
            raise OwnModelError.other_count(self.name, self.kind, count, [part.name for part in features])
        return list(features)


def _check_fitted(part: Any, name: str) -> None:
    if isinstance(part, lightgbm.Booster):
        return
    try:
        check_is_fitted(part)
    except (TypeError, ValueError) as error:  # TypeError: it is no estimator, as a class that was not called
        raise OwnModelError.not_fitted(name, type(part).__name__) from error


def _takes(model: Fitted, value: float, features: int) -> bool:
    """Return whether a model takes rows of a value that some do not."""
    try:
        with np.errstate(all="ignore"):
            model.predict(np.full((1, features), value))
    except ValueError:
        return False
    return True
