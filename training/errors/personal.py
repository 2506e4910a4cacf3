"""Errors of personal data where none may be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, hint, listed

MOST_COLUMNS = 10
"""How many columns an error describes."""


class PersonalDataError(WarehouseMLError):
    """Personal data where none may be unless it is allowed by name."""

    @classmethod
    def not_allowed(
        cls,
        kind: str,
        name: str,
        columns: Sequence[tuple[str, Sequence[str], str]],
        *,
        unnameable: str,
    ) -> Self:
        """Report the columns, each with the way it took and how its values came; `unnameable` is not a name."""
        shown = ", ".join(
            f"{column} ({_way(path)}{'' if how in ('marked', 'copied') else f', {how}'})"
            for column, path, how in columns[:MOST_COLUMNS]
        )
        more = f" and {len(columns) - MOST_COLUMNS} more" if len(columns) > MOST_COLUMNS else ""
        names = ", ".join([column for column, *_ in columns if column != unnameable][:MOST_COLUMNS] or ["…"])
        return cls(
            f"{kind} '{name}' must hold no personal data that is not allowed by name, but has {shown}{more}: leave "
            f"{'it' if len(columns) == 1 else 'them'} out, mask with mask(), allow by name with "
            f"allow_pii: [{names}] in the block or, where no personal value is left in a column, mark it "
            "meta: {pii: false}."
        )

    @classmethod
    def unknown_column(cls, kind: str, name: str, missing: Sequence[str], existing: Sequence[str]) -> Self:
        """Report names that no column has, so that they allow nothing."""
        return cls(
            f"{kind} '{name}' allows personal data by allow_pii in {listed(missing)}, which its query does not give: "
            f"its columns are {listed(existing)}; correct or remove the name.{hint(missing[0], existing)}"
        )

    @classmethod
    def not_checked(cls, name: str, reason: str) -> Self:
        """Report that nothing is known of what a model's query reads."""
        return cls(f"Training set of model '{name}' cannot be checked for personal data: {reason}.")

    @classmethod
    def not_followed(cls, kind: str, name: str, inputs: Sequence[str], language: str) -> Self:
        """Report the personal columns that are read by what cannot be followed."""
        what = "Python file" if language == "python" else "query"
        names = ", ".join(column.rpartition(".")[2] for column in inputs)
        return cls(
            f"{kind} '{name}' must hold no personal data that is not allowed by name, and what its {what} makes of "
            f"{listed(inputs)} cannot be followed: read a model that leaves it out or masks it with mask(), or allow "
            f"it by name with allow_pii: [{names}] in the block."
        )


def _way(path: Sequence[str]) -> str:
    return " → ".join(path if len(path) == 1 else path[:-1])
