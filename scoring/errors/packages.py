"""Errors of Python packages: those with raw data, with extensions, and those that train models."""

from __future__ import annotations

from typing import Self

from scoring.errors.base import WarehouseMLError, hint, listed


class PackageDataError(WarehouseMLError):
    """A raw-data file that no installed package provides."""

    @classmethod
    def no_such_package(cls, package: str) -> Self:
        """Report that the Python package is not installed."""
        return cls(
            f"Python package '{package}' is not installed: a source with this plugin reads a file that ships "
            "in an installed package; install it, or correct the source's meta key 'package'."
        )

    @classmethod
    def no_such_file(cls, package: str, file: str, files: list[str]) -> Self:
        """Report which readable files the package ships."""
        return cls(
            f"Python package '{package}' ships no file '{file}': the path is relative to the package; "
            f"found {listed(files)}; correct the source's meta key 'file'.{hint(file, files)}"
        )

    @classmethod
    def not_one_csv(cls, file: str, members: list[str]) -> Self:
        """Report that an archive does not hold exactly one CSV file."""
        return cls(
            f"Archive '{file}' must hold exactly one CSV file, but it holds {listed(members)}; "
            "name another file in the source's meta key 'file'."
        )

    @classmethod
    def unreadable(cls, package: str, file: str) -> Self:
        """Name a file that is no CSV; its contents may be personal and are not quoted."""
        return cls(
            f"File '{file}' of Python package '{package}' is not a readable CSV file: it must be UTF-8, "
            "with a header and as many values in every line; install a sound version of the package, "
            "or name another file in the source's meta key 'file'."
        )

    @classmethod
    def missing_key(cls, source: str, key: str) -> Self:
        """Report that the source's meta lacks a key."""
        return cls(
            f"Source '{source}' lacks the meta key '{key}': this plugin reads a CSV file from an installed "
            "Python package and needs 'package' and 'file'; add the key under the source's meta."
        )


class TrainingPackagesError(WarehouseMLError):
    """Something that needs the packages that train models, where they are not installed."""

    @classmethod
    def missing(cls, use: str, reason: str) -> Self:
        """Report what needs them, and what Python says."""
        return cls(
            f"{use} needs the packages that train models, but Python says: {reason}; install them with "
            "pip install 'warehouse-ml[training]'."
        )


class ExtensionError(WarehouseMLError):
    """An extension of DuckDB that no installed package holds."""

    @classmethod
    def not_installed(cls, name: str, package: str, wanted: str) -> Self:
        """Report the package to install."""
        return cls(
            f"The DuckDB extension '{name}' is missing: extensions come from Python packages, and {package} is not "
            f"installed; run pip install {package}=={wanted}, or remove the name from the plugin's extensions."
        )

    @classmethod
    def not_listed(cls, name: str, package: str, wanted: str) -> Self:
        """Report what makes an extension available that the profile or a source needs."""
        return cls(
            f"The DuckDB extension '{name}' is missing: add it to the plugin in profiles.yml, "
            f"config: {{extensions: [{name}]}}, and run pip install {package}=={wanted}."
        )

    @classmethod
    def other_version(cls, name: str, package: str, version: str, wanted: str) -> Self:
        """Report a package for another version of DuckDB."""
        return cls(
            f"The DuckDB extension '{name}' cannot be loaded: package {package} {version} is for another version than "
            f"DuckDB {wanted}, which is installed; run pip install {package}=={wanted}."
        )


class DbtPackageError(WarehouseMLError):
    """The dbt package of this distribution, which a project cannot use."""

    @classmethod
    def missing(cls, folder: str) -> Self:
        """Report where it was looked for."""
        return cls(
            f"The dbt package of warehouse-ml is missing: it belongs into {folder}, where files of the installation "
            "were removed; run pip install --force-reinstall warehouse-ml, from where it was installed."
        )

    @classmethod
    def not_a_link(cls, path: str) -> Self:
        """Report a file or folder in the place of the link."""
        return cls(
            f"{path} is not a link: warehouse-ml package puts a link to the installed dbt package there; move it away "
            "and run again."
        )
