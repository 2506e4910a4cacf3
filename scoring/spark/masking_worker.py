"""What a Python worker of Spark does to mask values: the keyed hash of the texts that DuckDB has."""

from __future__ import annotations

from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from scoring.errors import SparkError
from scoring.masking import hashes


@dataclass(frozen=True)
class Key:
    """The key as it travels.

    Parameters
    ----------
    key
        The bytes; None if there are none.
    problem
        Why.
    """

    key: bytes | None = field(repr=False)
    problem: str = ""


def mask(key: Key, values: pa.Array) -> pa.Array:
    """Return the hash of each value as text; null of null.

    Raises
    ------
    scoring.errors.SparkError
        If there is no key, and a value that is not null.
    """
    if key.key is None:
        if values.null_count < len(values):
            raise SparkError.of_a_row(key.problem)
        return pa.nulls(len(values), pa.string())
    return hashes(key.key, _texts(values))


def _texts(values: pa.Array) -> pa.Array:
    """Return values as DuckDB writes them: Spark writes a double otherwise."""
    if pa.types.is_string(values.type):
        return values
    with duckdb.connect() as scratch:
        scratch.register("rows", pa.table({"value": values}))
        return scratch.sql("select cast(value as varchar) as value from rows").to_arrow_table()["value"]
