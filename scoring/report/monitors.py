"""What the monitors of a project measured: tables that are recognized by their columns, in any schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scoring.report.facts import Record
from scoring.warehouse import Relation, Warehouse

MARKS = ("model_schema", "model_name", "version", "role", "slice_column", "period_start", "drift", "metrics")
"""The columns by which the table of a monitor is recognized."""
OF_MODEL = "lower(model_name) = lower(?) and coalesce(lower(model_schema) = lower(?), true)"
"""Rows of one model; a model of the same name in another schema, such as a developer's, is another one."""
JUDGED = ("stable", "warn", "drift")
"""The verdicts of periods with rows enough; others say why there is none."""
PERIODS, CHAMPION = 60, "champion"
"""How many of the latest periods are shown, and the role of the version whose predictions are published."""


@dataclass(frozen=True)
class Monitored:
    """What was measured of one model on rows that it scored.

    Parameters
    ----------
    tables
        The monitors' tables; none where the model is not monitored.
    shown
        The one whose measurements these are: of several, that with the latest period, then with most rows.
    drift
        One record per version, slice, period, feature and comparison.
    metrics
        One record per version, slice, period and metric.
    """

    tables: Sequence[Relation]
    shown: Relation | None
    drift: Sequence[Record]
    metrics: Sequence[Record]

    @property
    def overall_drift(self) -> list[Record]:
        """The drift of all rows together, of the version whose predictions were published in the period."""
        rows = [one for one in self.drift if one["slice_column"] is None and one["role"] == CHAMPION]
        newest: dict[object, int] = {}
        for one in rows:
            newest[one["period_start"]] = max(one["version"], newest.get(one["period_start"], 0))
        return [one for one in rows if one["version"] == newest[one["period_start"]]]

    @property
    def latest_drift(self) -> list[Record]:
        """The drift of the last period that had rows enough for a verdict; nothing where none had."""
        rows = self.overall_drift
        last = max((one["period_start"] for one in rows if one["verdict"] in JUDGED), default=None)
        return [one for one in rows if one["period_start"] == last]

    @property
    def overall_metrics(self) -> list[Record]:
        """The metrics of all rows together."""
        return [one for one in self.metrics if one["slice_column"] is None]


def monitored(warehouse: Warehouse, tables: Sequence[Relation], model: Relation) -> Monitored:
    """Return what the monitors measured in their latest periods of the model whose versions a table holds."""
    own = {table: latest for table in tables if (latest := _latest(warehouse, table, model)) is not None}
    if not own:
        return Monitored((), None, (), ())
    shown = max(own, key=lambda table: own[table])
    drift, metrics = (_entries(warehouse, shown, model, column) for column in ("drift", "metrics"))
    return Monitored(list(own), shown, drift, metrics)


def monitors(warehouse: Warehouse) -> list[Relation]:
    """Return the tables of all monitors."""
    return warehouse.relations_with(MARKS)


def _latest(warehouse: Warehouse, table: Relation, model: Relation) -> tuple[Any, ...] | None:
    """Return the last period that a monitor measured of a model, and all its rows; None where it has none."""
    query = f"""
        select max(period_start), sum(row_count) filter (where slice_column is null and role = '{CHAMPION}')
        from {table.sql} where {OF_MODEL}
    """
    latest, rows = warehouse.rows(query, [model.name, model.schema])[0]
    return None if latest is None else (latest, rows or 0)


def _entries(warehouse: Warehouse, table: Relation, model: Relation, column: str) -> list[Record]:
    rows: list[Record] = warehouse.arrow(
        f"""
        with latest as (
            select * from {table.sql} where {OF_MODEL}
            qualify dense_rank() over (order by period_start desc) <= {PERIODS}
        ),
        entries as (
            select
                version, role, slice_column, slice_value, period, period_start, period_end,
                row_count as scored_rows, labelled_rows, unnest({column}) as entry
            from latest
        )
        select * exclude (entry), unnest(entry) from entries order by period_start, version, slice_column, slice_value
        """,
        [model.name, model.schema],
    ).to_pylist()
    return rows
