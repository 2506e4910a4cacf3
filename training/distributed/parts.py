"""The split of rows in Spark SQL: the same parts as `training.data.split` gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from training.data.split import PARTS, salt, starts
from training.declared.spec import ModelSpec
from training.sql import quoted, text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BUCKETS = 65_536
"""Into how many spans of time rows are counted at once."""


@dataclass(frozen=True)
class Cuts:
    """Where validation and test begin in a split by time, in microseconds since 1970; None beyond the last row."""

    validation: int | None
    test: int | None

    @classmethod
    def of(cls, spark: SparkSession, view: str, spec: ModelSpec) -> Self:
        """Return the cuts of the rows of a view: the times at two places in the order of all times.

        Times are counted in ever narrower spans, so that no machine holds or sorts them all.
        """
        value = micros(quoted(str(spec.time)))
        rows, low, high = spark.sql(
            f"select count(*), min({value}), max({value}) from {quoted(view)}"
        ).collect()[0]
        places = starts(rows, validation=spec.split.validation, test=spec.split.test)
        return cls(*(_at(spark, view, value, place, low, high) if place < rows else None for place in places))

    def rank(self, value: str) -> str:
        """Return SQL, of either engine, for the position in `PARTS` of a row with a time in microseconds."""
        cases = [
            f"when {value} >= {cut} then {place}"
            for place, cut in ((2, self.test), (1, self.validation))
            if cut is not None
        ]
        return f"case {' '.join(cases)} else 0 end" if cases else "0"


def micros(column: str) -> str:
    """Return SQL of Spark for an instant or a date in microseconds; the zone of the session is UTC."""
    return f"unix_micros(cast({column} as timestamp))"


def rank(spec: ModelSpec, cuts: Cuts | None) -> str:
    """Return SQL of Spark for the position in `PARTS` of a row's part."""
    split = spec.split
    if salted := salt(spec):
        digest = f"substr(md5(concat({literal(salted)}, cast({quoted(spec.key)} as string))), 1, 8)"
        share = f"cast(conv({digest}, 16, 10) as bigint) / 4294967296D"
        test, both = float(split.test), float(split.test + split.validation)
        return f"case when {share} < {test!r}D then 2 when {share} < {both!r}D then 1 else 0 end"
    if split.method == "custom" and split.column is not None:
        cases = [f"when {text(part)} then {place}" for place, part in enumerate(PARTS)]
        return f"case cast({quoted(split.column)} as string) {' '.join(cases)} end"
    return "0" if cuts is None else cuts.rank(micros(quoted(str(spec.time))))


def literal(value: str) -> str:
    """Return a text as SQL of Spark has it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _at(spark: SparkSession, view: str, value: str, place: int, low: int, high: int) -> int:
    """Return the value at a place in ascending order, counted from 0, of the values from ``low`` to ``high``."""
    while True:
        width = -(-(high - low + 1) // BUCKETS)
        counts: Iterable[tuple[int, int]] = spark.sql(
            f"select ({value} - {low}) div {width} as bucket, count(*) as row_count from {quoted(view)} "
            f"where {value} between {low} and {high} group by 1 order by 1"
        ).collect()
        for bucket, count in counts:
            if place < count:
                low, high = low + bucket * width, min(high, low + (bucket + 1) * width - 1)
                break
            place -= count
        if width == 1:
            return low
