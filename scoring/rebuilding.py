"""A version's training set, built again from its row: found through an entry point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from scoring import training_packages
from scoring.registry import VersionRow
from scoring.warehouse import Warehouse


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
    scoring.errors.TrainingPackagesError
        If the packages that train are not installed here.
    scoring.errors.RebuildError
        If the rows are others: it says which input changed.
    """
    build: Callable[[Warehouse, VersionRow], Rebuilt] = training_packages.load("training_set", "training-set")
    return build(warehouse, row)
