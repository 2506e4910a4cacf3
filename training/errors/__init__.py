"""Every error of training: one class per situation, its wording in class methods."""

from training.errors.distributed import DistributedError
from training.errors.estimators import EstimatorError
from training.errors.exports import ExportError, ParityError
from training.errors.lineage import LineageError, ReplayError
from training.errors.personal import PersonalDataError
from training.errors.problems import ConfigError, DatasetError
from training.errors.projects import CompiledProjectError, RenamingError
from training.errors.trainings import FitWarning, PlaceError, PythonModelError, QueryError, TrainingError

__all__ = [
    "CompiledProjectError",
    "ConfigError",
    "DatasetError",
    "DistributedError",
    "EstimatorError",
    "ExportError",
    "FitWarning",
    "LineageError",
    "ParityError",
    "PersonalDataError",
    "PlaceError",
    "PythonModelError",
    "QueryError",
    "RenamingError",
    "ReplayError",
    "TrainingError",
]
