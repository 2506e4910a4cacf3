"""Versions to MLflow and back. MLflow itself is imported where it is used."""

from scoring.exchange.mlflow_load import load_from_mlflow
from scoring.exchange.mlflow_log import Logged, log_to_mlflow

__all__ = ["Logged", "load_from_mlflow", "log_to_mlflow"]
