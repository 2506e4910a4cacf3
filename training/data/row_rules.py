"""Rules that training data must meet, each checked in SQL."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import duckdb

from scoring.signature import ERROR
from training.data.feature_rules import null_condition
from training.data.label_rules import Rule, label_rules
from training.data.split import PARTS
from training.declared.spec import ModelSpec
from training.sql import quoted, text

MINIMUM_ROWS = 50
MOST_SLICES = 100

WEIGHTS = (1e-3, 1e6)
"""Between these the mean weight must lie: libraries compare sums of weights with limits of their own."""


def row_problems(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    spec: ModelSpec,
    *,
    types: Mapping[str, str],
    mistyped: Container[str],
) -> list[str]:
    """Return what is wrong with the rows of a table; all rules are checked in one pass.

    Parameters
    ----------
    connection
        The connection that knows the table.
    table
        Name of a table that has the columns that the configuration names.
    spec
        The model's configuration.
    types
        DuckDB's name for the type of each column.
    mistyped
        Columns whose type is wrong already, so that their values cannot be checked.
    """
    rules = [rule for rule in _rules(spec, types) if rule.column not in mistyped]
    counts = connection.execute(
        f"select {', '.join(rule.breaches for rule in rules)} from {quoted(table)}"
    ).fetchall()[0]
    return [rule.message.replace("{n}", str(n)) for rule, n in zip(rules, counts, strict=True) if n]


def _rules(spec: ModelSpec, types: Mapping[str, str]) -> Iterator[Rule]:
    yield Rule(
        None,
        f"case when count(*) < {MINIMUM_ROWS} then count(*)::varchar end",
        f"there must be at least {MINIMUM_ROWS} rows to train, validate and test on; found {{n}}; "
        "widen the query's period.",
    )
    yield from _key_rules(spec.key, types[spec.key])
    if spec.time:
        time = quoted(spec.time)
        yield Rule(
            spec.time,
            f"count(*) filter (where {time} is null or not isfinite({time}))",
            f"time '{spec.time}' must be known and finite; found {{n}} rows without; filter them out.",
        )
    if spec.label:
        yield from label_rules(spec, spec.label, types[spec.label])
    if spec.weight:
        yield from _weight_rules(spec.weight)
    if spec.split.column:
        column, parts = quoted(spec.split.column), ", ".join(text(part) for part in PARTS)
        yield Rule(
            spec.split.column,
            f"count(*) filter (where coalesce({column}::varchar not in ({parts}), true))",
            f"split column '{spec.split.column}' must hold {', '.join(PARTS)}; found {{n}} rows with another "
            "value or none; map them in the query.",
        )
    for name, feature in spec.features.items():
        if feature.nulls == ERROR:
            yield Rule(
                name,
                f"count(*) filter (where {null_condition(name, types[name])})",
                f"feature '{name}' must be known, as its rule for nulls is `error`; found {{n}} rows without "
                "a value; filter them out or choose another rule.",
            )
    for name in spec.slices:
        count = f"count(distinct {quoted(name)})"
        yield Rule(
            name,
            f"case when {count} > {MOST_SLICES} then {count} end",
            f"slice column '{name}' must have at most {MOST_SLICES} values, as every metric is measured on "
            "each; found {n}; group them in the query.",
        )


def _key_rules(name: str, kind: str) -> Iterator[Rule]:
    key = quoted(name)
    if kind in ("float", "double"):
        yield Rule(
            name,
            f"count(*) filter (where isnan({key}))",
            f"key '{name}' must not be NaN; found {{n}} rows where it is; complete it or filter them out.",
        )
    yield Rule(
        name,
        f"count(*) filter (where {key} is null)",
        f"key '{name}' must not be null; found {{n}} nulls; filter them out or complete the key.",
    )
    yield Rule(
        name,
        f"count({key}) - count(distinct {key})",
        f"key '{name}' must be unique; found {{n}} rows with a key that another row has; "
        "look for a join that multiplies rows.",
    )


def _weight_rules(name: str) -> Iterator[Rule]:
    weight = f"{quoted(name)}::double"
    yield Rule(
        name,
        f"count(*) filter (where not coalesce({weight} >= 0 and isfinite({weight}), false))",
        f"weight '{name}' must be known, finite and not negative; found {{n}} rows without; correct it in "
        "the query.",
    )
    low, high = WEIGHTS
    mean = f"avg(case when {weight} > 0 and isfinite({weight}) then {weight} end)"
    yield Rule(
        name,
        f"case when not {mean} between {low} and {high} then printf('%.3g', {mean}) end",
        f"weight '{name}' must average from {low:g} to {high:g} where it is above 0; found a mean of {{n}}; "
        "divide it by its mean in the query.",
    )
    yield Rule(
        name,
        f"case when max({weight}) = 0 then 'only zeros' end",
        f"weight '{name}' must be above 0 somewhere; found {{n}}; correct it in the query.",
    )
