"""Errors of the decisions about a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed

ARGUMENTS = ("model", "version", "reason", "force")


class DecisionsError(WarehouseMLError):
    """A table of decisions that cannot be used."""

    @classmethod
    def unreadable(cls, table: str, reason: str) -> Self:
        """Report why DuckDB cannot read it."""
        return cls(
            f"The decisions in {table} cannot be read; DuckDB says: {reason}; restore the table from a backup, or "
            "name a version such as 'm@3'."
        )

    @classmethod
    def taken(cls, table: str, missing: Sequence[str]) -> Self:
        """Report that a relation of that name holds something else."""
        return cls(
            f"{table} is not a table of decisions: it lacks the columns {listed(missing[:5])}; rename it, or build "
            "the models in a schema of their own, for example with +schema: ml in dbt_project.yml."
        )


class ActionError(WarehouseMLError):
    """A promotion, rollback or release that changes nothing."""

    @classmethod
    def from_problems(cls, action: str, problems: Sequence[str]) -> Self:
        """Report everything that is wrong with the call."""
        return cls(f"{action} changes nothing: {' '.join(problems)}")

    @classmethod
    def pinned(cls, action: str, model: str, version: int | None) -> Self:
        """Report that the model's block decides."""
        return cls(
            f"{action} changes nothing: the block of '{model}' pins it to version {version}; remove or change pin "
            "in its YAML and run dbt build."
        )

    @classmethod
    def no_version(cls, action: str, model: str, version: int, versions: Sequence[int]) -> Self:
        """Report a version that does not exist."""
        if not versions:
            return cls(
                f"{action} changes nothing: '{model}' has no version yet; train it with dbt build first."
            )
        return cls(
            f"{action} changes nothing: '{model}' has no version {version}; its versions are "
            f"{', '.join(map(str, versions))}."
        )

    @classmethod
    def does_not_pass(cls, action: str, model: str, version: int) -> Self:
        """Report a version that its gates refuse."""
        return cls(
            f"{action} changes nothing: version {version} of '{model}' does not pass its gates (see "
            "model_gates); choose another version, or override the gates with force: true."
        )

    @classmethod
    def damaged(cls, action: str, problem: str) -> Self:
        """Report a version that could not score."""
        return cls(f"{action} changes nothing: {problem}")

    @classmethod
    def no_earlier_champion(cls, model: str, champions: Sequence[int]) -> Self:
        """Report that there is nothing to go back to."""
        had = f"version {champions[0]} only" if champions else "no champion so far"
        return cls(
            f"rollback changes nothing: '{model}' has had {had}; name the version to go back to, for example "
            f"--args '{{model: {model}, version: 1}}'."
        )


def argument_problem(name: str, value: object, rule: str) -> str:
    """Return a sentence about an argument of the wrong kind."""
    shown = "missing" if value is None else f"the text '{value}'" if isinstance(value, str) else repr(value)
    return f"{name} is {shown.lower() if isinstance(value, bool) else shown[:60]}; it must be {rule}."


def unknown_argument(name: str, arguments: Sequence[str]) -> str:
    """Return a sentence about an argument that there is not."""
    return f"{name} is not an argument; they are {', '.join(arguments)}.{hint(name, arguments)}"
