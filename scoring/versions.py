"""The versions a warehouse holds, which of them score, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scoring.decisions import Past, past
from scoring.errors import UnknownModelError, VersionRowError
from scoring.registry import CHECKED, PRUNED, Reference, models, read_all
from scoring.version_checks import check_row
from scoring.warehouse import Warehouse

COLUMNS = (*CHECKED, "created_at")
UNTRAINED = "no version: dbt build trains the first one, or says why not"


@dataclass(frozen=True)
class ListedVersion:
    """A version, whether it scores, and why or why not.

    A damaged row has a problem, and may lack any of the values. A model without a version lacks all but its name.
    """

    model_name: str
    version: int | None
    task: str | None
    estimator: str | None
    created_at: datetime | None
    is_champion: bool
    why: str
    problem: str | None = None


def listed_versions(warehouse: Warehouse, model: str | None = None) -> list[ListedVersion]:
    """Return the versions of all models or of one, the newest first.

    A model has its schema before its name where several schemas have one of that name.

    Raises
    ------
    scoring.errors.UnknownModelError
        If the warehouse does not hold the model.
    """
    tables = models(warehouse)
    chosen = tables
    if model is not None:
        reference = Reference.parse(model)
        chosen = [
            table
            for table in tables
            if table.name.lower() == reference.model_name.lower()
            and (reference.schema is None or table.schema.lower() == reference.schema.lower())
        ]
        if not chosen:
            raise UnknownModelError.among(model, [table.name for table in tables])
    schemas = Counter(table.name for table in tables)
    listed = []
    for table in chosen:
        there = warehouse.columns(table)
        rows = read_all(warehouse, table, [*COLUMNS, *(name for name in PRUNED if name in there)])
        versions = Counter(row["version"] for row in rows)
        decisions = past(warehouse, table)
        if not rows:
            name = str(table) if schemas[table.name] > 1 else table.name
            listed.append(ListedVersion(name, None, None, None, None, False, UNTRAINED))
        for row in rows:
            name = str(table) if schemas[table.name] > 1 else row["model_name"] or table.name
            task, estimator, created_at = (row[column] for column in ("task", "estimator", "created_at"))
            is_champion = row["version"] is not None and row["version"] == decisions.champion
            why = _why(decisions, row["version"])
            if row.get("pruned_at") is not None:
                why += f"; artifact removed {shown(row['pruned_at'])} by {row['pruned_by']}"
            problem = _problem(table.name, row, versions[row["version"]])
            listed.append(
                ListedVersion(name, row["version"], task, estimator, created_at, is_champion, why, problem)
            )
    return listed


def shown(instant: object) -> str:
    """Return an instant as it is listed; a question mark where it is none."""
    return f"{instant:%Y-%m-%d %H:%M:%S}" if isinstance(instant, datetime) else "?"


def _problem(model: str, row: Mapping[str, Any], rows: int) -> str | None:
    """Return what shows, without reading artifacts, that a row is damaged."""
    try:
        check_row(model, row["version"], row)
        if not isinstance(row["created_at"], datetime):
            raise VersionRowError.wrong(model, row["version"], "created_at", row["created_at"], "a timestamp")
        if rows > 1:
            raise VersionRowError.duplicated(model, row["version"], rows)
    except VersionRowError as error:
        return str(error)
    return None


def _why(decisions: Past, version: object) -> str:
    """Return why a version scores, or why not."""
    last = decisions.last
    if last is None or not isinstance(version, int) or version > (last.newest_version or 0):
        return "not judged yet"
    if version == last.version:
        return (
            f"{decisions.since.reason}, since {shown(decisions.since.decided_at)}" if decisions.since else ""
        )
    if version in last.passing_versions:
        return "met its gates"
    failures = [
        f"{gate['metric']} {gate['dataset']}"
        + (f" {gate['slice_column']}={gate['slice_value']}" if gate["slice_value"] is not None else "")
        + f" {gate['comparison']} {gate['threshold']:g}, observed "
        + ("nothing" if gate["observed"] is None else f"{gate['observed']:.6g}")
        for gate in last.gates
        if gate["version"] == version and gate["severity"] == "error" and not gate["is_passed"]
    ]
    return f"refused: {'; '.join(failures)}" if failures else "refused"
