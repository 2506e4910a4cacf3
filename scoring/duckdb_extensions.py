"""Extensions of DuckDB from wheels, so that their versions are locked and none is downloaded at run time."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

import duckdb

from scoring.errors import ExtensionError


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load an extension that an installed package holds.

    Parameters
    ----------
    connection
        Where to load it.
    name
        Such as ``ducklake``, which the package ``duckdb-extension-ducklake`` holds.

    Raises
    ------
    scoring.errors.ExtensionError
        If the package is not installed, or is for another version of DuckDB.
    """
    package = f"duckdb-extension-{name.replace('_', '-')}"
    try:
        installed = distribution(package)
    except PackageNotFoundError:
        raise ExtensionError.not_installed(name, package, duckdb.__version__) from None
    ending = f"v{duckdb.__version__}/{name}.duckdb_extension"
    for file in installed.files or ():
        if file.as_posix().endswith(ending):
            connection.load_extension(str(file.locate()))
            return
    raise ExtensionError.other_version(name, package, installed.version, duckdb.__version__)
