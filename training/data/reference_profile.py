"""The reference profile: how features and predictions were distributed, in bins, for drift to be measured against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.scratch import scratch
from scoring.signature import Feature, Signature
from training.data.arrow_rows import taken
from training.data.number_bins import NumberBins, moments
from training.sql import quoted

MOST_CATEGORIES = 50
"""The most frequent categories have bins of their own."""
OTHERS = None
"""The name of the bin of all other categories: none, which no category has."""
MOST_SLICES = 50
"""Of each slice column, the values that have a profile of their own, the most frequent."""
PREDICTION = "prediction"

MOST_ROWS = 250_000
"""Of more rows, numbers and instants are counted in a sample of this many: a share p of all rows is then off by at most
2.6 sqrt(p (1 - p) / 250,000) in 99 of 100 cases, for 5 percent 0.11 points. The intervals of drift include that."""

Codes = NDArray[np.int64]
Slice = tuple[str | None, str | None]
Profile = dict[str, Any]


def reference_profile(rows: pa.Table, signature: Signature, slices: Sequence[str]) -> list[Profile]:
    """Return the profiles of the features, as the column ``reference_profile`` of a version row keeps them.

    Each feature is read once, a category in all rows, the others in at most `MOST_ROWS`. Values are cast by DuckDB,
    as a monitor's SQL casts them, so that equal values fall into the same bin whatever their type.

    Parameters
    ----------
    rows
        The rows that the version was fitted on.
    signature
        Its features.
    slices
        Columns for whose most frequent values there are profiles too, over the same bins.
    """
    return _of_features(rows, "feature", signature.features, slices)


def prediction_profile(rows: pa.Table, slices: Sequence[str]) -> list[Profile]:
    """Return the profiles of the predictions, in the same form.

    Parameters
    ----------
    rows
        The column ``prediction``, a number or the text of a class, and the slice columns.
    slices
        Those columns.
    """
    is_number = pa.types.is_floating(rows.schema.field(PREDICTION).type)
    feature = Feature(PREDICTION, "number" if is_number else "category")
    return _of_features(rows, PREDICTION, [feature], slices)


def _of_features(
    rows: pa.Table, kind: str, features: Sequence[Feature], slices: Sequence[str]
) -> list[Profile]:
    with scratch() as work:
        work.register("rows", rows)
        groups = [_codes(work, column) for column in slices]
        positions = _sample(len(rows))
        work.register("sample", taken(rows, positions))
        of_sample = [(column, names, codes[positions]) for column, names, codes in groups]
        return [
            profile
            for feature in features
            for profile in _profiles(work, kind, feature, groups if feature.type == "category" else of_sample)
        ]


def _sample(rows: int) -> NDArray[np.int64]:
    """Return the positions of rows drawn with a fixed seed; an even step could keep time with a season."""
    if rows <= MOST_ROWS:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False, shuffle=False))


def _codes(work: duckdb.DuckDBPyConnection, column: str) -> tuple[str, list[str], Codes]:
    """Return a slice column, its most frequent values, and the position of each row's value among those or -1."""
    texts = work.execute(f"select coalesce({quoted(column)}::varchar, 'null') as slice from rows")
    encoded = texts.to_arrow_table().column("slice").combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(values))
    kept = sorted(range(len(values)), key=lambda code: (-counts[code], values[code]))[:MOST_SLICES]
    positions = np.full(len(values), -1)
    positions[kept] = np.arange(len(kept))
    return column, [values[code] for code in kept], positions[codes]


def _profiles(
    work: duckdb.DuckDBPyConnection,
    kind: str,
    feature: Feature,
    groups: Sequence[tuple[str, list[str], Codes]],
) -> Iterator[Profile]:
    """Yield the profile of a feature over all rows, then over those of every slice."""
    profile = _category if feature.type == "category" else _number
    for (column, value), statistics in profile(work, feature, groups):
        yield {
            "kind": kind,
            "feature": feature.name,
            "type": feature.type,
            "slice_column": column,
            "slice_value": value,
            **statistics,
        }


