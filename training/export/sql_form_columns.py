"""The features of a row in SQL: their numbers, and the checks that come before any of them is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from scoring.columns import EXACT_INTEGER, LAST_INSTANT
from scoring.signature import ERROR, Feature, Signature
from training.export.preprocessing_instants import PARTS, Instants
from training.export.sql_form import LARGEST_FORM, SqlForm, number
from training.sql import quoted, text

TYPES = {
    "number": (
        r"^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|DECIMAL.*|\"NULL\")$",
        "a number",
    ),
    "category": (r"^(VARCHAR|ENUM.*|\"NULL\")$", "text"),
    "instant": (r"^(DATE|TIMESTAMP|TIMESTAMP_M?S|TIMESTAMP WITH TIME ZONE)$", "a date or timestamp"),
}
"""The DuckDB types of each type of feature, and what they are called.

`typeof` is known before a query runs, so that checking it takes no time.
"""
IS_WIDE = "regexp_matches(typeof({}), '^(DECIMAL|U?HUGEINT)')"
EXACT_DIGITS = 15
"""A decimal of so many digits is an integer below 2^53 divided by an exact power of ten."""


@dataclass(frozen=True)
class SqlColumns:
    """The columns of the expanded matrix as SQL over a row ``r``."""

    signature: Signature
    instants: Instants

    @classmethod
    def of(cls, signature: Signature) -> SqlColumns:
        """Return the columns of a signature."""
        return cls(signature, Instants.of(signature))

    def source(self, column: int) -> Feature:
        """Return the feature that a column comes from."""
        return self.signature.features[self.instants.sources[column]]

    def number(self, column: int) -> str:
        """Return the double of a column that is no category; null or NaN where it is missing."""
        feature = self.source(column)
        name = f"r.{quoted(feature.name)}"
        if feature.type == "number":
            return _as_double(feature)  # the checks tell of what is no number
        if column < self.instants.features:
            return f"epoch({name})"
        seconds = f"(case when abs(epoch({name})) <= {number(LAST_INSTANT)} then epoch({name}) end)"
        days = f"floor(floor({seconds}) / 86400e0)"
        part = PARTS[(column - self.instants.features) // len(self.instants.positions)]
        if part == "hour":
            return f"(({seconds} - {days} * 86400e0) / 3600e0)"
        if part == "weekday":
            return f"({days} + 3e0 - floor(({days} + 3e0) / 7e0) * 7e0)"
        return f"month(make_timestamp(floor({seconds})::bigint * 1000000))::double"

    def replacement(self, column: int) -> float | None:
        """Return what stands in a column where its feature is null; None if it is missing there."""
        sources = self.instants.sources
        value = self.signature.features[sources[column]].null_value
        if value is None:
            return None
        row = np.zeros((1, self.instants.features))
        row[0, sources[column]] = value
        result = float(self.instants.expanded(row)[0, column])
        return None if np.isnan(result) else result

    def guarded(self, expression: str) -> str:
        """Return a sum that is null for a row that is null, and fails for one that breaks a rule.

        The checks add zero, which changes no sum, as none is minus zero. In the place of a condition around
        the expression they would make it three times slower: DuckDB runs it on selected rows there.
        """
        checks = " ".join(check for feature in self.signature.features for check in _checks(feature))
        return f"(case when r is null then null {checks} else 0e0 end) + {expression}"


def _checks(feature: Feature) -> Iterator[str]:
    column = f"r.{quoted(feature.name)}"
    pattern, needed = TYPES[feature.type]
    needs = f"This model needs {needed} in column '{feature.name}'"
    sentence = text(f"{needs}: it was trained so, but the column's type is ")
    yield (
        f"when not regexp_matches(typeof({column}), {text(pattern)}) then "
        f"error({sentence} || typeof({column}) || {text('; cast it the way the training query did.')})"
    )
    if feature.type == "number":
        yield _digits_check(feature)
    if feature.nulls == ERROR:
        is_null = f"{column} is null"
        if feature.type == "number":
            is_null += f" or isnan({column}::double)"
        if feature.type == "instant":
            is_null = f"epoch({column}) is null"
        yield f"when {is_null} then " + _error(
            f"{needs}: its rule for nulls is `error`, but a row has none; filter such rows out, or train the "
            "model with another rule."
        )
    if feature.unseen == ERROR and feature.type == "number":
        yield f"when isinf({column}::double) then " + _error(
            f"This model needs a finite number in column '{feature.name}', but a row has infinity; filter such "
            "rows out."
        )
    elif feature.unseen == ERROR:
        yield (
            f"when {column}::varchar is not null and {among(column, feature.categories)} is not true then "
            + _error(
                f"{needs} that training saw: its rule for unseen ones is `error`, but a row has another; "
                "filter such rows out, or train the model with another rule."
            )
        )


def _as_double(feature: Feature) -> str:
    return f"try_cast(r.{quoted(feature.name)} as double)"


def _digits_check(feature: Feature) -> str:
    """Return a check that fails for a decimal or huge integer whose cast may be off by one bit."""
    column = f"r.{quoted(feature.name)}"
    digits = f"try_cast(regexp_extract(typeof({column}), ',(\\d+)', 1) as integer)"
    largest = f"{number(EXACT_INTEGER)} / pow(10e0, coalesce({digits}, 0))"
    return f"when {IS_WIDE.format(column)} and abs({_as_double(feature)}) >= {largest} then " + _error(
        f"This model needs a number in column '{feature.name}' that a double can hold: this one has more "
        "digits; cast it to double."
    )


def with_wide(form: SqlForm, signature: Signature, rows: pa.Schema) -> SqlForm:
    """Return a form that takes the decimals and huge integers that it was trained on to the nearest doubles.

    DuckDB casts text exactly, and decimals of more than 15 digits not; the longer expression is only worth
    its time to plan where training had such a column. A form that would be too large stays as it is.

    Parameters
    ----------
    form
        What `SqlColumns` made.
    signature
        The features.
    rows
        The types that they had in training.
    """
    raw = form.raw_score
    for feature in signature.features:
        kind = rows.field(feature.name).type
        if feature.type == "number" and pa.types.is_decimal(kind) and kind.precision > EXACT_DIGITS:
            column = f"r.{quoted(feature.name)}"
            raw = raw.replace(f" {_digits_check(feature)}", "")
            nearest = f"try_cast({column}::varchar as double)"
            cast = f"(case when {IS_WIDE.format(column)} then {nearest} else {_as_double(feature)} end)"
            raw = raw.replace(_as_double(feature), cast)
    return SqlForm(raw, form.prediction) if len(raw) <= LARGEST_FORM else form


def among(column: str, categories: tuple[str, ...]) -> str:
    """Return SQL that is true where the text of a column is one of one or more categories; null for null.

    DuckDB makes a join of ``in``, hundreds of which no plan endures.
    """
    if len(categories) == 1:
        return f"{column}::varchar = {text(categories[0])}"
    return f"list_contains([{', '.join(text(category) for category in categories)}], {column}::varchar)"


def _error(sentence: str) -> str:
    return f"error({text(sentence)})"
