"""Errors of masked values."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class MaskKeyError(WarehouseMLError):
    """A key that cannot hide values. The text quotes nothing of it."""

    @classmethod
    def missing(cls, variable: str) -> Self:
        """Name the variable."""
        return cls(
            f"The environment variable {variable} is missing: mask() with method hash needs a key; set it to a long "
            "random text, and keep it, as another key gives other hashes."
        )

    @classmethod
    def short(cls, variable: str, length: int, shortest: int) -> Self:
        """Give the length of the key."""
        return cls(
            f"The environment variable {variable} has {length} characters; the key of mask() must have at least "
            f"{shortest}, as a shorter one could be tried out."
        )
