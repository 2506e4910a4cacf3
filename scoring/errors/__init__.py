"""Every error a user can meet: one class per situation, its wording in class methods."""

from scoring.errors.artifacts import ArtifactError
from scoring.errors.base import WarehouseMLError, hint, listed
from scoring.errors.explanations import ExplanationError
from scoring.errors.models import (
    ChampionsError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
)
from scoring.errors.packages import PackageDataError
from scoring.errors.rows import RowError, TaskError
from scoring.errors.warehouses import ConnectionGoneError, LockedWarehouseError

__all__ = [
    "ArtifactError",
    "ChampionsError",
    "ConnectionGoneError",
    "ExplanationError",
    "LockedWarehouseError",
    "ModelReferenceError",
    "NoChampionError",
    "PackageDataError",
    "RowError",
    "TaskError",
    "UnknownModelError",
    "UnknownVersionError",
    "WarehouseMLError",
    "hint",
    "listed",
]
