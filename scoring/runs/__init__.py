"""The history of dbt's runs: what each run and each of its nodes did, took and needed."""

from scoring.runs.history import RunHistory
from scoring.runs.memory import NodeMemory

__all__ = ["NodeMemory", "RunHistory"]
