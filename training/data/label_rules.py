"""Rules that the labels of training data must meet, each checked in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from training.data.column_types import BOOLEAN, is_text
from training.data.labels import class_text
from training.declared.spec import AUTO, ModelSpec
from training.estimators import ESTIMATORS
from training.estimators.base import LabelRule
from training.sql import quoted, text

MOST_CLASSES = 1000
LARGEST_LABEL, SMALLEST_LABEL = 3.4e38, 1e-30
"""LightGBM keeps labels in single precision, where larger ones are infinite, and smaller ones lose digits."""
SINGLE_PRECISION = ("lightgbm", "random_forest", "extra_trees", AUTO)
"""Estimators that lose what lies beyond seven digits of a label: LightGBM rounds it, forests sum squares."""
MOST_ROUNDED = 1e-3
"""The largest error of a label in single precision, as a share of the range of the labels."""


@dataclass(frozen=True)
class Rule:
    """A rule over rows: its column, SQL that counts breaches, and words with ``{n}`` for the count."""

    column: str | None
    breaches: str
    message: str


def label_rules(spec: ModelSpec, name: str, kind: str) -> Iterator[Rule]:
    """Yield the rules of a label of some type, which its task and estimator decide."""
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
