"""Errors of training in Spark's executors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from scoring.errors import WarehouseMLError


class DistributedError(WarehouseMLError):
    """A training in Spark's executors that did not come to its end."""

    @classmethod
    def gave_up(cls, model: str, attempts: int, reason: str) -> Self:
        """Report that tasks ended each time they were started."""
        return cls(
            f"Model '{model}' was not trained: all tasks of a training in Spark must run to their end, but "
            f"{attempts} attempts failed, the last one with: {reason}; give executors more memory if they were "
            "killed, or write distributed: false where the driver can hold the rows."
        )

    @classmethod
    def too_many_tasks(cls, model: str, tasks: int, setting: str) -> Self:
        """Report that the tasks do not fit into the cluster at once."""
        return cls(
            f"Model '{model}' was not trained: the {tasks} tasks of a training must run at the same time, but "
            f"Spark has fewer cores free; set {setting} to a smaller number in server_side_parameters, or add "
            "executors."
        )

    @classmethod
    def unknown_tasks(cls, model: str, setting: str) -> Self:
        """Report that the number of tasks is not known over Spark Connect."""
        return cls(
            f"Model '{model}' was not trained: Spark Connect does not say how many cores the cluster has; write "
            f"how many tasks are to train as {setting} in server_side_parameters, or distributed: false in the "
            "model's block."
        )

    @classmethod
    def without_rows(cls, model: str, empty: int, tasks: int) -> Self:
        """Report tasks that were given no rows."""
        return cls(
            f"Model '{model}' was not trained: every task of a training in Spark must have rows, but {empty} of "
            f"{tasks} have none; write distributed: false in the model's block, as there are few rows."
        )

    @classmethod
    def other_parts(cls, model: str, key: str, fetched: Mapping[str, int], parts: Mapping[str, int]) -> Self:
        """Report rows that are in one part of the split in Spark and in another in DuckDB."""
        return cls(
            f"Model '{model}' was not trained: Spark and DuckDB must divide rows alike, but of the fetched rows "
            f"Spark puts {dict(fetched)} and DuckDB {dict(parts)} into the parts; the text of key '{key}' differs "
            "between them, as that of fractions does: cast it to text in the query."
        )
