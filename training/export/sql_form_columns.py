"""The features of a row in SQL: their numbers, and the checks that come before any of them is used.

A macro repeats its argument wherever it reads it, and a row is a struct of all its features: trees that read the row in
each split would be planned for seconds. So a form names the row once, `input`, and beside it what its splits read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from scoring.columns import LAST_INSTANT
from scoring.signature import ERROR, Feature, Signature
from training.export.preprocessing_instants import PARTS, Instants
from training.export.sql_form import number
from training.sql import quoted, text

TYPES = {
    "number": (
        r"^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|DECIMAL.*|\"NULL\")$",
        "a number",
    ),
    "category": (r"^((VARCHAR|UUID|\"NULL\")$|ENUM\()", "text"),
    "instant": (
        r"^(DATE|TIMESTAMP|TIMESTAMP_M?S|TIMESTAMP WITH TIME ZONE|\"NULL\")$",
        "a date or timestamp",
    ),
}
"""The DuckDB types of each type of feature, and what they are called.

`typeof` is known before a query runs, so that checking it takes no time.
"""
IS_WIDE = r"regexp_matches(typeof({}), '^(DECIMAL\((1[6-9]|[23]\d),|U?HUGEINT)')"
"""Whether DuckDB may cast a type to a double that is not the nearest. It casts text exactly; a decimal of at most 15
digits is an integer below 2^53 divided by an exact power of ten.
"""
IN_A_STRING = 126
"""Categories whose places are in one string of bits."""


@dataclass(frozen=True)
class SqlColumns:
    """The columns of the expanded matrix as SQL, for an expression that `whole` is given."""

    signature: Signature
    instants: Instants
    _prepared: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, signature: Signature) -> SqlColumns:
        """Return the columns of a signature."""
        return cls(signature, Instants.of(signature))

    def source(self, column: int) -> Feature:
        """Return the feature that a column comes from."""
        return self.signature.features[self.instants.sources[column]]

    def number(self, column: int) -> str:
        """Return the double of a column that is no category; null where it is missing."""
        name = f"c{column}"
        return name if name in self._prepared else self._named(name, self._number(column))

    def least_if_missing(self, column: int) -> str:
        """Return the same, which is less than all thresholds where it is missing."""
        return self._named(f"low{column}", f"coalesce({self._number(column)}, {number(-np.inf)})")

    def greatest_if_missing(self, column: int) -> str:
        """Return the same, which is greater than all thresholds where it is missing: SQL sorts NaN last."""
        return self._named(f"high{column}", f"coalesce({self._number(column)}, 'nan'::double)")

    def text(self, column: int) -> str:
        """Return the text of a category."""
        return self._named(f"t{column}", f"{_of(self.source(column))}::varchar")

    def is_among(self, column: int, codes: list[int], *, null: bool) -> tuple[str, str]:
        """Return SQL that is true where a category has one of some codes, and SQL that is true where it has none.

        A category has a place in one of several strings of bits, each of which has two more for null and for what is
        not in it: DuckDB looks texts up in a list by comparing them one by one, and makes a join of ``in``.

        Parameters
        ----------
        null
            Whether null counts as one of them.
        """
        if not codes and not null:
            return "false", "true"
        feature = self.source(column)
        bits = []
        for string in sorted({code // IN_A_STRING for code in codes} or {0}):
            listed = feature.categories[string * IN_A_STRING : (string + 1) * IN_A_STRING]
            places = {code % IN_A_STRING for code in codes if code // IN_A_STRING == string}
            if null:
                places.add(len(listed))
            mask = "".join("01"[place in places] for place in range(len(listed) + 2))
            position = (
                f"list_position([{', '.join(text(one) for one in listed)}], {_of(feature)}::varchar) - 1"
            )
            name = self._named(
                f"place{column}_{string}",
                f"case when {_of(feature)} is null then {len(listed)} "
                f"else coalesce({position}, {len(listed) + 1}) end",
            )
            bits.append(f"get_bit('{mask}', {name})")
        return " or ".join(f"{one} = 1" for one in bits), " and ".join(f"{one} = 0" for one in bits)

    def _named(self, name: str, expression: str) -> str:
        """Return the name under which an expression is computed once for each row."""
        self._prepared[name] = expression
        return name

    def _number(self, column: int) -> str:
        feature = self.source(column)
        name = _of(feature)
        if feature.type == "number":  # the checks tell of what is no number
            exact = f"try_cast({name}::varchar as double)"
            return f"nullif(if({IS_WIDE.format(name)}, {exact}, try_cast({name} as double)), 'nan'::double)"
        seconds = _seconds(feature)
        if column < self.instants.features:
            return seconds
        value = self._replacement(column)
        part = self._part(column, f"(case when abs({seconds}) <= {number(LAST_INSTANT)} then {seconds} end)")
        return part if value is None else f"case when {seconds} is null then {number(value)} else {part} end"

    def _part(self, column: int, seconds: str) -> str:
        days = f"floor(floor({seconds}) / 86400e0)"
        part = PARTS[(column - self.instants.features) // len(self.instants.positions)]
        if part == "hour":
            return f"(({seconds} - {days} * 86400e0) / 3600e0)"
        if part == "weekday":
            return f"({days} + 3e0 - floor(({days} + 3e0) / 7e0) * 7e0)"
        return f"month(make_timestamp(floor({seconds})::bigint * 1000000))::double"

    def replacement(self, column: int) -> float | None:
        """Return what stands in a column where its feature is null; None if it is missing there.

        A part of an instant is missing only where the instant is beyond all years: `number` gives what stands for null.
        """
        return self._replacement(column) if column < self.instants.features else None

    def _replacement(self, column: int) -> float | None:
        sources = self.instants.sources
        value = self.signature.features[sources[column]].null_value
        if value is None:
            return None
        row = np.zeros((1, self.instants.features))
        row[0, sources[column]] = value
        result = float(self.instants.expanded(row)[0, column])
        return None if np.isnan(result) else result

    def whole(self, expression: str) -> str:
        """Return SQL over a row ``r`` for what is made of what this gave.

        It is null for a row that is null, and fails for one that breaks a rule. Three things keep DuckDB from going
        through a large expression again and again: the checks, which it simplifies, stand in the subquery; the
        result has a name, or its text would be one; and it is taken out of a list, as common subexpressions are
        looked for in projections only, by hashing each part of an expression with all that is in it.
        """
        checks = " ".join(check for feature in self.signature.features for check in _checks(feature))
        columns = ", ".join(
            [
                "input",
                f"case when input is null then null {checks} else true end as is_scored",
                *(f"{value} as {name}" for name, value in self._prepared.items()),
            ]
        )
        scored = f"unnest([case when is_scored then {expression} end]) as score"
        return f"(select {scored} from (select {columns} from (select r as input)))"


def _of(feature: Feature) -> str:
    return f"input.{quoted(feature.name)}"


def _seconds(feature: Feature) -> str:
    """Return the seconds of an instant; a column of nulls alone has no type that `epoch` takes."""
    return f"epoch(coalesce({_of(feature)}, null::date))"


def _checks(feature: Feature) -> Iterator[str]:
    column = _of(feature)
    pattern, needed = TYPES[feature.type]
    needs = f"This model needs {needed} in column '{feature.name}'"
    sentence = text(f"{needs}: it was trained so, but the column's type is ")
    yield (
        f"when not regexp_matches(typeof({column}), {text(pattern)}) then "
        f"error({sentence} || typeof({column}) || {text('; cast it the way the training query did.')})"
    )
    if feature.nulls == ERROR:
        is_null = f"{column} is null"
        if feature.type == "number":
            is_null += f" or isnan({column}::double)"
        if feature.type == "instant":
            is_null = f"{_seconds(feature)} is null"
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
            f"when {column}::varchar is not null and {_among(column, feature.categories)} is not true then "
            + _error(
                f"{needs} that training saw: its rule for unseen ones is `error`, but a row has another; "
                "filter such rows out, or train the model with another rule."
            )
        )


def _among(column: str, categories: tuple[str, ...]) -> str:
    return f"list_contains([{', '.join(text(category) for category in categories)}], {column}::varchar)"


def _error(sentence: str) -> str:
    return f"error({text(sentence)})"
