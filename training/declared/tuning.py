"""What a model's block says about tuning and the choice of an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from training.declared.problems import Broken, check, choice, problem
from training.declared.schema import Part, options
from training.declared.settings import Bounds, read_search
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Range, Setting
from training.tuning.objectives import OBJECTIVES

AUTO = "auto"
"""The name that asks for the best of the suitable estimators."""
DEFAULT_BUDGET_SECONDS = 300
LARGEST_SECONDS = 30 * 24 * 3600


def _as_written(value: object) -> object:
    return value


class TuningSpec(Part):
    """How Optuna searches for settings on the validation rows."""

    trials: int | None = Field(30, ge=1, le=100000, examples=[50])
    """The most trials."""
    timeout_seconds: float | None = Field(None, ge=1, le=LARGEST_SECONDS, examples=[600])
    """The time after which no trial begins; no limit unless set."""
    metric: str = Field(
        "", examples=["log_loss"], json_schema_extra=options(dict.fromkeys(chain(*OBJECTIVES.values())))
    )
    """What is made best on the validation rows; the first of the task's metrics unless set."""
    search: Annotated[
        dict[str, Any],
        BeforeValidator(_as_written, json_schema_input_type=dict[str, list[Any] | Bounds[float]]),
    ] = Field({}, examples=[{"num_leaves": {"low": 7, "high": 63}, "extra_trees": [True, False]}])
    """Where to look for each of the estimator's settings: a list of values, or bounds; the estimator's own
    search space unless set."""


def automatic(task: str, budget: float | None) -> TuningSpec:
    """Return how long the suitable estimators are tried."""
    seconds = float(budget or DEFAULT_BUDGET_SECONDS)
    return TuningSpec(trials=None, timeout_seconds=seconds, metric=next(iter(OBJECTIVES[task])))


def tuned(
    block: TuningSpec, task: str, estimator: str, params: Mapping[str, Setting] | None, *, is_trained: bool
) -> TuningSpec:
    """Return what is tuned beside the params, None if those are wrong, or raise what is wrong."""
    metric, problems = block.metric or next(iter(OBJECTIVES[task])), []
    search: Mapping[str, Range | Choice] = block.search
    problems += choice(metric, OBJECTIVES[task], at=("metric",))
    if not is_trained:
        if not search and not ESTIMATORS[estimator].search_space:
            rule = f"must name what to tune, as estimator {estimator} has no search space of its own"
            problems.append(
                problem({}, rule, "write search: {<setting>: [<value>, <value>]}", at=("search",))
            )
        try:
            search = read_search(block.search, task, estimator, params)
        except Broken as broken:
            problems += [(("search", *place), text) for place, text in broken.problems]
    check(*problems)
    return block.model_copy(update={"metric": metric, "search": search})
