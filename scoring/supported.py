"""The platforms and libraries that warehouse-ml runs on; others are rejected by name when it is imported."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

SUPPORTED = {
    "duckdb": ("1.5", "Arrow functions, files and extensions differ between versions"),
    "dbt-core": (
        "1.11",
        "1.12 downloads from outside the package index, and 2 runs no Python model on DuckDB",
    ),
    "dbt-duckdb": ("1.11", "it is the release for dbt-core 1.11"),
}
"""The first two numbers of the version of each library, and why others are rejected."""
SUPPORTED_ON_SPARK = {
    "dbt-spark": ("1.11", "it is the release for dbt-core 1.11"),
    "pyspark": ("4.3", "what SQL means and how Arrow functions are called differ between versions"),
}
"""The same of libraries that matter where a session of Spark is opened; another use of them is not ours to judge."""


def check_platform() -> None:
    """Reject Windows.

    Raises
    ------
    ImportError
        On Windows: files are locked and memory is measured by what only Unix has.
    """
    if sys.platform == "win32":
        raise ImportError(
            "warehouse-ml runs on Linux and macOS; on Windows install it in the Windows Subsystem for Linux."
        )


def check_versions(supported: Mapping[str, tuple[str, str]] = SUPPORTED) -> None:
    """Reject a library that is installed in a version that is not supported.

    Parameters
    ----------
    supported
        The libraries to check.

    Raises
    ------
    ImportError
        With the version that is installed, and the one to install.
    """
    for library, (series, reason) in supported.items():
        try:
            installed = version(library)
        except PackageNotFoundError:  # a host that only scores has no dbt
            continue
        if installed.split(".")[:2] != series.split("."):
            raise ImportError(
                f"warehouse-ml supports {library} {series}, but {installed} is installed: {reason}; "
                f"install it with pip install '{library}=={series}.*'."
            )
