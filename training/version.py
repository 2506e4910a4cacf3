"""What a version records of the program that trained it."""

from __future__ import annotations

import platform
import resource
import sys
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from scoring.version import Version
from training.evaluation.metric_macros import folder

DISTRIBUTION = "warehouse-ml"
PACKAGES = ("scoring", "training")
LIBRARIES = ("duckdb", "lightgbm", "numpy", "onnx", "onnxruntime", "pyarrow", "scikit-learn")


def new_version(**values: Any) -> Version:
    """Return a version made here and now; its code, libraries, memory and time of creation are filled in.

    Parameters
    ----------
    **values
        The other fields of `scoring.version.Version`.
    """
    return Version(
        created_at=datetime.now(UTC).replace(tzinfo=None),
        library_versions=library_versions(),
        peak_memory_bytes=peak_memory_bytes(),
        **{"code_version": code_version(), **values},
    )


@cache
def code_version() -> str:
    """Return the release and the first digits of a SHA-256 over both packages and the SQL of the metrics."""
    root = Path(__file__).parents[1]
    sources = sorted(path for package in PACKAGES for path in (root / package).rglob("*.py"))
    digest = sha256()
    # The SQL lies in another folder of a wheel than of a checkout, and is the same.
    for path in (*sources, *sorted(folder().glob("*.sql"))):
        place = path.relative_to(root) if path in sources else path.name
        digest.update(f"{place}\n".encode())
        digest.update(path.read_bytes())
    return f"{_release()}+{digest.hexdigest()[:12]}"


def _release() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:  # a checkout that runs without being installed; the digest tells its code
        return "unreleased"


@cache
def library_versions() -> tuple[dict[str, str], ...]:
    """Return the versions of Python and of every library that takes part in training and scoring."""
    return (
        {"name": "python", "version": platform.python_version()},
        *({"name": name, "version": version(name)} for name in LIBRARIES),
    )


def peak_memory_bytes() -> int:
    """Return the largest amount of memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
