"""A version's training set, built again from its row: found through an entry point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import entry_points

from scoring.errors import RebuildError
from scoring.registry import VersionRow
from scoring.warehouse import Warehouse

GROUP, NAME = "warehouse_ml.rebuilders", "training_set"
"""The entry point: takes a warehouse and a version row."""


@dataclass(frozen=True)
class Rebuilt:
    """A training set that has the fingerprint of its version.

    Parameters
    ----------
    table
        The temporary table, on the connection, that holds the rows.
    rows
        How many there are.
    cutoff
        What became known later is not seen; None where nothing that was read says when it became known.
    fingerprint
        That of the rows, and of the version.
    """

    table: str
    rows: int
    cutoff: datetime | None
    fingerprint: str


def rebuild(warehouse: Warehouse, row: VersionRow) -> Rebuilt:
    """Run a version's training query again, as of its cutoff, and compare the rows with its fingerprint.

    Raises
    ------
    scoring.errors.RebuildError
        If the packages that train are not installed here, or the rows are others: it says which input
        changed.
    """
    found = entry_points(group=GROUP, name=NAME)
    try:
        if not found:
            raise ImportError(f"no entry point {NAME} in {GROUP}")
        build: Callable[[Warehouse, VersionRow], Rebuilt] = found[NAME].load()
    except (ImportError, OSError) as error:  # OSError: a library that a package itself needs
        raise RebuildError.packages_missing(row.name, str(error)) from error
    return build(warehouse, row)
