"""Errors of a version's row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

from scoring.errors.base import WarehouseMLError

LONGEST_VALUE = 40


class VersionRowError(WarehouseMLError):
    """A version row that is not as training wrote it."""

    @classmethod
    def wrong(cls, model: str, version: object, column: str, value: object, rule: str) -> Self:
        """Report a value that training never writes."""
        shown = "null" if value is None else _shortened(value)
        return cls._damaged(model, version, f"column {column} is {shown}; it must be {rule}")

    @classmethod
    def null(cls, model: str, version: object, column: str) -> Self:
        """Report a column that is never null."""
        return cls._damaged(model, version, f"column {column} is null")

    @classmethod
    def altered(cls, model: str, version: int, columns: str, stored: str, actual: str) -> Self:
        """Report that what decides the scores is not what was trained."""
        return cls._damaged(
            model,
            version,
            f"one of the columns {columns} was altered after training: column scoring_sha256 is {stored}, "
            f"but their SHA-256 is {actual}",
        )

    @classmethod
    def duplicated(cls, model: str, version: int, rows: int) -> Self:
        """Report that a version number stands for several rows."""
        return cls(
            f"Version {version} of '{model}' is ambiguous: column version of ml.{model} must be unique, but "
            f"{rows} rows have {version}; delete the rows that training did not write, or restore the table "
            "from a backup."
        )

    @classmethod
    def unreadable(cls, model: str, version: object, reason: str) -> Self:
        """Report that DuckDB cannot read the row."""
        return cls._damaged(model, version, f"DuckDB says: {reason}")

    @classmethod
    def _damaged(cls, model: str, version: object, what: str) -> Self:
        return cls(
            f"Version {'unknown' if version is None else version} of '{model}' is damaged: {what}; restore "
            f"the row of ml.{model} from a backup, or train a new version with "
            f"dbt build --full-refresh --select {model}."
        )


class PrunedVersionError(WarehouseMLError):
    """A version whose artifact was removed."""

    @classmethod
    def gone(
        cls, model: str, version: int, pruned_at: datetime, pruned_by: str | None, left: Iterable[int]
    ) -> Self:
        """Report when and by whom, and which versions have theirs."""
        return cls(
            f"Version {version} of '{model}' can no longer score: its artifact was removed on "
            f"{pruned_at:%Y-%m-%d %H:%M:%S} by {pruned_by or 'an unknown user'}, and only its row, metrics and "
            f"decisions stay; name a version that has its artifact ({', '.join(map(str, left)) or 'none'}), or take "
            "this one from a backup of the warehouse."
        )


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
