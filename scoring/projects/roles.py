"""Which column identifies a row, and which says when it is predicted."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from scoring.errors import TableError
from scoring.places import quoted
from scoring.projects.origins import READ
from scoring.projects.profile import Column, Profile
from scoring.projects.words import BIRTH, is_key_name, time_score, words
from scoring.raw_sources import ZONED

TIME_TYPES = ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", ZONED)
FEWEST_TIMES = 10
PARTS = (0.7, 0.9)
"""Where a sequential split ends training and validation."""


def choose_key(profile: Profile, columns: Sequence[Column]) -> str | None:
    """Return the column that identifies a row; None if none does, or several do so equally well.

    It is unique and never null, and text or whole numbers; by its name it is an identifier, or it is the
    first column.
    """
    scores = {
        column.name: 2 * is_key_name(column.name) + (column.name == profile.names[0])
        for column in columns
        if column.kind in ("text", "whole") and profile.is_unique(column)
    }
    best = max(scores.values(), default=0)
    named = [name for name, score in scores.items() if score == best > 0]
    return named[0] if named else None


def bad_key(
    connection: duckdb.DuckDBPyConnection, profile: Profile, column: Column
) -> tuple[int, int] | None:
    """Return how many nulls and repeated values a column has; None if neither, so that it may be the key."""
    name = quoted(column.name)
    ((values, distinct),) = connection.execute(
        f"select count({name}), count(distinct {name}) from {READ}"
    ).fetchall()
    return None if values == distinct == profile.rows else (profile.rows - values, values - distinct)


def choose_time(profile: Profile, columns: Sequence[Column], chosen: str | None) -> str | None:
    """Return the column that says when a row is predicted; None if none does.

    Raises
    ------
    scoring.errors.TableError
        If the column that was named is no date or timestamp.
    """
    if chosen == "none" and profile.column(chosen) is None:
        return None
    if chosen is not None:
        column = profile.column(chosen)
        if column is not None and column.type not in TIME_TYPES:
            raise TableError.bad_time(chosen, column.type)
        return chosen
    likely = [
        column
        for column in columns
        if column.type in TIME_TYPES
        and not column.nulls
        and column.distinct >= FEWEST_TIMES
        and not BIRTH & set(words(column.name))
    ]
    scores = {column.name: time_score(column.name) for column in likely}
    best = [name for name, score in scores.items() if score == max(scores.values())]
    return best[0] if len(best) == 1 else None


def is_missing_a_class(connection: duckdb.DuckDBPyConnection, label: Column, time: str, task: str) -> bool:
    """Return whether a split by time would train on fewer classes than there are, or test on a single one."""
    if task == "regression":
        return False
    name, at = quoted(label.name), quoted(time)
    ((missing,),) = connection.execute(
        f"with bounds as (select quantile_disc({at}, {list(PARTS)}) as cuts from {READ} where {name} is not null) "
        f"select count(distinct {name}) filter (where {at} < cuts[1]) < count(distinct {name}) "
        f"or count(distinct {name}) filter (where {at} >= cuts[2]) < 2 "
        f"or count(*) filter (where {at} < cuts[1]) < {0.4} * count(*) "
        f"from {READ}, bounds where {name} is not null"
    ).fetchall()
    return bool(missing)
