"""Search for an estimator's settings, or for the estimator, by its score on the validation rows."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import optuna

from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Estimator, Fitted, Range, Setting
from training.objectives import OBJECTIVES
from training.rows import Rows
from training.spec import TuningSpec

CANDIDATES = ("lightgbm", "logistic_regression", "linear_regression", "random_forest", "extra_trees")
"""What estimator auto tries, as far as it suits the task, the first one in any case."""

FIRST_TRIALS = 5
"""Trials before which none is pruned, and iterations before which a trial is not."""


@dataclass
class Search:
    """The trials of one training, and the best model that they gave.

    Parameters
    ----------
    rows
        What is fitted and scored.
    tuning
        What is searched.
    """

    rows: Rows
    tuning: TuningSpec
    trials: list[dict[str, Any]] = field(default_factory=list)
    best: Fitted | None = None
    estimator: str = ""
    _best_loss: float = np.inf
    _started: float = field(default_factory=perf_counter)

    def choose(self) -> None:
        """Try the suitable estimators as they are, and tune the best while the time lasts."""
        task = self.rows.data.spec.task
        for name in CANDIDATES:
            if task in ESTIMATORS[name].tasks and (self.best is None or self._seconds_left() > 0):
                self._attempt(ESTIMATORS[name], {}, None)
        if self._seconds_left() > 0:
            self.tune(self.estimator)

    def tune(self, name: str) -> None:
        """Search for the settings of one estimator.

        The first trial has the settings that the model would have without tuning, so that the best one is
        no worse on the validation rows.
        """
        estimator = ESTIMATORS[name]
        given = self.rows.data.spec.params
        space = self.tuning.search or self._space(estimator, given)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=self.rows.data.spec.seed),
            pruner=optuna.pruners.MedianPruner(FIRST_TRIALS, n_warmup_steps=FIRST_TRIALS),
        )
        if not self.trials:
            study.enqueue_trial(_start(space, {**estimator.defaults, **given}))

        def run(trial: optuna.Trial) -> float:
            chosen = {key: _suggested(trial, key, where) for key, where in space.items()}
            return self._attempt(estimator, {**given, **chosen}, trial)

        study.optimize(
            run,
            n_trials=self.tuning.trials,
            timeout=None if self.tuning.timeout_seconds is None else max(self._seconds_left(), 0.0),
            show_progress_bar=sys.stderr.isatty(),
        )

    def _attempt(
        self, estimator: Estimator, params: Mapping[str, Setting], trial: optuna.Trial | None
    ) -> float:
        """Fit and score a model, keep it if it is the best so far, and return its loss."""
        started = perf_counter()
        state, value = "pruned", None
        try:
            request = self.rows.request(params, report=None if trial is None else _reporter(trial))
            model = estimator.fit(request)
            value = self._value(model)
            state = "complete"
        finally:
            self.trials.append(
                {
                    "trial": len(self.trials) + 1,
                    "estimator": estimator.name,
                    "params": json.dumps(dict(params), sort_keys=True),
                    "metric": self.tuning.metric,
                    "value": value,
                    "state": state,
                    "seconds": perf_counter() - started,
                }
            )
        objective = OBJECTIVES[self.rows.data.spec.task][self.tuning.metric]
        loss = -value if objective.is_greater_better else value
        if loss < self._best_loss or self.best is None:
            self.best, self.estimator, self._best_loss = model, estimator.name, loss
        return loss

    def _space(self, estimator: Estimator, given: Mapping[str, Setting]) -> dict[str, Range | Choice]:
        """Return the estimator's own search space, without what is given or has no use beside it."""
        task, space = self.rows.data.spec.task, estimator.search_space
        values = {key: _first(where) for key, where in space.items() if key not in given}
        useless = {misfit.setting for misfit in estimator.misfits(task, {**given, **values}, False)}
        return {key: space[key] for key in values if key not in useless}

    def _value(self, model: Fitted) -> float:
        data = self.rows.data
        validation = data.parts["validation"].slice
        if data.label is None:
            raise TypeError("tuning needs a label")
        prediction, probabilities = self.rows.predicted(model, "validation")
        weight = None if data.weight is None else data.weight[validation]
        objective = OBJECTIVES[data.spec.task][self.tuning.metric]
        return objective(data.label[validation], prediction, probabilities, weight)

    def _seconds_left(self) -> float:
        if self.tuning.timeout_seconds is None:
            return np.inf
        return self.tuning.timeout_seconds - (perf_counter() - self._started)


def _reporter(trial: optuna.Trial) -> Any:
    def report(iteration: int, loss: float) -> None:
        trial.report(loss, iteration)
        if trial.should_prune():
            raise optuna.TrialPruned

    return report


def _first(where: Range | Choice) -> Setting:
    return where.options[0] if isinstance(where, Choice) else where.low


def _suggested(trial: optuna.Trial, name: str, where: Range | Choice) -> Setting:
    if isinstance(where, Choice):
        position = trial.suggest_categorical(name, range(len(where.options)))
        return where.options[position]
    if where.whole:
        return trial.suggest_int(name, int(where.low), int(where.high), log=where.log)
    return trial.suggest_float(name, where.low, where.high, log=where.log)


def _start(space: Mapping[str, Range | Choice], settings: Mapping[str, Setting]) -> dict[str, Setting]:
    """Return the settings that lie within the space; of a choice, the position."""
    start: dict[str, Setting] = {}
    for name, where in space.items():
        value = settings.get(name)
        if isinstance(where, Choice):
            if value in where.options:
                start[name] = where.options.index(value)
        elif isinstance(value, int | float) and where.low <= value <= where.high:
            start[name] = value
    return start
