"""What a model's YAML block says about tuning and the choice of an estimator."""

from __future__ import annotations

from collections.abc import Mapping

from training.declared.checked import Block
from training.declared.config_params import read_setting
from training.declared.spec import AUTO, TuningSpec
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Limits, Range, Setting
from training.tuning.objectives import OBJECTIVES

DEFAULT_TRIALS = 30
DEFAULT_BUDGET_SECONDS = 300
LARGEST_TRIALS = 100_000
LARGEST_SECONDS = 30 * 24 * 3600


def read_auto(block: Block, task: str) -> TuningSpec | None:
    """Return how long the suitable estimators are tried."""
    block.only_with("tuning", False, "has no use with estimator auto, which tunes by itself", "remove it")
    budget = block.number("time_budget_seconds", 1, LARGEST_SECONDS, default=DEFAULT_BUDGET_SECONDS)
    if task not in OBJECTIVES:
        return None
    return TuningSpec(None, float(budget), next(iter(OBJECTIVES[task])))


def read_tuning(block: Block, task: str, estimator: str, params: Mapping[str, Setting]) -> TuningSpec | None:
    """Return what is tuned, beside the params that the model has chosen, or None."""
    rule = f"is for estimator {AUTO}"
    block.only_with("time_budget_seconds", False, rule, "remove it, or use tuning: {timeout_seconds: ...}")
    tasks = ", ".join(OBJECTIVES)
    if not block.only_with("tuning", task in OBJECTIVES, f"is for the tasks {tasks}", "remove it"):
        return None
    tuning = block.block("tuning", "{trials: 30}")
    if tuning is None:
        return None
    limited = tuning.has("timeout_seconds")
    spec = TuningSpec(
        trials=int(tuning.number("trials", 1, LARGEST_TRIALS, whole=True, default=DEFAULT_TRIALS)),
        timeout_seconds=float(tuning.number("timeout_seconds", 1, LARGEST_SECONDS)) if limited else None,
        metric=tuning.choice("metric", OBJECTIVES[task], default=next(iter(OBJECTIVES[task]))),
        search=_search(tuning, task, estimator, params) if tuning.has("search") else {},
    )
    tuning.no_other_keys()
    if not spec.search and not ESTIMATORS[estimator].search_space:
        rule = f"must say where to look: estimator {estimator} has nothing that is tuned by itself"
        tuning.problem("search", rule, "none", "write search: {<setting>: [<value>, <value>]}")
    return spec


def _search(
    tuning: Block, task: str, estimator: str, params: Mapping[str, Setting]
) -> dict[str, Range | Choice]:
    search = tuning.block("search", "{num_leaves: {low: 7, high: 63}}")
    if search is None:
        return {}
    known = ESTIMATORS[estimator].params
    problems_before = len(search.problems)
    space = {name: _range(search, name, known[name]) for name in known if search.has(name)}
    search.no_other_keys()
    found = {name: where for name, where in space.items() if where is not None}
    if len(search.problems) == problems_before:
        misfits = ESTIMATORS[estimator].misfits
        told = {misfit.setting for misfit in misfits(task, params, False)}
        # The largest values are those that can be too large together.
        largest = {**params, **{name: _largest(where) for name, where in found.items()}}
        for misfit in misfits(task, largest, False):
            if misfit.setting not in told:
                search.problem(misfit.setting, misfit.rule, misfit.found, misfit.remedy)
    return found


def _largest(where: Range | Choice) -> Setting:
    return max(where.options) if isinstance(where, Choice) else where.high


def _range(search: Block, name: str, kind: object) -> Range | Choice | None:
    """Return where to look for one setting, or None after a problem."""
    if isinstance(kind, Choice) and kind.is_deciding:
        rule = "cannot be searched, as other settings hang on it"
        search.problem(name, rule, search.shown(name), "choose one value under params")
        return None
    if search.is_list(name):
        # Every value is checked as if it stood under params.
        values = search.options(name, "the values to try")
        single = [Block({name: value}, search.path, search.problems) for value in values]
        return Choice(tuple(read_setting(entry, name, kind) for entry in single))  # type: ignore[arg-type]
    if not isinstance(kind, Limits):
        search.options(name, "the values to try")
        return None
    block = search.block(name, "{low: 1, high: 10}")
    if block is None:
        return None
    found = Range(
        low=block.number("low", kind.low, kind.high, whole=kind.whole),
        high=block.number("high", kind.low, kind.high, whole=kind.whole),
        log=block.flag("log", default=False),
        whole=kind.whole,
    )
    if found.high <= found.low:
        block.problem("high", "must be above low", found.high, "write a wider range")
    if found.log and found.low <= 0:
        block.problem("low", "must be above 0 on a logarithmic scale", found.low, "raise it or remove log")
    block.no_other_keys()
    return found