def _number(
    work: duckdb.DuckDBPyConnection, feature: Feature, groups: Sequence[tuple[str, list[str], Codes]]
) -> Iterator[tuple[Slice, Profile]]:
    name = quoted(feature.name)
    number = f"epoch({name}::timestamp)" if feature.type == "instant" else f"{name}::double"
    instant = f"case when isfinite({name}) then {number} else 'nan'::double end"
    sql = f"case when {name} is not null then {instant if feature.type == 'instant' else number} end"
    column = work.execute(f"select {sql} as value from sample").fetchnumpy()["value"]
    is_null = np.ma.getmaskarray(column)
    values = np.ma.getdata(column)
    is_finite = ~is_null & np.isfinite(values)
    finite = values[is_finite]
    bins = NumberBins.of(finite)
    show = _instant if feature.type == "instant" else "{:g}".format
    counts = {"row_count": len(values), "nulls": int(is_null.sum())}
    counts["non_finite"] = counts["row_count"] - counts["nulls"] - len(finite)
    (moment,) = moments(finite, np.zeros(len(finite), np.int64), 1)
    yield (None, None), {**counts, **moment, "bins": bins.rows(bins.counts, show)}
    if not groups:
        return
    # Two more codes: of values that are not finite, and of nulls.
    codes = np.full(len(values), bins.size)
    codes[is_null] += 1
    codes[is_finite] = bins.codes(finite)
    for column_name, names, slice_codes in groups:
        table = _counted(codes, bins.size + 2, slice_codes, len(names))
        # Rows of no slice come first, and are left out.
        by_slice = moments(finite, slice_codes[is_finite] + 1, len(names) + 1)[1:]
        for position, slice_value in enumerate(names):
            of_slice = table[position]
            yield (
                (column_name, slice_value),
                {
                    "row_count": int(of_slice.sum()),
                    "nulls": int(of_slice[-1]),
                    "non_finite": int(of_slice[-2]),
                    **by_slice[position],
                    "bins": bins.rows(of_slice[: bins.size], show),
                },
            )


def _instant(seconds: float) -> str:
    """Return an instant as text, to the second."""
    return str(np.datetime64(round(seconds), "s")).replace("T", " ")


def _category(
    work: duckdb.DuckDBPyConnection, feature: Feature, groups: Sequence[tuple[str, list[str], Codes]]
) -> Iterator[tuple[Slice, Profile]]:
    texts = work.execute(f"select {quoted(feature.name)}::varchar as value from rows").to_arrow_table()
    encoded = texts.column("value").combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    codes = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    counts = np.bincount(codes, minlength=len(values) + 1)
    frequent = sorted(range(len(values)), key=lambda code: (-counts[code], values[code]))
    kept = frequent if len(frequent) <= MOST_CATEGORIES else frequent[:MOST_CATEGORIES]
    names = [values[code] for code in kept] + ([OTHERS] if len(kept) < len(values) else [])
    positions = np.full(len(values) + 1, len(kept))
    positions[kept] = np.arange(len(kept))
    positions[-1] = len(names)
    codes = positions[codes]

    def of_counts(of_slice: NDArray[np.int64]) -> Profile:
        bins = [
            {"bin": name, "lower": None, "upper": None, "mean": None, "row_count": int(count)}
            for name, count in zip(names, of_slice[:-1], strict=True)
        ]
        return {
            "row_count": int(of_slice.sum()),
            "nulls": int(of_slice[-1]),
            "non_finite": 0,
            "mean": None,
            "stddev": None,
            "bins": bins,
        }

    yield (None, None), of_counts(np.bincount(codes, minlength=len(names) + 1))
    for column_name, slice_values, slice_codes in groups:
        table = _counted(codes, len(names) + 1, slice_codes, len(slice_values))
        for position, slice_value in enumerate(slice_values):
            yield (column_name, slice_value), of_counts(table[position])


def _counted(codes: Codes, size: int, slice_codes: Codes, slices: int) -> NDArray[np.int64]:
    """Return how many rows there are of each code in each slice, shape ``(slices, size)``."""
    # Rows of no slice come first, and are left out.
    counts = np.bincount((slice_codes + 1) * size + codes, minlength=(slices + 1) * size)
    return counts.reshape(slices + 1, size)[1:]
