"""Search for an estimator's settings, or average several, by what `training.tuning.judging` says of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from training.data.dataset import Dataset
from training.data.prepared_rows import Rows
from training.declared.spec import AUTO, TuningSpec
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Estimator, Fitted, Range, Setting
from training.estimators.blend import BLEND, Blend, Member, average
from training.evaluation.baselines import LINEAR
from training.tuning.blending import Part, weights
from training.tuning.candidates import LINEAR_GAIN, SMALL, SMALL_ROWS, Candidate, candidates, is_searched
from training.tuning.judging import MOST_ROWS, Judge, Judged, folds
from training.tuning.objectives import OBJECTIVES
from training.tuning.search_space import first, start, suggested

if TYPE_CHECKING:
    import optuna

VALUES_PER_SECOND = 3_000
"""Of the time of estimator auto: training rows, times features, times trees an iteration, up to which its
candidates are also judged out of fold."""

FIRST_TRIALS = 5
"""Trials before which none is pruned, and iterations before which a trial is not."""


def for_fitting(data: Dataset) -> Dataset:
    """Return the rows as a model is fitted on them: estimator auto also learns from those for validation.

    It does so where it is judged out of fold and no gate asks for them, so that it has no use for them itself,
    and where test rows are left to measure on.
    """
    spec, held_out = data.spec, {"validation", "test"} & data.parts.keys()
    judged = {gate.dataset for gate in spec.gates}
    if spec.estimator != AUTO or spec.tuning is None or len(held_out) < 2 or "validation" in judged:
        return data
    whole = data.with_validation_learnt()
    return whole if folds(whole, _most_rows(spec.tuning, len(data.types))) else data


def _most_rows(tuning: TuningSpec, features: int) -> float:
    seconds = np.inf if tuning.timeout_seconds is None else tuning.timeout_seconds
    return VALUES_PER_SECOND * seconds / features


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
    _judged: list[tuple[Estimator, Judged]] = field(default_factory=list)
    _started: float = field(default_factory=perf_counter)

    def __post_init__(self) -> None:
        """Make what fits and measures."""
        self.rows = self.rows.as_matrix()
        most_rows: float = MOST_ROWS
        if self._is_auto:
            most_rows = _most_rows(self.tuning, len(self.rows.signature.features))
        self._judge = Judge(self.rows, self.tuning.metric, most_rows)

    @property
    def relative_difference(self) -> float:
        """The largest relative difference allowed between the scores of library, artifact and SQL."""
        if isinstance(self.best, Blend):
            return self.best.relative_difference
        return ESTIMATORS[self.estimator].relative_difference

    @property
    def _is_auto(self) -> bool:
        return self.rows.data.spec.estimator == AUTO

    @classmethod
    def of(cls, rows: Rows) -> Self | None:
        """Return the search that the model asks for, or that its rows are few enough for; else None."""
        spec = rows.data.spec
        if not is_searched(spec, rows.data.parts["train"].rows):
            return None
        if spec.tuning is not None:
            return cls(rows, spec.tuning)
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
        """Take what a model has that names no estimator, and average it with others if that is better."""
        rows = self.rows.data.parts["train"].rows
        usual = SMALL if rows <= SMALL_ROWS else SMALL[:1]
        self.compare(usual, linear_gain=LINEAR_GAIN)
        alone = self.best
        self.compare(candidate for candidate in candidates(rows) if candidate not in usual)
        self._judged.sort(key=lambda entry: entry[1].model is not alone)
        self._average()

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

    def _average(self) -> None:
        """Take the average of the models if its loss is lower than that of the first one, else that one."""
        started = perf_counter()
        spec = self.rows.data.spec
        alone, *others = self._judged
        self.best, self.estimator, self._best_loss = alone[1].model, alone[0].name, alone[1].value
        finite = [entry for entry in others if np.isfinite(entry[1].value)]
        estimators, judged = zip(alone, *finite, strict=True)
        predictions = {part: [one.predictions[part] for one in judged] for part in judged[0].predictions}
        observed = self._judge.observed
        parts = [Part.of(values, *observed(part), task=spec.task) for part, values in predictions.items()]
        counts = weights(parts, seed=spec.seed)
        used = [place for place, count in enumerate(counts) if count]
        if len(used) == 1:
            self._keep(estimators[used[0]].name, judged[used[0]].model, judged[used[0]].value)
            return
        members = [Member(estimators[place], judged[place].model, counts[place]) for place in used]
        averages = {
            part: average([values[place] for place in used], [counts[place] for place in used])
            for part, values in predictions.items()
        }
        value = self._judge.value(averages)
        model = Blend(tuple(members), self.rows.signature, spec.task)
        self._record(BLEND, model.params, value, perf_counter() - started)
        self._keep(BLEND, model, value)

    def tune(self, name: str) -> None:
        """Search for the settings of one estimator.

        The first trial has the settings that the model would have without tuning, so that the best one is
        no worse on the validation rows.
        """
        import optuna  # takes long to import

        estimator = ESTIMATORS[name]
        params = self.rows.data.spec.params
        space = self.tuning.search or self._space(estimator, params)
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(
            direction="minimize",
            sampler=optuna.samplers.TPESampler(seed=self.rows.data.spec.seed),
            pruner=optuna.pruners.MedianPruner(FIRST_TRIALS, n_warmup_steps=FIRST_TRIALS),
        )
        usual = estimator.used(self.rows.request(params))
        study.enqueue_trial(start(space, usual))

        def run(trial: optuna.Trial) -> float:
            chosen = {key: suggested(trial, key, where) for key, where in space.items()}
            return self._attempt(estimator, {**params, **chosen}, trial)

        study.optimize(
            run,
            n_trials=self.tuning.trials,
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
        judged = None
        try:
            judged = self._fitted(estimator, params, trial)
        finally:
            value = None if judged is None else judged.value
            self._record(estimator.name, params, value, perf_counter() - started)
        if judged is None:
            return np.inf
        if self._is_auto:
            self._judged.append((estimator, judged))
        return self._keep(estimator.name, judged.model, judged.value, gain)

    def _fitted(
        self, estimator: Estimator, params: Mapping[str, Setting], trial: optuna.Trial | None
    ) -> Judged | None:
        """Return a model, judged; None if estimator auto has not the time for it."""
        if not self._is_auto:
            return self._judge.fit(estimator, params, None if trial is None else self._reporter(trial))
        if estimator.rounds is None and self._judge.seconds(estimator, params) > self._seconds_left():
            return None
        return self._judge.fit(estimator, params, seconds=self._seconds_left())

    def _record(self, estimator: str, params: Mapping[str, Any], value: float | None, seconds: float) -> None:
        """Add a trial; one without a value was given up."""
        self.trials.append(
            {
                "trial": len(self.trials) + 1,
                "estimator": estimator,
                "params": json.dumps(dict(params), sort_keys=True),
                "metric": self.tuning.metric,
                "value": value,
                "state": "pruned" if value is None else "complete",
                "seconds": seconds,
            }
        )

    def _keep(self, estimator: str, model: Fitted, value: float, gain: float = 0.0) -> float:
        """Keep a model if it is the best so far, and return its loss."""
        objective = OBJECTIVES[self.rows.data.spec.task][self.tuning.metric]
        loss = -value if objective.is_greater_better else value
        loss = np.inf if np.isnan(loss) else loss * (1 + gain)
        if loss < self._best_loss or self.best is None:
            self.best, self.estimator, self._best_loss = model, estimator, loss
        return loss

    def _space(self, estimator: Estimator, params: Mapping[str, Setting]) -> dict[str, Range | Choice]:
        """Return the estimator's own search space, without what is given or has no use beside it."""
        task, space = self.rows.data.spec.task, estimator.search_space
        values = {key: first(where) for key, where in space.items() if key not in params}
        useless = {misfit.setting for misfit in estimator.misfits(task, {**params, **values}, False)}
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
