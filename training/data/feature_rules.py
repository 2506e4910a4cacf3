"""What null and unseen become in a model's features, found on the rows that it learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring import columns
from scoring.errors import listed
from scoring.signature import CONSTANT, ERROR, MISSING, MOST_FREQUENT, Feature
from training.data.column_types import INSTANT_TYPES, is_text
from training.declared.spec import FeatureRules, ModelSpec
from training.sql import quoted

if TYPE_CHECKING:
    from training.data.split import Part


def make_feature(name: str, kind: str, rules: FeatureRules, column: pa.ChunkedArray) -> Feature:
    """Return a feature as the rows to learn from determine it.

    Parameters
    ----------
    name, kind
        Its column, and DuckDB's name for the column's type.
    rules
        What null and unseen mean.
    column
        The rows to learn from. A category is known if it is among them; the constant that takes the place of
        nulls is a category, too, if there are any.
    """
    if kind in INSTANT_TYPES:
        feature = Feature.instant(name)
    elif is_text(kind):
        seen = set(pc.unique(_texts(column).drop_null()).to_pylist())
        if rules.nulls == CONSTANT and column.null_count and rules.constant is not None:
            seen.add(rules.constant)
        feature = replace(Feature.category(name, tuple(sorted(seen))), unseen=rules.unseen)
    else:
        feature = Feature.number(name)
    chosen = {rule: _value(rule, rules, feature, column) for rule in {rules.nulls, feature.unseen} if rule}
    return replace(
        feature,
        nulls=rules.nulls,
        null_value=chosen[rules.nulls],
        unseen_value=chosen[feature.unseen] if feature.unseen else None,
    )


def rule_problem(name: str, kind: str, rules: FeatureRules) -> str | None:
    """Return what is wrong with the rules of a feature, given DuckDB's name for its type."""
    if rules.unseen != MISSING and not is_text(kind):
        return (
            f"feature '{name}' must be text to have a rule for unseen categories; found type {kind}; remove "
            "'unseen' from its rules."
        )
    if rules.constant is None or is_text(kind):
        return None
    try:
        number = constant_number(rules.constant, kind)
    except ValueError:
        number = np.inf
    if np.isfinite(number):
        return None
    expected = "a date or timestamp, as in '2024-01-31'" if kind in INSTANT_TYPES else "a finite number"
    return (
        f"the constant of feature '{name}' must be {expected}, as its type is {kind}; found "
        f"'{rules.constant}'; correct it."
    )


def null_condition(name: str, kind: str) -> str:
    """Return SQL that is true where a feature is missing: null, NaN, or an instant that is infinite."""
    column = quoted(name)
    if is_text(kind):
        return f"{column} is null"
    rest = f"not isfinite({column})" if kind in INSTANT_TYPES else f"isnan({column}::double)"
    return f"{column} is null or {rest}"


def training_problems(
    spec: ModelSpec, types: Mapping[str, str], table: pa.Table, parts: Mapping[str, Part]
) -> Iterator[str]:
    """Yield why the rules cannot be followed on the rows; none if there is no row to learn from."""
    if not parts["train"].rows:
        return
    for name, rules in spec.features.items():
        column = table.column(name)
        feature = make_feature(name, types[name], rules, column[parts["train"].slice])
        unknown = [
            value
            for rule, value in ((rules.nulls, feature.null_value), (feature.unseen, feature.unseen_value))
            if rule in (CONSTANT, MOST_FREQUENT) and value is None
        ]
        if unknown and MOST_FREQUENT in (rules.nulls, rules.unseen):
            yield (
                f"feature '{name}' must have a value in the training rows to have a most frequent one; found "
                "none; leave it out of the query or choose another rule."
            )
        elif unknown:
            yield (
                f"the constant of feature '{name}' must be a category of the training rows, or their nulls "
                f"must become it; found '{rules.constant}' nowhere among {listed(feature.categories[:20])}; "
                "correct it."
            )
        if feature.unseen == ERROR:
            yield from _unseen(feature, _texts(column))


def constant_number(text: str, kind: str) -> float:
    """Return a constant in the units of the matrix.

    Raises
    ------
    ValueError
        If the text is none for the type.
    """
    if kind in INSTANT_TYPES:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    return {"true": 1.0, "false": 0.0}[text] if text in ("true", "false") else float(text)


def _value(rule: str, rules: FeatureRules, feature: Feature, column: pa.ChunkedArray) -> float | None:
    """Return what a rule puts in place of a missing value; None if nothing."""
    if rule == MOST_FREQUENT:
        values = np.concatenate([doubles(feature, chunk) for chunk in column.chunks])
        distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        return float(distinct[np.argmax(counts)]) if len(distinct) else None
    if rule != CONSTANT or rules.constant is None:
        return None
    if feature.type == "category":
        is_category = rules.constant in feature.categories
        return float(feature.categories.index(rules.constant)) if is_category else None
    return constant_number(rules.constant, "timestamp" if feature.type == "instant" else "double")


def doubles(feature: Feature, chunk: pa.Array) -> NDArray[np.float64]:
    """Return the values of a feature as doubles, NaN where there is none; of categories the codes."""
    if feature.type == "category":
        return columns.codes(chunk, pa.array(feature.categories, pa.string()))
    return columns.numbers(chunk) if feature.type == "number" else columns.seconds(chunk)


def _unseen(feature: Feature, texts: pa.ChunkedArray) -> Iterator[str]:
    is_seen = pc.is_in(texts.drop_null(), value_set=pa.array(feature.categories, pa.string()))
    unseen = texts.drop_null().filter(pc.invert(is_seen))
    if len(unseen):
        yield (
            f"feature '{feature.name}' must have only categories that the training rows have, as its rule "
            f"for unseen ones is `error`; found {len(unseen)} rows with others, such as "
            f"'{unseen[0].as_py()}'; group rare categories in the query or choose another rule."
        )


def _texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.cast(column, pa.string())
