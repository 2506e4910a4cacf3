"""The key ``retrain`` of a model's block: when a build trains it anew, although only its data have changed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, ValidationInfo

from scoring.time_spans import span_of
from training.declared.feature_view import Span
from training.declared.problems import check, choice, problem
from training.declared.schema import Part, options
from training.evaluation.metrics import DIRECTION, METRICS

NEVER = "never"
REASONS = ("max_age", "drift", "performance", "new_rows")


class Performance(Part):
    """What a live metric of the champion must be: a metric and one limit."""

    metric: str = Field(examples=["log_loss"], json_schema_extra=options(DIRECTION))
    """The metric, which a monitor of the model measures."""
    min: float | None = Field(None, examples=[0.7])
    """The value below which the model is trained."""
    max: float | None = Field(None, examples=[0.5])
    """The value above which the model is trained."""


class RetrainPolicy(Part):
    """When a build trains a model anew on data that have changed: each key is a reason that suffices."""

    max_age: Span | None = Field(None, examples=["30 days"])
    """How old the newest version may grow."""
    drift: int | None = Field(None, ge=1, le=100000, examples=[3])
    """How many features, the prediction among them, must have the verdict drift against the training rows."""
    performance: Performance | None = Field(None, examples=[{"metric": "log_loss", "max": 0.5}])
    """What the latest live metric of the champion must be."""
    new_rows: int | None = Field(None, ge=1, le=10**12, examples=[10000])
    """How many rows there must be that the newest version did not see."""

    @property
    def has_reasons(self) -> bool:
        """Whether there is one; never has none."""
        return any(getattr(self, name) is not None for name in REASONS)

    @property
    def oldest(self) -> timedelta | None:
        """How old the newest version may grow."""
        return None if self.max_age is None else span_of(self.max_age)


def _policy(value: object, info: ValidationInfo) -> RetrainPolicy | None:
    """Return a policy, one without a reason for never, or raise what is wrong with it."""
    if value is None or value == NEVER:
        return None if value is None else RetrainPolicy()
    if not isinstance(value, Mapping):
        check(problem(value, f"must be {NEVER} or a mapping of {', '.join(REASONS)}"))
    policy = RetrainPolicy.model_validate(value)
    if not policy.has_reasons:
        check(problem(value, f"must have one of {', '.join(REASONS)}", f"write one, or retrain: {NEVER}"))
    if (live := policy.performance) is not None:
        task = info.data.get("task")
        if task:
            check(*choice(live.metric, METRICS[task], at=("performance", "metric")))
        if (live.min is None) == (live.max is None):
            shown = live.model_dump(exclude_unset=True)
            check(problem(shown, "must have either min or max", "write one of them", at=("performance",)))
    return policy


Retrain = Annotated[
    RetrainPolicy | None, PlainValidator(_policy, json_schema_input_type=Literal["never"] | RetrainPolicy)
]


def policy_of(config: Mapping[str, Any] | None) -> RetrainPolicy | None:
    """Return the policy of a block that is right; None without one."""
    written = (config or {}).get("retrain")
    return RetrainPolicy.model_validate({} if written == NEVER else written) if written else None
