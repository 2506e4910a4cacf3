"""What a model's block says about tuning and the choice of an estimator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from training.declared.schema import Name, Part, Problems
from training.declared.settings import Bounds, read_search
from training.estimators import ESTIMATORS
from training.estimators.base import Choice, Range, Setting
from training.tuning.objectives import OBJECTIVES

AUTO = "auto"
"""The name that asks for the best of the suitable estimators."""
DEFAULT_BUDGET_SECONDS = 300
LARGEST_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True)
class TuningSpec:
    """How settings are searched for.

    Parameters
    ----------
    trials
        Largest number of trials; None for as many as the time allows.
    timeout_seconds
        Time after which no trial begins; None for no limit.
    metric
        What is made best on the validation rows.
    search
        Where to look for each setting; empty for the estimator's own search space.
    """

    trials: int | None
    timeout_seconds: float | None
    metric: str
    search: Mapping[str, Range | Choice] = field(default_factory=dict)


def _as_written(value: object) -> object:
    return value


class TuningBlock(Part):
    """How Optuna searches for settings on the validation rows."""

    trials: int = Field(30, ge=1, le=100000, examples=[50])
    """The most trials."""
    timeout_seconds: float | None = Field(None, ge=1, le=LARGEST_SECONDS, examples=[600])
    """The time after which no trial begins; no limit unless set."""
    metric: Name | None = Field(
        None,
        examples=["log_loss"],
        json_schema_extra={"enum": [*dict.fromkeys(name for names in OBJECTIVES.values() for name in names)]},
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
    return TuningSpec(None, float(budget or DEFAULT_BUDGET_SECONDS), next(iter(OBJECTIVES[task])))


def tuned(
    block: TuningBlock, task: str, estimator: str, params: Mapping[str, Setting] | None, *, is_trained: bool
) -> TuningSpec:
    """Return what is tuned, beside the params that the model has chosen, None if those are wrong.

    Raises
    ------
    pydantic.ValidationError
        If it does not suit the task or the estimator.
    """
    problems, metric = Problems(), block.metric or next(iter(OBJECTIVES[task]))
    problems.choice("metric", metric, OBJECTIVES[task])
    search: Mapping[str, Range | Choice] = dict(block.search)
    if not is_trained:
        if not search and not ESTIMATORS[estimator].search_space:
            rule = f"must name what to tune, as estimator {estimator} has no search space of its own"
            problems.add("search", {}, rule, "write search: {<setting>: [<value>, <value>]}")
        with problems.collected("search"):
            search = read_search(block.search, task, estimator, params)
    problems.raise_all()
    return TuningSpec(block.trials, block.timeout_seconds, metric, search)
