"""Errors of a dbt project: what it compiled, and models that it renames."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, hint, listed


class CompiledProjectError(WarehouseMLError):
    """A project that cannot be trained from what dbt compiled."""

    @classmethod
    def missing(cls, path: str) -> Self:
        """Report the file that is not there."""
        return cls(f"{path} is missing: models are trained from a compiled project; run dbt compile first.")

    @classmethod
    def unreadable(cls, path: str) -> Self:
        """Report a file that is no manifest."""
        return cls(f"{path} is not a manifest of dbt: run dbt compile again, which writes it.")

    @classmethod
    def not_compiled(cls, model: str) -> Self:
        """Report a model that was parsed only."""
        return cls(f"Model '{model}' has no compiled query: the project was parsed only; run dbt compile.")

    @classmethod
    def other_database(cls, model: str, compiled_for: str, here: str) -> Self:
        """Report a warehouse of another name."""
        return cls(
            f"Model '{model}' was compiled for database '{compiled_for}', but the warehouse is '{here}': compile the "
            "project for this warehouse, or name the other with --warehouse."
        )

    @classmethod
    def no_such_model(cls, names: Sequence[str], models: Sequence[str]) -> Self:
        """Report names that no model has, and those that there are."""
        return cls(
            f"The project has no model {listed(names)} of materialization ml_model: it has {listed(models)}."
            f"{hint(names[0], models)}"
        )


class RenamingError(WarehouseMLError):
    """A model that cannot take over what is kept under its old name."""

    @classmethod
    def own_name(cls, model: str) -> Self:
        """Report that the old name is the new one."""
        return cls(
            f"ml.renamed_from of '{model}' is its own name; name what it was called before, or remove the key."
        )

    @classmethod
    def still_there(cls, model: str, old: str) -> Self:
        """Report that another model of the project has the old name."""
        return cls(
            f"ml.renamed_from of '{model}' is '{old}', which is still a model of this project: a renamed model has "
            f"no other beside it; delete the files of '{old}', or remove the key to train '{model}' anew."
        )

    @classmethod
    def twice(cls, model: str, other: str, old: str) -> Self:
        """Report that another model claims the same name."""
        return cls(
            f"ml.renamed_from is '{old}' in the blocks of '{model}' and '{other}': one model can take over its "
            "versions; remove the key from the other."
        )

    @classmethod
    def no_versions(cls, model: str, relation: str) -> Self:
        """Report that something else has the old name."""
        return cls(
            f"ml.renamed_from of '{model}' is the name of {relation}, which is not a table of versions; correct the "
            "name, or remove the key."
        )

    @classmethod
    def both(cls, model: str, relation: str) -> Self:
        """Report that both names have versions."""
        return cls(
            f"ml.renamed_from of '{model}' conflicts with its own versions: both it and {relation} have some, and two "
            f"histories cannot be one; remove the key, or drop the table of the one that is not needed."
        )
