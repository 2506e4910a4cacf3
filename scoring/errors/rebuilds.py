"""Errors of building a training set again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors.base import WarehouseMLError, listed


class RebuildError(WarehouseMLError):
    """A training set that cannot be built again."""

    @classmethod
    def not_kept(cls, model: str, reason: str) -> Self:
        """Report why the version does not hold its query."""
        return cls(
            f"The training set of '{model}' cannot be built again, as its version holds no query: {reason}."
        )

    @classmethod
    def inputs_changed(cls, model: str, raw: Sequence[str], models: Sequence[str], reason: str) -> Self:
        """Report which raw tables no longer give what they gave, and the models in which that shows."""
        shown = f" (it shows in {listed(models)})" if models else ""
        return cls(
            f"The training set of '{model}' cannot be built again: what was known by its cutoff must still "
            f"be in the raw tables as it was, but {listed(raw)} has changed{shown}; {reason}; put the old "
            "rows back, and load corrections as rows that become known later."
        )

    @classmethod
    def models_differ(cls, model: str, models: Sequence[str], reason: str, trained: str, here: str) -> Self:
        """Report which models give other rows although no raw table has changed."""
        return cls(
            f"The training set of '{model}' cannot be built again: its query must give the same rows on the "
            f"same raw tables, but {listed(models)} gives others; {reason}; trained with DuckDB {trained}, "
            f"here {here}: use that version, or make the model's order, ties and sums the same on every run."
        )
