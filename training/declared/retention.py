"""The key ``retention`` of a model's block: which of its old versions lose their artifacts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from scoring.retention import Policy
from scoring.time_spans import span_of
from training.declared.feature_view import Span
from training.declared.problems import check, problem
from training.declared.schema import Part


class RetentionSpec(Part):
    """Which old versions lose their artifacts when the model is built; their rows, metrics and decisions stay."""

    keep: int | None = Field(None, ge=1, le=100000, examples=[5])
    """How many of the newest versions keep their artifacts; older ones that never scored lose them."""
    max_age: Span | None = Field(None, examples=["180 days"])
    """How old a version may grow, whether or not it scored; one of the newest that are kept may grow older."""

    @property
    def policy(self) -> Policy:
        """The policy, for `scoring.retention`."""
        return Policy(self.keep, None if self.max_age is None else span_of(self.max_age))


def _not_empty(value: RetentionSpec | None) -> RetentionSpec | None:
    if value is not None and value.keep is None and value.max_age is None:
        check(problem({}, "must have keep, max_age or both", "write retention: {keep: 5}"))
    return value


Retention = Annotated[RetentionSpec | None, AfterValidator(_not_empty)]
