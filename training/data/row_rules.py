"""Rules that training data must meet, each checked in SQL."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from scoring.signature import ERROR
from training.data.column_types import BOOLEAN, is_text
from training.data.feature_rules import null_condition
from training.data.labels import class_text
from training.data.split import PARTS
from training.declared.spec import AUTO, ModelSpec
from training.estimators import ESTIMATORS
from training.estimators.base import LabelRule
from training.sql import quoted, text

MINIMUM_ROWS = 50
MOST_CLASSES = 1000
MOST_SLICES = 100
LARGEST_LABEL, SMALLEST_LABEL = 3.4e38, 1e-30
"""LightGBM keeps labels in single precision, where larger ones are infinite, and smaller ones lose digits."""

SINGLE_PRECISION = ("lightgbm", "random_forest", "extra_trees", AUTO)
"""Estimators that lose what lies beyond seven digits of a label: LightGBM rounds it, forests sum squares."""
MOST_ROUNDED = 1e-3
"""The largest error of a label in single precision, as a share of the range of the labels."""
WEIGHTS = (1e-3, 1e6)
"""Between these the mean weight must lie: libraries compare sums of weights with limits of their own."""


@dataclass(frozen=True)
class Rule:
    """A rule over rows: its column, SQL that counts breaches, and words with ``{n}`` for the count."""

    column: str | None
    breaches: str
    message: str


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
        yield from _label_rules(spec, spec.label, types[spec.label])
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


def _label_rules(spec: ModelSpec, name: str, kind: str) -> Iterator[Rule]:
    label = quoted(name)
    is_number = not is_text(kind) and kind != BOOLEAN
    unknown = f"{label} is null" + (f" or not isfinite({label}::double)" if is_number else "")
    breach = unknown + (f" or not (abs({label}::double) <= {LARGEST_LABEL})" if is_number else "")
    yield Rule(
        name,
        f"count(*) filter (where {unknown})",
        f"label '{name}' must be known and finite; found {{n}} rows without; filter them out.",
    )
    if is_number:
        yield Rule(
            name,
            f"count(*) filter (where not ({unknown}) and ({breach}))",
            f"label '{name}' must lie between -{LARGEST_LABEL:g} and {LARGEST_LABEL:g}, the range of single "
            "precision; found {n} rows beyond; divide it by a constant in the query.",
        )
    shown = class_text(label, kind) if spec.task in ("binary", "multiclass") else f"{label}::double"
    # Casting a number that is not finite fails, and the rule above tells of it.
    safe = f"case when not ({breach}) then {shown} end"
    if spec.task != "anomaly":
        yield Rule(
            name,
            f"case when count(*) filter (where not ({unknown}) and ({breach})) = 0 and min({safe}) = max({safe}) "
            f"then min({safe})::varchar end",
            f"label '{name}' must take at least two values; found only {{n}}; "
            "check the label's definition and the query's filters.",
        )
    if spec.task == "regression":
        largest = f"max(abs({safe}))"
        yield Rule(
            name,
            f"case when {largest} > 0 and {largest} < {SMALLEST_LABEL} then printf('%.3g', {largest}) end",
            f"label '{name}' must reach {SMALLEST_LABEL:g} somewhere, below which estimators lose digits; "
            "found no more than {n}; multiply it by a constant in the query.",
        )
    if spec.task == "regression" and spec.estimator in SINGLE_PRECISION:
        rounded = f"max(abs({safe} - ({safe})::float::double))"
        yield Rule(
            name,
            f"case when max(abs({safe})) >= {SMALLEST_LABEL} "
            f"and {rounded} > {MOST_ROUNDED} * (max({safe}) - min({safe})) "
            f"then 'steps of about ' || printf('%.3g', 2 * {rounded}) end",
            f"label '{name}' varies too little for its size: {spec.estimator} compares labels with about "
            "seven digits, here {n}; subtract a constant in the query, and add it to the predictions.",
        )
    if rule := label_rule(spec):
        lowest = "not be negative" if rule.may_be_zero else "be above 0"
        # LightGBM sees labels in single precision, in which small ones are zero.
        yield Rule(
            name,
            f"count(*) filter (where ({safe})::float {'<' if rule.may_be_zero else '<='} 0)",
            f"label '{name}' must {lowest} for {rule.reason}; found {{n}} rows where it is not; filter them "
            "out, or choose another objective.",
        )
    if spec.positive is not None:
        yield from _positive_rules(spec, name, f"case when not ({breach}) then {class_text(label, kind)} end")
    elif spec.task in ("binary", "anomaly") and is_number:
        yield Rule(
            name,
            f"count(*) filter (where {label}::double not in (0, 1))",
            f"label '{name}' must be boolean, or 0 or 1, for task {spec.task}; found {{n}} other values; "
            "use a comparison in the query, say which value counts by `positive`, or choose another task.",
        )
    if spec.task == "multiclass" and is_number:
        yield Rule(
            name,
            f"count(*) filter (where {label}::double <> round({label}::double))",
            f"label '{name}' must be text, boolean or whole numbers for task multiclass; found {{n}} rows "
            "with fractions; cast it in the query, or choose task regression.",
        )
    if spec.task == "multiclass":
        yield Rule(
            name,
            f"case when count(distinct {safe}) > {MOST_CLASSES} then count(distinct {safe}) end",
            f"label '{name}' must have at most {MOST_CLASSES} classes; found {{n}}; group rare ones in the "
            "query, or choose task regression.",
        )


def label_rule(spec: ModelSpec) -> LabelRule | None:
    """Return what labels the estimator can learn from with the settings it is given; None for any."""
    return None if spec.estimator == AUTO else ESTIMATORS[spec.estimator].label_rule(spec.params)


def _positive_rules(spec: ModelSpec, name: str, shown: str) -> Iterator[Rule]:
    values = f"list_sort(list(distinct {shown}))"
    yield Rule(
        name,
        f"case when count(distinct {shown}) > 2 "
        f"then count(distinct {shown}) || ', ' || {values}[:5]::varchar end",
        f"label '{name}' must take two values for task {spec.task}; found {{n}}; make them two in "
        "the query, by a comparison or by lower and trim where they differ in case or blanks, or choose task "
        "multiclass.",
    )
    yield Rule(
        name,
        f"case when not bool_or({shown} = {text(spec.positive or '')}) then {values}[:5]::varchar end",
        f"label '{name}' never has the value of `positive`, {spec.positive}; its values are {{n}}; "
        + (
            "YAML reads Yes, No, On and Off without quotes as true and false: write the label's own value in "
            "quotes."
            if spec.positive in ("true", "false")
            else "correct `positive`, or write the label's value so in the query."
        ),
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
