"""Rows that break a rule, found in Spark: they are fetched, so that the rules of DuckDB say what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow as pa

from scoring.signature import ERROR
from scoring.spark.tables import arrow_of
from training.data.split import PARTS
from training.declared.spec import ModelSpec
from training.sql import quoted, text

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SHOWN = 1_000
"""Rows that are fetched of those that break a rule, so that a message counts no more."""
FRACTIONS = ("float", "double")


def broken_rows(spark: SparkSession, view: str, spec: ModelSpec, kinds: Mapping[str, str]) -> pa.Table | None:
    """Return some of the rows that break a rule; None if none does.

    Rules that look at all values of a column together, such as the number of classes, are left to the sample, which
    has them all.

    Parameters
    ----------
    spark, view
        Where the rows are.
    spec
        The model's configuration.
    kinds
        Spark's name for the type of each column.
    """
    key = quoted(spec.key)
    repeated = f"select {key} from {quoted(view)} group by {key} having count(*) > 1 limit {SHOWN}"
    for condition in (" or ".join(_conditions(spec, kinds)), f"{key} in ({repeated})"):
        broken = arrow_of(spark.sql(f"select * from {quoted(view)} where {condition} limit {SHOWN}"))
        if len(broken):
            # Beside others, lest their number be what is wrong.
            others = spark.sql(f"select * from {quoted(view)} where not ({condition}) limit {SHOWN}")
            return pa.concat_tables([broken, arrow_of(others)])
    return None


def _conditions(spec: ModelSpec, kinds: Mapping[str, str]) -> Iterator[str]:
    for name in (spec.key, spec.time, spec.label, spec.weight):
        if name is not None:
            yield f"{quoted(name)} is null"
    for name in (spec.key, spec.label, spec.weight):
        if name is not None and kinds[name] in FRACTIONS:
            yield f"isnan({quoted(name)})"
    for name in (spec.label, spec.weight):
        if name is not None and kinds[name] in FRACTIONS:
            yield f"abs({quoted(name)}) = double('infinity')"
    if spec.weight is not None:
        yield f"{quoted(spec.weight)} < 0"
    if spec.split.column is not None:
        parts = ", ".join(map(text, PARTS))
        yield f"coalesce(cast({quoted(spec.split.column)} as string) not in ({parts}), true)"
    for name, rules in spec.features.items():
        if rules.nulls == ERROR:
            yield f"{quoted(name)} is null"
            if kinds[name] in FRACTIONS:
                yield f"isnan({quoted(name)})"
