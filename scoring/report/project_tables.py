"""What a project measures of itself, beside its models: tables recognized by their columns, in any schema."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from scoring.report.facts import Record
from scoring.warehouse import Relation, Warehouse

QUALITY = ("build_id", "table_name", "accepted_rows", "quarantined_rows", "score", "measured_at")
"""The columns by which the table of data quality is recognized."""
RUNS = ("dbt_invocation_id", "command", "status", "started_at", "seconds", "peak_memory_bytes")
"""The columns by which the history of dbt's runs is recognized."""
RETRAINING = ("model_name", "policy", "is_due", "reason", "is_trained", "decided_at")
"""The columns by which the decisions about retraining are recognized."""
LATEST = 2000
"""How many of the latest rows of a table are read."""


@dataclass(frozen=True)
class ProjectTable:
    """A table, or that there is none.

    Parameters
    ----------
    relation
        The table; None if there is none.
    rows
        Its latest rows, the oldest first.
    """

    relation: Relation | None = None
    rows: Sequence[Record] = ()


@dataclass(frozen=True)
class ProjectTables:
    """The tables that an index shows."""

    quality: ProjectTable
    runs: ProjectTable
    retraining: ProjectTable


def project_tables(warehouse: Warehouse) -> ProjectTables:
    """Return the tables of a warehouse that measure the whole project."""
    return ProjectTables(
        quality=_table(warehouse, QUALITY, "measured_at"),
        runs=_table(warehouse, RUNS, "started_at"),
        retraining=_table(warehouse, RETRAINING, "decided_at"),
    )


def _table(warehouse: Warehouse, columns: Collection[str], order: str) -> ProjectTable:
    relations = warehouse.relations_with(columns)
    if not relations:
        return ProjectTable()
    rows = warehouse.arrow(
        f"select * from (select * from {relations[0].sql} order by {order} desc limit {LATEST}) order by {order}"
    )
    return ProjectTable(relations[0], rows.to_pylist())
