"""The training snapshot: what the rows that a version was fitted on looked like."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow as pa

from scoring.scratch import scratch
from scoring.signature import Feature, Signature
from training.data.fingerprint import fingerprint
from training.sql import quoted

EXACT_ROWS = 100_000
NAMES = ("nulls", "distinct_values", "mean", "stddev", "min", "max")
SCALE = 1e-200
"""Brings the largest doubles to a size at which they can be squared."""


def snapshot(rows: pa.Table, signature: Signature, *, time: str | None) -> dict[str, Any]:
    """Return the ``training_snapshot`` of a version row.

    Parameters
    ----------
    rows
        The rows that the version was fitted on.
    signature
        Its features.
    time
        Name of the column with the prediction time, the latest of which is the cutoff; None if there is none.

    Returns
    -------
    dict
        Nulls count null and NaN; mean, standard deviation (of the sample) and limits are over finite
        values, and null for categories; instants are in seconds since 1970. Distinct values are counted
        by HyperLogLog, a few percent off, where there are more than `EXACT_ROWS` rows.
    """
    distinct = "count(distinct {})" if rows.num_rows <= EXACT_ROWS else "approx_count_distinct({})"
    with scratch() as work:
        work.register("rows", rows)
        aggregates = ["null" if time is None else f"max({quoted(time)})::timestamp"]
        selected = [] if time is None else [quoted(time)]
        for position, feature in enumerate(signature.features):
            aggregates += _aggregates(feature, f"value_{position}", distinct)
            selected += _values(feature, f"value_{position}")
        # Values are made comparable in a subquery: a filter on each aggregate takes seven times as long.
        cutoff, *values = work.execute(
            f"select {', '.join(aggregates)} from (select {', '.join(selected)} from rows)"
        ).fetchall()[0]
        described = [
            _described(work, feature, values[start : start + len(NAMES)])
            for feature, start in zip(signature.features, range(0, len(values), len(NAMES)), strict=True)
        ]
        types = {field.name: str(field.type) for field in rows.schema}
        identity = fingerprint(work, "rows", types)
    return {
        "rows": rows.num_rows,
        "fingerprint": identity,
        "cutoff": cutoff,
        "features": described,
    }


def _described(work: duckdb.DuckDBPyConnection, feature: Feature, values: Sequence[Any]) -> dict[str, Any]:
    """Return the statistics of a feature, from the values of `_aggregates`."""
    statistics = dict(zip(NAMES, values, strict=True))
    mean, variance = statistics["mean"], statistics["stddev"]
    if variance is not None and math.isfinite(variance) and math.isfinite(mean):
        statistics["stddev"] = math.sqrt(variance)
    elif mean is not None and not (math.isfinite(mean) and variance is None):
        statistics |= _far(work, feature)
    return {"name": feature.name, "type": feature.type, **statistics}


def _far(work: duckdb.DuckDBPyConnection, feature: Feature) -> dict[str, float | None]:
    """Return mean and deviation of values whose squares are beyond a double; None for one that is itself."""
    number = f"{quoted(feature.name)}::double"
    value = f"case when isfinite({number}) then {number} * {SCALE} end"
    scaled = work.execute(f"select avg({value}), stddev_samp({value}) from rows").fetchall()[0]
    unscaled = (None if value is None else value / SCALE for value in scaled)
    finite = (value if value is not None and math.isfinite(value) else None for value in unscaled)
    return dict(zip(("mean", "stddev"), finite, strict=True))


def _values(feature: Feature, name: str) -> list[str]:
    """Return the SQL of a feature's values: null where unknown, and once more, null where not finite too."""
    column = quoted(feature.name)
    if feature.type == "category":
        return [f"{column} as {name}"]
    number = f"{column}::double"
    if feature.type == "instant":
        number = f"case when isfinite({column}) then epoch({column}) end"
    return [
        f"case when not isnan({number}) then {number} end as {name}",
        f"case when isfinite({number}) then {number} end as finite_{name}",
    ]


def _aggregates(feature: Feature, name: str, distinct: str) -> list[str]:
    """Return the SQL of a feature's statistics; ``distinct`` counts the values of its operand."""
    counts = [f"count(*) - count({name})", distinct.format(name)]
    if feature.type == "category":
        return [*counts, "null", "null", "null", "null"]
    finite = f"finite_{name}"
    # The same as `stddev_samp` but for a root, and infinite where that raises an error.
    deviation = f"covar_samp({finite}, {finite})"
    return [*counts, f"avg({finite})", deviation, f"min({finite})", f"max({finite})"]
