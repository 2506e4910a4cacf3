"""What the warehouse says of models, monitors and raw tables at the end of a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scoring.alerts.run import Run
from scoring.decisions import past
from scoring.version_schema import VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse

JUDGED = "('stable', 'warn', 'drift')"


@dataclass(frozen=True)
class Model:
    """A model after a run.

    Parameters
    ----------
    name
        The model.
    champion, newest
        Numbers of versions; None where there is none.
    is_refused
        Whether the last decision is a refusal.
    failed_gates
        The gates of today that the newest version fails.
    metrics
        Metric, dataset and value of the champion.
    """

    name: str
    champion: int | None
    newest: int | None
    is_refused: bool
    failed_gates: Sequence[dict[str, Any]]
    metrics: Sequence[tuple[str, str, float]]


@dataclass(frozen=True)
class Drift:
    """The latest period of a monitor in which drift was judged.

    Parameters
    ----------
    model, version
        The version that was watched.
    period_start
        When the period begins, as ISO text.
    is_new
        Whether this run measured it.
    verdicts
        For each feature, or the prediction: ``feature``, ``kind``, ``compared_with``, ``slice_column``, ``verdict``,
        the largest ``psi``, and over how many ``places`` (one, or values of the slice) it was found.
    """

    model: str
    version: int
    period_start: str
    is_new: bool
    verdicts: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Facts:
    """All of it."""

    models: Sequence[Model]
    drift: Sequence[Drift]
    live: Sequence[tuple[str, int, str, str, float]]
    quality: Sequence[tuple[str, float | None, int]]
    retrain: Sequence[tuple[str, bool]]


def read_facts(warehouse: Warehouse, run: Run) -> Facts:
    """Return what the warehouse says; tables that are not there yet say nothing."""
    monitors = [each for each in run.monitors if "drift" in warehouse.columns(each)]
    return Facts(
        models=[_model(warehouse, each) for each in run.models if warehouse.columns(each)],
        drift=[period for each in monitors for period in _drift(warehouse, each, run.invocation)],
        live=[period for each in monitors for period in _live(warehouse, each)],
        quality=_rows(
            warehouse,
            run.quality,
            "select table_name, score, quarantined_rows from {} "
            "qualify measured_at = max(measured_at) over (partition by table_name)",
        ),
        retrain=_rows(
            warehouse,
            run.decisions,
            "select model_name, is_due from {} where is_due is not null "
            "qualify row_number() over (partition by model_name order by decided_at desc) = 1",
        ),
    )


def _rows(warehouse: Warehouse, relation: Relation | None, query: str) -> list[tuple[Any, ...]]:
    if relation is None or not warehouse.columns(relation):
        return []
    return warehouse.rows(query.format(relation.sql))


def _model(warehouse: Warehouse, versions: Relation) -> Model:
    last = past(warehouse, versions).last
    champion = None if last is None else last.version
    metrics = []
    if champion is not None and set(VERSION_SCHEMA.names[:2]) <= set(warehouse.columns(versions)):
        metrics = warehouse.rows(
            "select entry.metric, entry.dataset, entry.value from ("
            f"select unnest(metrics) as entry from {versions.sql} where version = {champion:d}) "
            "where entry.predictor = 'model' and entry.slice_column is null and isfinite(entry.value)"
        )
    gates = [] if last is None else last.gates
    return Model(
        name=versions.name,
        champion=champion,
        newest=None if last is None else last.newest_version,
        is_refused=last is not None and last.action.startswith("refuse"),
        failed_gates=[
            dict(gate)
            for gate in gates
            if last is not None
            and gate["version"] == last.newest_version
            and gate["is_declared_today"]
            and not gate["is_passed"]
        ],
        metrics=metrics,
    )


def _drift(warehouse: Warehouse, monitor: Relation, invocation: str) -> list[Drift]:
    rows = warehouse.rows(
        f"""
        with entries as (
            select model_name, version, slice_column, period_start, dbt_invocation_id, unnest(drift) as entry
            from {monitor.sql} where role = 'champion'
        ),
        judged as (
            select * from entries where entry.verdict in {JUDGED}
            qualify (period_start, version) = max((period_start, version)) over (partition by model_name)
        )
        select
            model_name, version, cast(period_start as varchar), bool_or(dbt_invocation_id = ?), entry.feature,
            entry.kind, entry.compared_with, slice_column, entry.verdict, max(entry.psi), count(*)
        from judged group by all order by all
        """,
        [invocation],
    )
    periods: dict[tuple[str, int, str], Drift] = {}
    for model, version, start, is_new, *entry in rows:
        names = ("feature", "kind", "compared_with", "slice_column", "verdict", "psi", "places")
        period = periods.get((model, version, start), Drift(model, version, start, False, []))
        verdicts = [*period.verdicts, dict(zip(names, entry, strict=True))]
        periods[model, version, start] = Drift(model, version, start, period.is_new or is_new, verdicts)
    return list(periods.values())


def _live(warehouse: Warehouse, monitor: Relation) -> list[tuple[str, int, str, str, float]]:
    """Return model, version, role, metric and value of the latest period that has labels."""
    return warehouse.rows(
        f"""
        with entries as (
            select model_name, version, role, period_start, unnest(metrics) as entry
            from {monitor.sql} where slice_column is null
        )
        select model_name, version, role, entry.metric, entry.value from entries where isfinite(entry.value)
        qualify row_number() over (
            partition by model_name, role, entry.metric order by period_start desc, version desc
        ) = 1
        """
    )
