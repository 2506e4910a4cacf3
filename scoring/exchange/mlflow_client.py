"""MLflow as a guest: imported where it is used, quiet about itself, its errors in a sentence."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scoring.errors import ExchangeError

LOGGERS = ("mlflow", "alembic")


def imported() -> Any:
    """Return the package mlflow, with what versions need of it.

    Raises
    ------
    scoring.errors.ExchangeError
        If it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of type hints in its own modules
            import mlflow
            import mlflow.pyfunc
    except ImportError as error:
        raise ExchangeError.not_installed(str(error)) from error
    return mlflow


@contextmanager
def _quiet() -> Iterator[None]:
    """Leave out what MLflow reports of itself: tables that it makes, deprecations, an example of rows that is missing.

    An example would be rows of the warehouse, which stay there.
    """
    loggers = {name: logging.getLogger(name) for name in LOGGERS}
    levels = {name: logger.level for name, logger in loggers.items()}
    for logger in loggers.values():
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name, logger in loggers.items():
            logger.setLevel(levels[name])


@contextmanager
def talking(mlflow: Any, tracking_uri: str | None, what: str) -> Iterator[None]:
    """Talk to a server or database of MLflow meanwhile, and say in a sentence what it does not take."""
    before = mlflow.get_tracking_uri(), mlflow.get_registry_uri()
    if tracking_uri is not None:
        mlflow.set_tracking_uri(tracking_uri)
        mlflow.set_registry_uri(tracking_uri)
    try:
        with _quiet():
            yield
    except mlflow.MlflowException as error:
        raise ExchangeError.refused(what, str(error).splitlines()[0].rstrip(".")) from error
    finally:
        if tracking_uri is not None:
            mlflow.set_tracking_uri(before[0])
            mlflow.set_registry_uri(before[1])
