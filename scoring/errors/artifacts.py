"""Errors of an artifact."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError


class ArtifactError(WarehouseMLError):
    """Artifact bytes that must not be loaded."""

    @classmethod
    def too_large(cls, model: str, found: int, largest: int) -> Self:
        """Tell that the bytes are more than may be loaded."""
        return cls(
            f"The artifact of '{model}' is refused: it may have {largest:,} bytes at most but has {found:,}; "
            "train a smaller model, with fewer or smaller trees or layers."
        )

    @classmethod
    def digest_differs(cls, model: str, stored: str, found: str) -> Self:
        """Tell that the bytes are not those the version was registered with."""
        return cls(
            f"The artifact of '{model}' is refused: its bytes must match the SHA-256 in its row, {stored}, "
            f"but theirs is {found}; the row was altered after training, so restore it from a backup or "
            "train a new version."
        )

    @classmethod
    def foreign_domain(cls, model: str, domain: str) -> Self:
        """Tell that the graph imports operators from outside the ONNX standard."""
        return cls(
            f"The artifact of '{model}' is refused: only the ONNX operator domains '' and 'ai.onnx.ml' are "
            f"allowed, but it imports '{domain}'; export the model with standard operators."
        )

    @classmethod
    def own_functions(cls, model: str) -> Self:
        """Tell that the model file defines functions of its own."""
        return cls(
            f"The artifact of '{model}' is refused: it may hold one plain graph, but it defines functions or "
            "training graphs of its own; export the model with standard operators only."
        )

    @classmethod
    def unreadable(cls, model: str, reason: str) -> Self:
        """Tell that the bytes are no ONNX model that the runtime can open."""
        return cls(
            f"The artifact of '{model}' cannot be opened: it must be a self-contained ONNX model, but "
            f"{reason}; check the installed onnxruntime or train a new version."
        )
