"""Errors of looking a model up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class ModelReferenceError(WarehouseMLError):
    """A model argument that names no version in any accepted form."""

    @classmethod
    def malformed(cls, reference: str) -> Self:
        """Tell that the reference has none of the accepted forms."""
        name, _, selector = reference.partition("@")
        forms = [f"{name}@{known}" for known in ("champion", "challenger")]
        return cls(
            f"Model reference '{reference}' is not valid: a model is named as 'm' or 'm@champion' (the "
            "champion), 'm@challenger' (the newest version) or 'm@3' (version 3); write it in one of these "
            f"forms.{hint(reference, forms) if selector else ''}"
        )

    @classmethod
    def not_text(cls, found: object) -> Self:
        """Tell that the model argument is not text."""
        return cls(
            f"The model argument must be text such as 'm' or 'm@3', but its type is {found}; "
            "put the model first and the row second, as in ml_predict('m', t)."
        )


class UnknownModelError(WarehouseMLError):
    """A model that the warehouse does not hold."""

    @classmethod
    def among(cls, model_name: str, known: Iterable[str]) -> Self:
        """Tell which models the warehouse holds."""
        known = list(known)
        return cls(
            f"Model '{model_name}' is not in this warehouse: a model is known by its table in schema ml; "
            f"found {listed(known)}; correct the name or build the model with dbt.{hint(model_name, known)}"
        )


class UnknownVersionError(WarehouseMLError):
    """A version that a model does not have."""

    @classmethod
    def among(cls, model_name: str, version: int | None, known: Iterable[int]) -> Self:
        """Tell which versions the model has."""
        wanted = f"no version {version}" if version is not None else "no version yet"
        versions = ", ".join(str(number) for number in known) or "none"
        return cls(
            f"Model '{model_name}' has {wanted}: a version is a row of ml.{model_name}; "
            f"found versions {versions}; ask for one of these or build the model with dbt."
        )


class NoChampionError(WarehouseMLError):
    """A model without a version that may score."""

    @classmethod
    def among(cls, model_name: str, versions: Iterable[int]) -> Self:
        """Tell that no version passed its gates and where to see why."""
        listing = ", ".join(str(number) for number in versions) or "none"
        return cls(
            f"Model '{model_name}' has no champion: ml.champions names a version only once it has passed all "
            f"its gates; found versions {listing}; look at ml.gate_failures for the reasons, or name a "
            f"version such as '{model_name}@challenger'."
        )


class ChampionsError(WarehouseMLError):
    """A view of champions that cannot be read."""

    @classmethod
    def unreadable(cls, reason: str) -> Self:
        """Tell why the view fails."""
        return cls(
            "The champions cannot be looked up: ml.champions must be a view or table that this connection "
            f"can read, but DuckDB says: {reason}; a view that dbt built holds the name of its database, so "
            "open the file under its own name, or name a version such as 'm@3'."
        )
