"""Rules that training data must meet, each checked in SQL."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

import duckdb

from training.config import ModelSpec
from training.sql import quoted

MINIMUM_ROWS = 50
LARGEST_LABEL = 3.4e38
"""LightGBM keeps labels in single precision, where larger ones are infinite."""


@dataclass(frozen=True)
class Rule:
    """A rule over rows: its column, SQL that counts breaches, and words with ``{n}`` for the count."""

    column: str | None
    breaches: str
    message: str


def row_problems(
    connection: duckdb.DuckDBPyConnection, table: str, spec: ModelSpec, *, mistyped: Container[str]
) -> list[str]:
    """Return what is wrong with the rows of a table; all rules are checked in one pass.

    Parameters
    ----------
    connection
        The connection that knows the table.
    table
        Name of a table that has the label, key and time columns.
    spec
        The model's configuration.
    mistyped
        Columns whose type is wrong already, so that their values cannot be checked.
    """
    rules = [rule for rule in _rules(spec) if rule.column not in mistyped]
    counts = connection.execute(
        f"select {', '.join(rule.breaches for rule in rules)} from {quoted(table)}"
    ).fetchall()[0]
    return [rule.message.format(n=n) for rule, n in zip(rules, counts, strict=True) if n]


def _rules(spec: ModelSpec) -> Iterator[Rule]:
    key, label, time = quoted(spec.key), quoted(spec.label), quoted(spec.time)
    yield Rule(
        None,
        f"case when count(*) < {MINIMUM_ROWS} then count(*)::varchar end",
        f"there must be at least {MINIMUM_ROWS} rows to train, validate and test on; found {{n}}; "
        "widen the query's period.",
    )
    yield Rule(
        spec.key,
        f"count(*) filter (where {key} is null)",
        f"key '{spec.key}' must not be null; found {{n}} nulls; filter them out or complete the key.",
    )
    yield Rule(
        spec.key,
        f"count({key}) - count(distinct {key})",
        f"key '{spec.key}' must be unique; found {{n}} rows with a key that another row has; "
        "look for a join that multiplies rows.",
    )
    yield Rule(
        spec.time,
        f"count(*) filter (where {time} is null or not isfinite({time}))",
        f"time '{spec.time}' must be known and finite; found {{n}} rows without; filter them out.",
    )
    yield Rule(
        spec.label,
        f"count(*) filter (where {label} is null or not (abs({label}::double) <= {LARGEST_LABEL}))",
        f"label '{spec.label}' must be known and finite; found {{n}} rows without; filter them out.",
    )
    if spec.task == "binary":
        yield Rule(
            spec.label,
            f"count(*) filter (where {label}::double not in (0, 1))",
            f"label '{spec.label}' must be boolean, or 0 or 1, for task binary; found {{n}} other values; "
            "use a comparison in the query, or task regression.",
        )
    yield Rule(
        spec.label,
        f"case when min({label}::double) = max({label}::double) then min({label})::varchar end",
        f"label '{spec.label}' must take at least two values; found only {{n}}; "
        "check the label's definition and the query's filters.",
    )
