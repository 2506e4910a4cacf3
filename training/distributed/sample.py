"""Which rows of many are fetched, and which say when to stop: the same ones each time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from scoring.spark.tables import arrow_of
from training.distributed.parts import literal
from training.estimators.base import Examples
from training.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

STOPPING_VALUES = 4_000_000
"""How many values of validation rows each task is given, to stop by."""
MOST_CATEGORIES = 10_001
"""Rows that are fetched for the categories of a feature, one of each; with more the feature is refused."""
SHARES = 2**30


def share(key: str) -> str:
    """Return SQL of Spark for a number below `SHARES` that a row's key decides, whatever part it decides too."""
    return f"pmod(xxhash64({quoted(key)}, {literal('sample')}), {SHARES})"


def with_all_values(
    spark: SparkSession, rows: str, sample: pa.Table, key: str, columns: Iterable[str]
) -> pa.Table:
    """Return a sample of rows with a row of every value of some columns that it lacks, null included.

    Parameters
    ----------
    spark, rows
        All rows: what follows the columns in SQL.
    sample
        Some of them.
    key
        The column that decides which row of a value is taken.
    columns
        The features that are text, and a label of classes.
    """
    for name in dict.fromkeys(columns):
        column = quoted(name)
        firsts = spark.sql(
            f"select first.* from (select min_by(struct(*), {share(key)}) as first {rows} group by {column} "
            f"limit {MOST_CATEGORIES})"
        )
        with duckdb.connect() as work:
            work.register("sample", sample)
            work.register("firsts", arrow_of(firsts))
            lacking = work.sql(
                f"select * from firsts where not exists (select 1 from sample where sample.{column} is not "
                f"distinct from firsts.{column}) order by {quoted(key)}"
            ).to_arrow_table()
        sample = pa.concat_tables([sample, lacking.cast(sample.schema)])
    return sample


def some(validation: Examples) -> Examples:
    """Return the rows to stop by: an even choice where there are more than tasks are given."""
    rows, columns = validation.rows.shape
    kept = np.linspace(0, rows - 1, min(rows, max(STOPPING_VALUES // columns, 1))).astype(np.int64)
    chosen = validation.taken(kept)
    return Examples(chosen.features, chosen.label, chosen.weight)
