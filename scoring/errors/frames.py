"""Errors of frames: what Python hands to a model."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class FrameError(WarehouseMLError):
    """A frame that cannot be read as named columns."""

    @classmethod
    def not_a_frame(cls, model: str, kind: str) -> Self:
        """Report the type of what is no frame."""
        return cls(
            f"Model '{model}' needs a frame with named columns, but got {kind}; pass a pandas or Polars DataFrame, an "
            "Arrow table, or another object with __arrow_c_stream__; collect a lazy frame first."
        )

    @classmethod
    def unreadable(cls, model: str, reason: str) -> Self:
        """Report what Arrow says of the columns."""
        return cls(
            f"Model '{model}' cannot read the frame as Arrow columns: {reason}; cast the columns of the features to "
            "numbers, text or timestamps."
        )
