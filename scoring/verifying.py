"""Whether a version scores on this machine as its trainer does: found through an entry point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scoring import training_packages
from scoring.loading import contents
from scoring.registry import VersionRow
from scoring.sql_forms import check_macros
from scoring.warehouse import Warehouse


@dataclass(frozen=True)
class Verified:
    """Scores that are the same.

    Parameters
    ----------
    compared_with
        What the artifact's scores were compared with.
    rows
        On how many rows.
    raw_difference
        The largest difference between raw scores.
    relative_difference, largest_allowed
        The largest relative difference between any scores, and the limit that the version was trained under.
    runtime, trained_runtime
        The version of onnxruntime here, and at training.
    """

    compared_with: str
    rows: int
    raw_difference: float
    relative_difference: float
    largest_allowed: float
    runtime: str
    trained_runtime: str


def verify(warehouse: Warehouse, row: VersionRow) -> Verified:
    """Score made-up rows with the stored artifact here, and compare.

    Raises
    ------
    scoring.errors.TrainingPackagesError
        If the packages that train are not installed here.
    scoring.errors.WarehouseMLError
        If the row is damaged, a score differs by more than the version's limit, or the champion's macros are
        not its SQL form.
    """
    compare: Callable[[Warehouse, VersionRow], Verified] = training_packages.load("verify", "verify")
    held = contents(warehouse, row)
    verified = compare(warehouse, row)
    check_macros(warehouse, row, held.sql_form)
    return verified
