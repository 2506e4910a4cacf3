"""Errors of looking a model up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class ModelReferenceError(WarehouseMLError):
    """A model argument that names no version in any accepted form."""

    @classmethod
    def malformed(cls, reference: str) -> Self:
        """Report that the reference has none of the accepted forms."""
        name, _, selector = reference.partition("@")
        forms = [f"{name}@{alias}" for alias in ("champion", "challenger")]
        return cls(
            f"Model reference '{reference}' is not valid: a model is named as 'm' or 'm@champion' (the "
            "champion), 'm@challenger' (the newest version) or 'm@3' (version 3); write it in one of these "
            f"forms.{hint(reference, forms) if selector else ''}"
        )

    @classmethod
    def not_text(cls, kind: object) -> Self:
        """Report that the model argument is not text."""
        return cls(
            f"The model argument must be text such as 'm' or 'm@3', but its type is {kind}; "
            "put the model first and the row second, as in ml_predict('m', t)."
        )


class UnknownModelError(WarehouseMLError):
    """A model that the warehouse does not hold."""

    @classmethod
    def among(cls, model_name: str, names: Iterable[str]) -> Self:
        """Report which models the warehouse holds."""
        names = list(names)
        return cls(
            f"Model '{model_name}' is not in this warehouse; its models are: {listed(names)}; correct the name or "
            f"build the model with dbt.{hint(model_name, names)}"
        )


class AmbiguousModelError(WarehouseMLError):
    """A model's name that stands for several."""

    @classmethod
    def among(cls, model_name: str, relations: Iterable[str]) -> Self:
        """Report the schemas that have a model of the name."""
        relations = list(relations)
        schema = relations[0].partition(".")[0]
        return cls(
            f"Model '{model_name}' is in several schemas: {listed(relations)}; name one of these, for example "
            f"'{relations[0]}', or open the warehouse with scoring.connect(path, schema='{schema}')."
        )


class UnknownVersionError(WarehouseMLError):
    """A version that a model does not have."""

    @classmethod
    def among(cls, model_name: str, version: int | None, numbers: Iterable[int]) -> Self:
        """Report which versions the model has."""
        wanted = f"no version {version}" if version is not None else "no version yet"
        versions = ", ".join(str(number) for number in numbers) or "none"
        return cls(
            f"Model '{model_name}' has {wanted}; its versions are: {versions}; name one of these or build the "
            "model with dbt."
        )


class NoChampionError(WarehouseMLError):
    """A model without a version that may score."""

    @classmethod
    def among(cls, model_name: str, versions: Iterable[int]) -> Self:
        """Report that no version may score, and where to see why."""
        listing = ", ".join(str(number) for number in versions) or "none"
        return cls(
            f"Model '{model_name}' has no champion: none of its versions ({listing}) may score; the last row of "
            f"the table decisions says why; name a version such as '{model_name}@challenger' to use it all the same."
        )
