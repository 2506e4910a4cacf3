"""Errors of verifying a version."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class VerificationError(WarehouseMLError):
    """A version whose scores cannot be compared."""

    @classmethod
    def macro_replaced(cls, model: str, macro: str) -> Self:
        """Report a macro that is not the SQL form of the champion."""
        return cls(
            f"The macro {macro} does not score as '{model}': it must be the SQL form of the champion, which "
            "dbt writes, but it was replaced by another; run dbt build, which writes it again."
        )

    @classmethod
    def native_model(cls, model: str, reason: str) -> Self:
        """Report a model text that cannot be read."""
        return cls(
            f"Model '{model}' cannot be verified: column native_model of its row is damaged: {reason}; "
            "restore the row from a backup or train a new version."
        )

    @classmethod
    def no_reference(cls, model: str, reason: str) -> Self:
        """Report that there is nothing to compare with."""
        return cls(
            f"Model '{model}' cannot be verified: its scores are compared with those of ONNX's reference "
            f"implementation, but that cannot run it: {reason}; its SHA-256 is that of its row."
        )
