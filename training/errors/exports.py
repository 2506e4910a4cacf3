"""Errors of a model whose scores would not be those of the library."""

from __future__ import annotations

from typing import Self

from scoring.errors import WarehouseMLError


class ExportError(WarehouseMLError):
    """A trained model that cannot be written as ONNX exactly."""

    @classmethod
    def not_exact(cls, feature: str, part: str, remedy: str) -> Self:
        """Report which part of the model has no exact form."""
        return cls(
            "The model cannot be exported: its ONNX form must give the same scores as the library, which is "
            f"not ensured for {feature}, and the model has {part}; {remedy}."
        )


class ParityError(WarehouseMLError):
    """An artifact whose scores are not those of the model it was exported from."""

    @classmethod
    def scores_differ(cls, model_name: str, where: str, differing: int, rows: int, example: str) -> Self:
        """Report on how many rows the scores differ, and show the first."""
        return cls(
            f"Model '{model_name}' is refused: its scores from {where} must equal the library's, but "
            f"differ on {differing} of {rows} rows, first {example}; this is a defect of the export, of the "
            "installed onnxruntime or, where only SQL differs, of the installed duckdb: report it with these "
            "numbers and install another version."
        )
