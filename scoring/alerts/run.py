"""What dbt knows of one of its runs at the end, as the macro ``_report_run`` hands it over."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scoring.warehouse import Relation

ALERTS, METRICS, WEBHOOK = "WAREHOUSE_ML_ALERTS", "WAREHOUSE_ML_METRICS", "WAREHOUSE_ML_WEBHOOK"
"""The environment variables: two files and a URL, which is a secret."""


@dataclass(frozen=True)
class Node:
    """What became of a node.

    Parameters
    ----------
    name, kind
        Its name, and what it is to dbt: model, test, seed, snapshot or operation.
    status
        The word of dbt for its end.
    failures
        The number of rows that a test returned; None for other nodes.
    message
        What dbt printed. It may quote values, so that alerts take no more of it than the kind of an error.
    """

    name: str
    kind: str
    status: str
    failures: int | None = None
    message: str = ""

    @property
    def is_failed(self) -> bool:
        """Whether it makes the run fail."""
        return self.status in ("error", "fail", "runtime error", "partial success")


@dataclass(frozen=True)
class Run:
    """A run of dbt.

    Parameters
    ----------
    project, target, command, invocation
        What was run: names, and the id that dbt gives it.
    started_at, finished_at
        Instants in UTC.
    folder, target_path
        The folder of the project, and dbt's folder for what it writes.
    nodes
        What became of each node.
    models
        The tables of versions of all models of the project.
    built
        The names of those that this run built.
    monitors
        The tables of all monitors of the project.
    quality
        The table of data quality.
    decisions
        The table of retrain decisions.
    """

    project: str
    target: str
    command: str
    invocation: str
    started_at: datetime
    finished_at: datetime
    folder: Path
    target_path: Path
    nodes: tuple[Node, ...] = ()
    models: tuple[Relation, ...] = ()
    built: tuple[str, ...] = ()
    monitors: tuple[Relation, ...] = ()
    quality: Relation | None = None
    decisions: Relation | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @classmethod
    def of(cls, request: Mapping[str, Any], **fields: Any) -> Run:
        """Return the run that the macro describes."""
        return cls(
            project=request["project"],
            target=request["target"],
            command=request["command"],
            invocation=request["invocation"],
            started_at=datetime.fromisoformat(request["started_at"]),
            nodes=tuple(Node(**each) for each in request["nodes"]),
            models=_relations(request["models"]),
            built=tuple(request["built"]),
            monitors=_relations(request["monitors"]),
            quality=next(iter(_relations([request["quality"]])), None),
            decisions=next(iter(_relations([request["decisions"]])), None),
            **fields,
        )

    @property
    def failed(self) -> list[Node]:
        """The nodes that make the run fail."""
        return [node for node in self.nodes if node.is_failed]

    @property
    def alerts_file(self) -> Path:
        """Where alerts are appended."""
        return self._file(ALERTS, "alerts.jsonl")

    @property
    def metrics_file(self) -> Path:
        """What Prometheus's node exporter reads."""
        return self._file(METRICS, "warehouse_ml.prom")

    def _file(self, variable: str, name: str) -> Path:
        named = self.environment.get(variable)
        return self.folder / (named or self.target_path / name)


def _relations(names: Iterable[Sequence[str] | None]) -> tuple[Relation, ...]:
    return tuple(Relation(*each) for each in names if each is not None)
