"""The platforms and libraries that warehouse-ml runs on; others are rejected by name when it is imported."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

SUPPORTED = {
    "duckdb": ("1.5", "Arrow functions, files and extensions differ between versions"),
    "dbt-core": (
        "1.11",
        "1.12 downloads from outside the package index, and 2 runs no Python model on DuckDB",
    ),
    "dbt-duckdb": ("1.11", "it is the release for dbt-core 1.11"),
    "dbt-spark": ("1.11", "it is the release for dbt-core 1.11"),
    "pyspark": ("4.3", "what SQL means and how Arrow functions are called differ between versions"),
}
"""The first two numbers of the version of each library, and why others are rejected."""


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


def check_versions() -> None:
    """Reject a library that is installed in a version that is not supported.

    Raises
    ------
    ImportError
        With the version that is installed, and the one to install.
    """
    for library, (series, reason) in SUPPORTED.items():
        try:
            installed = version(library)
        except PackageNotFoundError:  # a host that only scores has no dbt
            continue
        if installed.split(".")[:2] != series.split("."):
            raise ImportError(
                f"warehouse-ml supports {library} {series}, but {installed} is installed: {reason}; "
                f"install it with pip install '{library}=={series}.*'."
            )
