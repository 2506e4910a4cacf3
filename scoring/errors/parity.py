"""Errors of the comparison of two targets."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class ParityError(WarehouseMLError):
    """Two targets that cannot be compared."""

    @classmethod
    def other_type(cls, target: str, kind: str) -> Self:
        """Report a target on an engine that the command does not read."""
        return cls(
            f"The target {target} is of type {kind}; parity reads targets of type duckdb and warehouse_ml_spark: name "
            "another one by --target or --other."
        )

    @classmethod
    def nothing(cls, schemas: str) -> Self:
        """Report schemas without tables."""
        return cls(
            f"The project has no tables in the schemas {schemas}: name others by --schema, or build it first, for "
            "example by --build."
        )

    @classmethod
    def not_built(cls, target: str, code: int) -> Self:
        """Report a build that failed."""
        return cls(
            f"dbt build --target {target} ended with {code}, so that nothing is compared: correct what it says, or "
            "compare without --build what is there."
        )
