"""The label of a table: which column it is, which task it makes, and which of its values is to be predicted."""

from __future__ import annotations

from dataclasses import replace

import duckdb

from scoring.errors import TableError
from scoring.places import quoted
from scoring.projects.origins import READ
from scoring.projects.profile import EXACT_UP_TO, Column, Profile
from scoring.projects.words import POSITIVES, label_score

TASKS = ("binary", "multiclass", "regression")
FEW_WHOLE, MOST_CLASSES = 10, 1000
"""Whole numbers of at most so many values are classes; training takes no more classes than the second."""
ROWS_OF_A_CLASS = 5


def choose(profile: Profile, name: str | None) -> Column:
    """Return the label: the column that was named, or the only one that looks most like a label.

    Raises
    ------
    scoring.errors.TableError
        If none was named, and none or several look like it; if it has one value, or is an instant.
    """
    label = profile.column(name) if name is not None else _candidate(profile)
    if label is None:
        raise TableError.no_label(profile.names)
    if label.kind in ("instant", "other"):
        raise TableError.wrong_label_type(label.name, label.type)
    if profile.rows and label.distinct < 2:
        raise TableError.constant_label(label.name)
    return label


def counted(connection: duckdb.DuckDBPyConnection, label: Column, rows: int) -> Column:
    """Return the label with the exact number of its values, of which a large table has an estimate."""
    if rows <= EXACT_UP_TO:
        return label
    ((distinct,),) = connection.execute(f"select count(distinct {quoted(label.name)}) from {READ}").fetchall()
    return replace(label, distinct=distinct)


def candidates(profile: Profile) -> list[str]:
    """Return the columns that look most like a label, by their names and values."""
    scores = {column.name: _score(column, profile.rows) for column in profile.columns}
    best = max(scores.values(), default=0)
    return [name for name, score in scores.items() if score == best > 0]


def task_of(connection: duckdb.DuckDBPyConnection, label: Column, rows: int, task: str | None) -> str:
    """Return the task that a label makes.

    Raises
    ------
    scoring.errors.TableError
        If the task that was named does not fit, or text has too many values.
    """
    distinct = label.distinct
    is_whole = label.kind in ("whole", "boolean", "text") or _is_whole(connection, label)
    fits = {
        "binary": distinct == 2 and is_whole,
        "multiclass": is_whole and distinct <= MOST_CLASSES,
        "regression": label.kind in ("whole", "number"),
    }
    if task is not None:
        if not fits[task]:
            raise TableError.wrong_task(task, label.name, label.type.lower(), distinct)
        return task
    if fits["binary"]:
        return "binary"
    if label.kind == "text":
        if distinct > MOST_CLASSES or distinct * ROWS_OF_A_CLASS > rows:
            raise TableError.endless_label(label.name, distinct, MOST_CLASSES)
        return "multiclass"
    few = min(FEW_WHOLE, rows / ROWS_OF_A_CLASS)
    return "multiclass" if is_whole and distinct <= few else "regression"


def positive_of(
    connection: duckdb.DuckDBPyConnection, label: Column, task: str, positive: str | None
) -> str | None:
    """Return the value to predict, as the label has it; None where the task has none or true and 1 are it.

    Raises
    ------
    scoring.errors.TableError
        If the label does not have the value that was named.
    """
    if task != "binary":
        if positive is not None:
            raise TableError.positive_without_binary(task)
        return None
    name = quoted(label.name)
    shown = f"{name}::hugeint::varchar" if label.kind in ("whole", "number") else f"{name}::varchar"
    values: list[str] = [
        value
        for (value,) in connection.execute(
            f"select {shown} as value from {READ} where {name} is not null group by all order by count(*), value"
        ).fetchall()
    ]
    if positive is not None:
        if positive not in values:
            raise TableError.wrong_positive(label.name, positive, values)
    else:
        likely = [value for value in values if value.strip().lower() in POSITIVES]
        positive = likely[0] if len(likely) == 1 else values[0]  # the rarer one
        if label.kind == "boolean":
            positive = "true"
    if (label.kind == "boolean" and positive == "true") or (
        label.kind in ("whole", "number") and sorted(values) == ["0", "1"] and positive == "1"
    ):
        return None
    return positive


def _candidate(profile: Profile) -> Column | None:
    names = candidates(profile)
    if len(names) > 1:
        raise TableError.several_labels(names)
    return profile.column(names[0]) if names else None


def _score(column: Column, rows: int) -> int:
    """Return how much a column looks like a label: its name counts, and a flag or a few classes more."""
    if column.kind in ("instant", "other") or column.distinct < 2 or column.personal:
        return 0
    if column.kind == "text" and column.distinct * ROWS_OF_A_CLASS > rows:
        return 0
    by_name = label_score(column.name)
    return by_name + (by_name > 0 and column.distinct == 2)


def _is_whole(connection: duckdb.DuckDBPyConnection, label: Column) -> bool:
    name = f"{quoted(label.name)}::double"
    ((is_whole,),) = connection.execute(
        f"select coalesce(bool_and({name} = round({name}) and abs({name}) < 1e15), true) from {READ} "
        f"where {quoted(label.name)} is not null and not isnan({name})"
    ).fetchall()
    return bool(is_whole)
