"""The versions a warehouse holds, which of them score, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from scoring.errors import UnknownModelError
from scoring.places import quoted
from scoring.registry import SCHEMA, version_tables

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


@dataclass(frozen=True)
class ListedVersion:
    """A version, whether it scores, and why or why not."""

    model_name: str
    version: int
    task: str
    estimator: str
    created_at: datetime
    is_champion: bool
    why: str


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
        (name, version): f"{reason}, since {decided_at:%Y-%m-%d %H:%M:%S}"
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
        rows = connection.execute(
            "select row(model_name, version), task, estimator, created_at "
            f"from {SCHEMA}.{quoted(name)} order by version desc"
        ).fetchall()
        for key, task, estimator, created_at in rows:
            why = champions.get(key) or _why_not(*verdicts.get(key, (None, None)))
            found.append(ListedVersion(key[0], key[1], task, estimator, created_at, key in champions, why))
    return found


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
