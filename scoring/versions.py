"""The versions a warehouse holds, which of them score, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from scoring.errors import UnknownModelError, VersionRowError
from scoring.registry import CHECKED, SCHEMA, read_all, version_tables
from scoring.version_checks import check_row

VERDICTS = f"""
    select
        model_name,
        version,
        bool_and(is_passed or not is_declared_at_training)
        or bool_and(is_passed or not is_declared_today) as may_score,
        string_agg(
            concat(
                metric, ' ', dataset, ' ' || slice_column || '=' || slice_value,
                ' ', comparison, ' ', threshold, ', observed ',
                coalesce(cast(round(observed, 6) as varchar), 'nothing')
            ),
            '; ' order by metric, dataset, comparison, slice_value nulls first
        ) filter (where not is_passed) as failures
    from {SCHEMA}.model_gates
    where severity = 'error'
    group by all
"""
"""The rule by which the dbt project names candidates for champion."""


COLUMNS = (*CHECKED, "created_at")


@dataclass(frozen=True)
class ListedVersion:
    """A version, whether it scores, and why or why not.

    A damaged row has a problem, and may lack any of the values.
    """

    model_name: str
    version: int | None
    task: str | None
    estimator: str | None
    created_at: datetime | None
    is_champion: bool
    why: str
    problem: str | None = None


def listed_versions(
    connection: duckdb.DuckDBPyConnection, model_name: str | None = None
) -> list[ListedVersion]:
    """Return the versions of all models or of one, the newest first.

    Raises
    ------
    scoring.errors.UnknownModelError
        If the warehouse does not hold the model.
    """
    names = version_tables(connection)
    chosen = [name for name in names if model_name is None or name.lower() == model_name.lower()]
    if model_name is not None and not chosen:
        raise UnknownModelError.among(model_name, names)
    champions = {
        (name, version): f"{reason}, since {shown(decided_at)}"
        for name, version, reason, decided_at in _rows(
            connection, "champions", f"select model_name, version, reason, decided_at from {SCHEMA}.champions"
        )
    }
    verdicts = {
        (name, version): (may_score, failures)
        for name, version, may_score, failures in _rows(connection, "model_gates", VERDICTS)
    }
    found = []
    for name in chosen:
        rows = read_all(connection, name, COLUMNS)
        numbers = Counter(row["version"] for row in rows)
        for row in rows:
            problem = _problem(name, row, numbers[row["version"]])
            key = (name if row["model_name"] is None else row["model_name"], row["version"])
            why = champions.get(key) or _why_not(*verdicts.get(key, (None, None)))
            task, estimator, created_at = (row[column] for column in ("task", "estimator", "created_at"))
            found.append(ListedVersion(*key, task, estimator, created_at, key in champions, why, problem))
    return found


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


def _why_not(may_score: bool | None, failures: str | None) -> str:
    if may_score is None:
        return "not judged yet"
    return "met its gates" if may_score else f"refused: {failures}"


def _rows(connection: duckdb.DuckDBPyConnection, relation: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a relation of the dbt project; none if that is not built yet."""
    there = connection.execute(
        "select 1 from information_schema.tables where table_catalog = current_database() "
        "and table_schema = ? and table_name = ?",
        [SCHEMA, relation],
    ).fetchone()
    return connection.execute(query).fetchall() if there else []
