"""Errors of a project that `warehouse-ml init` and `add-model` write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class ProjectError(WarehouseMLError):
    """A project that cannot be written, or is none."""

    @classmethod
    def exists(cls, folder: str, files: Sequence[str]) -> Self:
        """Report the files that are in the way."""
        return cls(
            f"{folder} has {listed(files)} already, and nothing was written: name another folder, or another "
            "model by --name."
        )

    @classmethod
    def not_a_folder(cls, path: str) -> Self:
        """Report a file in the place of a folder."""
        return cls(f"{path} is not a folder: name another one.")

    @classmethod
    def no_project(cls, folder: str) -> Self:
        """Report a folder without a project."""
        return cls(
            f"{folder} is no dbt project: it has no dbt_project.yml; run in the project's folder, name it by "
            "--project-dir, or make one with warehouse-ml init."
        )

    @classmethod
    def bad_name(cls, name: str) -> Self:
        """Report a name that a model cannot have."""
        return cls(
            f"--name {name} is no name for a model: it must begin with a lower-case letter of a to z, and have such "
            "letters, digits and single underscores only."
        )

    @classmethod
    def name_taken(cls, name: str, path: str) -> Self:
        """Report a node of the same name."""
        return cls(f"The name {name} is taken by {path}: choose another by --name.")

    @classmethod
    def no_such_relation(cls, name: str, names: Sequence[str]) -> Self:
        """Report a name that is neither a file nor a relation of the project."""
        return cls(
            f"{name} is neither a CSV file nor a model, seed or source of the project, which has {listed(names)}: "
            "correct it, or declare a file of another kind as a source."
            f"{hint(name, names)}"
        )

    @classmethod
    def not_built(cls, name: str, relation: str) -> Self:
        """Report a relation that the warehouse does not have yet."""
        return cls(f"{relation} is not in the warehouse: build it first, with dbt build --select +{name}.")

    @classmethod
    def not_installed(cls, folder: str) -> Self:
        """Report a project that does not have the package."""
        return cls(
            f"{folder} does not have the dbt package warehouse_ml: add it to packages.yml, as "
            "docs/your_own_project.md says, "
            "and run dbt deps; warehouse-ml doctor checks it."
        )

    @classmethod
    def not_parsed(cls, reason: str) -> Self:
        """Give why dbt cannot read the project."""
        return cls(f"dbt cannot parse the project: {reason}; correct it and run again.")

    @classmethod
    def bad_profile(cls, reason: str) -> Self:
        """Give why dbt cannot read the profile."""
        return cls(
            f"dbt cannot read the profile: {reason}; correct profiles.yml, and check it with dbt debug."
        )

    @classmethod
    def without_dbt(cls, reason: str) -> Self:
        """Report that dbt is missing."""
        return cls(
            f"A project needs dbt, but Python says: {reason}; install it with pip install 'warehouse-ml[dbt,training]'."
        )
