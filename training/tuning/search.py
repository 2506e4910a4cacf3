"""Search for an estimator's settings, or for the estimator, by what `training.tuning.judging` says."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from training.data.prepared_rows import Rows
from training.declared.spec import AUTO, TuningSpec
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Estimator, Fitted, Range, Setting
from training.evaluation.baselines import LINEAR
from training.tuning.candidates import CANDIDATES, LINEAR_GAIN, PORTFOLIO, SMALL, SMALL_ROWS, Candidate
from training.tuning.judging import Judge
from training.tuning.objectives import OBJECTIVES

if TYPE_CHECKING:
    import optuna

LINEAR_TRIALS, MOST_TRIALS = 15, 200
"""Of estimator auto: for the linear model, and for the estimator that it settles on."""

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

    def __post_init__(self) -> None:
        """Make what fits and measures."""
        self._judge = Judge(self.rows, self.tuning.metric)

    @classmethod
    def of(cls, rows: Rows) -> Self | None:
        """Return the search that the model asks for, or that its rows are few enough for; else None."""
        spec = rows.data.spec
        if spec.tuning is not None:
            return cls(rows, spec.tuning)
        if not spec.may_be_simpler or rows.data.parts["train"].rows > SMALL_ROWS:
            return None
        search = cls(rows, TuningSpec(trials=None, metric=next(iter(OBJECTIVES[spec.task]))))
        return search if search._judge.can_judge else None

    def run(self) -> None:
        """Search for what the model asks for."""
        spec = self.rows.data.spec
        if spec.tuning is None:
            self.compare(SMALL, linear_gain=LINEAR_GAIN)
        elif spec.estimator == AUTO:
            self.choose()
        else:
            self.tune(spec.estimator)

    def choose(self) -> None:
        """Try the suitable estimators as they are, then tune the linear one and the best of all."""
        self.compare(CANDIDATES)
        linear = LINEAR[self.rows.data.spec.task]
        self.tune(linear, trials=LINEAR_TRIALS)
        name = "lightgbm" if self.estimator == linear else self.estimator
        self.tune(name, trials=MOST_TRIALS, first=PORTFOLIO if name == "lightgbm" else ())

    def compare(self, candidates: Iterable[Candidate], *, linear_gain: float = 0.0) -> None:
        """Try what suits the task while the time lasts.

        The loss of a linear model counts as if it were larger by the share ``linear_gain``.
        """
        task = self.rows.data.spec.task
        suitable = [(name, params) for name, params in candidates if task in ESTIMATORS[name].tasks]
        for name, params in suitable:
            if self.best is None or self._seconds_left() > 0:
                gain = linear_gain if name in LINEAR.values() else 0.0
                self._attempt(ESTIMATORS[name], params, None, gain=gain)

    def tune(
        self, name: str, *, trials: int | None = None, first: Iterable[Mapping[str, Setting]] = ()
    ) -> None:
        """Search for the settings of one estimator.

        The first trial has the settings that the model would have without tuning, so that the best one is
        no worse on the validation rows.

        Parameters
        ----------
        name
            The estimator.
        trials
            Largest number of trials; that of the configuration if None.
        first
            Settings to try before others, beside the defaults.
        """
        import optuna  # takes long to import

        if self._seconds_left() <= 0:
            return
        estimator = ESTIMATORS[name]
        given = self.rows.data.spec.params
        space = self.tuning.search or self._space(estimator, given)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=self.rows.data.spec.seed),
            pruner=optuna.pruners.MedianPruner(FIRST_TRIALS, n_warmup_steps=FIRST_TRIALS),
        )
        usual = estimator.used(self.rows.request(given))
        for settings in ({}, *first):
            study.enqueue_trial(_start(space, {**usual, **settings}))

        def run(trial: optuna.Trial) -> float:
            chosen = {key: _suggested(trial, key, where) for key, where in space.items()}
            return self._attempt(estimator, {**given, **chosen}, trial)

        study.optimize(
            run,
            n_trials=trials or self.tuning.trials,
            timeout=None if self.tuning.timeout_seconds is None else self._seconds_left(),
            show_progress_bar=sys.stderr.isatty(),
        )

    def _attempt(
        self,
        estimator: Estimator,
        params: Mapping[str, Setting],
        trial: optuna.Trial | None,
        *,
        gain: float = 0.0,
    ) -> float:
        """Fit and judge a model, keep it if it is the best so far, and return its loss."""
        started = perf_counter()
        state, value = "pruned", None
        try:
            report = None if trial is None else self._reporter(trial)
            model, value = self._judge.fit(estimator, params, report)
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
        loss = np.inf if np.isnan(loss) else loss * (1 + gain)
        if loss < self._best_loss or self.best is None:
            self.best, self.estimator, self._best_loss = model, estimator.name, loss
        return loss

    def _space(self, estimator: Estimator, given: Mapping[str, Setting]) -> dict[str, Range | Choice]:
        """Return the estimator's own search space, without what is given or has no use beside it."""
        task, space = self.rows.data.spec.task, estimator.search_space
        values = {key: _first(where) for key, where in space.items() if key not in given}
        useless = {misfit.setting for misfit in estimator.misfits(task, {**given, **values}, False)}
        return {key: space[key] for key in values if key not in useless}

    def _seconds_left(self) -> float:
        if self.tuning.timeout_seconds is None:
            return np.inf
        return self.tuning.timeout_seconds - (perf_counter() - self._started)

    def _reporter(self, trial: optuna.Trial) -> Callable[[int, float], None]:
        from optuna import TrialPruned

        def report(iteration: int, loss: float) -> None:
            trial.report(loss, iteration)
            if trial.should_prune() or (self.trials and self._seconds_left() <= 0):
                raise TrialPruned

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
