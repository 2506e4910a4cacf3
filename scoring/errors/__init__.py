"""Every error a user can meet: one class per situation, its wording in class methods."""

from scoring.errors.artifacts import ArtifactError
from scoring.errors.base import WarehouseMLError, hint, listed
from scoring.errors.decisions import ActionError, DecisionsError
from scoring.errors.exchanges import ExchangeError
from scoring.errors.explanations import ExplanationError
from scoring.errors.frames import FrameError
from scoring.errors.masks import MaskKeyError
from scoring.errors.models import (
    AmbiguousModelError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
)
from scoring.errors.packages import DbtPackageError, ExtensionError, PackageDataError, TrainingPackagesError
from scoring.errors.parity import ParityError
from scoring.errors.projects import ProjectError
from scoring.errors.raw_files import RawFileError
from scoring.errors.rebuilds import RebuildError
from scoring.errors.reports import ReportError
from scoring.errors.rows import RowError, TaskError
from scoring.errors.sources import ProfileError, RawSourceError
from scoring.errors.spark import SparkError
from scoring.errors.streams import InputError, OutputError, StreamError
from scoring.errors.tables import TableError
from scoring.errors.verifications import VerificationError
from scoring.errors.versions import PrunedVersionError, VersionRowError
from scoring.errors.warehouses import (
    ConnectionGoneError,
    DatabaseNameError,
    LockedWarehouseError,
    MemoryLimitError,
    NoWarehouseError,
)

__all__ = [
    "ActionError",
    "AmbiguousModelError",
    "ArtifactError",
    "ConnectionGoneError",
    "DatabaseNameError",
    "DbtPackageError",
    "DecisionsError",
    "ExchangeError",
    "ExplanationError",
    "ExtensionError",
    "FrameError",
    "InputError",
    "LockedWarehouseError",
    "MaskKeyError",
    "MemoryLimitError",
    "ModelReferenceError",
    "NoChampionError",
    "NoWarehouseError",
    "OutputError",
    "PackageDataError",
    "ParityError",
    "ProfileError",
    "ProjectError",
    "PrunedVersionError",
    "RawFileError",
    "RawSourceError",
    "RebuildError",
    "ReportError",
    "RowError",
    "SparkError",
    "StreamError",
    "TableError",
    "TaskError",
    "TrainingPackagesError",
    "UnknownModelError",
    "UnknownVersionError",
    "VerificationError",
    "VersionRowError",
    "WarehouseMLError",
    "hint",
    "listed",
]
