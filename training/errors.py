"""Errors of training: one class per situation, its wording in class methods."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError


def _numbered(problems: Sequence[str]) -> str:
    """Return the problems, one per line when there are several."""
    return (
        problems[0]
        if len(problems) == 1
        else "".join(f"\n  {n}. {text}" for n, text in enumerate(problems, 1))
    )


class ConfigError(WarehouseMLError):
    """A model's configuration breaks its rules."""

    @classmethod
    def from_problems(cls, model_name: str, problems: Sequence[str]) -> Self:
        """Tell everything that is wrong with the block."""
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        return cls(f"Model '{model_name}' has {count} under config: meta: ml: {_numbered(problems)}")


class DatasetError(WarehouseMLError):
    """The training data breaks its rules."""

    @classmethod
    def from_problems(cls, model_name: str, problems: Sequence[str]) -> Self:
        """Tell everything that is wrong with the data."""
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        return cls(f"Model '{model_name}' has {count} in its training data: {_numbered(problems)}")


class ExportError(WarehouseMLError):
    """A trained model that cannot be written as ONNX exactly."""

    @classmethod
    def not_exact(cls, feature: str, found: str, remedy: str) -> Self:
        """Tell which part of the model has no exact form."""
        return cls(
            "The model cannot be exported: its ONNX form must give the same scores as LightGBM, which is "
            f"not ensured for {feature}, and the model has {found}; {remedy}."
        )


class ParityError(WarehouseMLError):
    """An artifact whose scores are not those of the model it was exported from."""

    @classmethod
    def scores_differ(cls, model_name: str, where: str, differing: int, rows: int, example: str) -> Self:
        """Tell on how many rows the scores differ, and show the first."""
        return cls(
            f"Model '{model_name}' is not stored: its scores from {where} must equal LightGBM's, but differ "
            f"on {differing} of {rows} rows, first {example}; this is a defect of the export or of the "
            "installed onnxruntime, so report it with these numbers and train with another onnxruntime "
            "version."
        )
