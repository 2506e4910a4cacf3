"""What a project measures of itself, beside its models: tables recognized by their columns, in any schema."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import pyarrow as pa

from scoring.places import quoted
from scoring.report.facts import Record
from scoring.warehouse import Relation, Warehouse

QUALITY = ("build_id", "table_name", "accepted_rows", "quarantined_rows", "score", "measured_at")
"""The columns by which the table of data quality is recognized."""
RUNS = ("dbt_invocation_id", "command", "status", "started_at", "seconds", "peak_memory_bytes")
"""The columns by which the history of dbt's runs is recognized."""
RETRAINING = ("model_name", "policy", "is_due", "reason", "is_trained", "decided_at")
"""The columns by which the decisions about retraining are recognized."""
SCORECARD = ("dbt_invocation_id", "model_name", "pipeline_latency_seconds", "reliability")
"""The columns by which the scorecard is recognized; what else it measures is shown by the names of its columns."""
FORECAST = ("unique_id", "predicted_seconds", "predicted_memory_bytes", "recommended_threads", "warning")
"""The columns by which the forecast of the next build is recognized; its row without a node is of the whole build."""
PERSONAL = ("personal_column", "relation", "column_name", "method", "permission", "is_personal", "path")
"""The columns by which the record of where personal data flows is recognized."""
AT = "ordered_at"
"""The instant of a row, by which rows of several tables are ordered."""
LATEST = 2000
"""How many of the latest rows of a table are read."""


@dataclass(frozen=True)
class ProjectTable:
    """Tables of one kind, or that there is none.

    Parameters
    ----------
    relations
        The tables; several where several schemas have one.
    rows
        Their latest rows, the oldest first.
    """

    relations: Sequence[Relation] = ()
    rows: Sequence[Record] = ()


@dataclass(frozen=True)
class ProjectTables:
    """The tables that an index shows."""

    quality: ProjectTable
    runs: ProjectTable
    retraining: ProjectTable
    scorecard: ProjectTable
    forecast: ProjectTable
    personal: ProjectTable


def project_tables(warehouse: Warehouse) -> ProjectTables:
    """Return the tables of a warehouse that measure the whole project."""
    return ProjectTables(
        quality=_table(warehouse, QUALITY, "measured_at"),
        runs=_table(warehouse, RUNS, "started_at"),
        retraining=_table(warehouse, RETRAINING, "decided_at"),
        scorecard=_table(warehouse, SCORECARD),
        forecast=_table(warehouse, FORECAST, "unique_id"),
        personal=_table(warehouse, PERSONAL, "personal_column"),
    )


def _table(warehouse: Warehouse, columns: Collection[str], order: str | None = None) -> ProjectTable:
    """Return the tables with these columns, in the order of one of them, else of their first instant."""
    relations = warehouse.relations_with(columns)
    rows: list[Record] = []
    for relation in relations:
        instant = order or _instant(warehouse, relation)
        latest = f"select * from {relation.sql} order by {quoted(instant)} desc limit {LATEST}"
        table = warehouse.arrow(f"select *, {quoted(instant)} as {AT} from ({latest})")
        rows += table.to_pylist()
    return ProjectTable(relations, sorted(rows, key=lambda row: str(row[AT])))


def _instant(warehouse: Warehouse, relation: Relation) -> str:
    """Return the first column of a table with an instant; its first column where there is none."""
    schema = warehouse.arrow(f"from {relation.sql} limit 0").schema
    names: list[str] = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    return (names or schema.names)[0]
