"""Extensions of DuckDB from wheels, so that their versions are locked and none is downloaded at run time."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution

import duckdb

from scoring.errors import ExtensionError

MISSING = re.compile(r"is an existing extension|Please try installing")
"""What DuckDB says where it lacks an extension, whether it would download one or not."""
NAMED = re.compile(r"(\w+)\.duckdb_extension|INSTALL (\w+)")


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
    package = _package(name)
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


def missing_extension(error: duckdb.Error) -> ExtensionError | None:
    """Return what to say where DuckDB lacks an extension; None if an error is about something else."""
    match = NAMED.search(str(error)) if MISSING.search(str(error)) else None
    if match is None:
        return None
    name = match[1] or match[2]
    return ExtensionError.not_listed(name, _package(name), duckdb.__version__)


def _package(name: str) -> str:
    return f"duckdb-extension-{name.replace('_', '-')}"
