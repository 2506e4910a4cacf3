"""Errors of an artifact."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError

LONGEST_NAME = 60
"""Characters of a name that comes out of the bytes."""


class ArtifactError(WarehouseMLError):
    """Artifact bytes that must not be loaded."""

    @classmethod
    def too_large(cls, model: str, size: int, largest: int) -> Self:
        """Report that the bytes are more than may be loaded."""
        return cls(
            f"The artifact of '{model}' is refused: it may have {largest:,} bytes at most but has {size:,}; "
            "train a smaller model, with fewer or smaller trees or layers."
        )

    @classmethod
    def digest_differs(cls, model: str, stored: str, actual: str) -> Self:
        """Report that the bytes are not those the version was registered with."""
        return cls(
            f"The artifact of '{model}' is refused: its bytes must match the SHA-256 in its row, {stored}, "
            f"but theirs is {actual}; the row was altered after training, so restore it from a backup or "
            "train a new version."
        )

    @classmethod
    def foreign_domain(cls, model: str, verb: str, domain: str) -> Self:
        """Report operators from outside the ONNX standard, and whether the model imports or uses them."""
        return cls(
            f"The artifact of '{model}' is refused: only the ONNX operator domains '' and 'ai.onnx.ml' are "
            f"allowed, but it {verb} '{domain[:LONGEST_NAME]}'; export the model with standard "
            "operators."
        )

    @classmethod
    def own_functions(cls, model: str) -> Self:
        """Report that the model file defines functions of its own."""
        return cls(
            f"The artifact of '{model}' is refused: it may hold one plain graph, but it defines functions or "
            "training graphs of its own; export the model with standard operators only."
        )

    @classmethod
    def unreadable(cls, model: str, reason: str) -> Self:
        """Report that the bytes are no ONNX model that the runtime can open."""
        return cls(
            f"The artifact of '{model}' cannot be opened: it must be a self-contained ONNX model, but "
            f"{reason}; check the installed onnxruntime or train a new version."
        )

    @classmethod
    def external_data(cls, model: str) -> Self:
        """Report tensors that lie in another file."""
        return cls(
            f"The artifact of '{model}' is refused: it must be a self-contained ONNX model, but it refers to "
            "data in another file; save the model with its data inside, for example "
            "onnx.save(model, path, save_as_external_data=False)."
        )

    @classmethod
    def other_signature(cls, model: str, wanted: str, actual: str) -> Self:
        """Report an artifact that does not go with the signature beside it."""
        return cls(
            f"The artifact of '{model}' is refused: its signature needs {wanted}, but the artifact "
            f"has {actual}; it belongs to another version, so restore the row from a backup or train it anew."
        )

    @classmethod
    def not_run(cls, model: str, reason: str) -> Self:
        """Report what the runtime says of a run."""
        return cls(
            f"The artifact of '{model}' cannot be run: onnxruntime says: {reason}; check the installed "
            "onnxruntime or train a new version."
        )

    @classmethod
    def no_rows(cls, model: str, output: str) -> Self:
        """Report an output that is no tensor with a row per row."""
        return cls(
            f"The artifact of '{model}' is refused: its output '{output[:LONGEST_NAME]}' must be a tensor "
            "with one row for each row that goes in; export the model with such an output."
        )

    @classmethod
    def rows_differ(cls, model: str, output: str, rows_in: int, rows_out: int) -> Self:
        """Report an output with another number of rows."""
        return cls(
            f"The artifact of '{model}' is refused: its output '{output[:LONGEST_NAME]}' must have one row "
            f"for each row that goes in, but has {rows_out:,} for {rows_in:,}; export a dynamic batch axis."
        )
