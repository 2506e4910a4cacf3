"""Arrow columns to float64, exactly: the one place where a value becomes a model's number."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

EXACT_INTEGER = 2**53
SECONDS_PER_DAY = 86_400.0
LAST_INSTANT = 9.2e12
"""Seconds from 1970 to the last year that DuckDB knows, roughly."""
COUNTS_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}


def is_number(column_type: pa.DataType) -> bool:
    """Return whether a column of this type can be a feature of type number."""
    return bool(
        pa.types.is_integer(column_type)
        or pa.types.is_floating(column_type)
        or pa.types.is_boolean(column_type)
        or pa.types.is_decimal(column_type)
        or pa.types.is_null(column_type)
        or isinstance(column_type, pa.Bool8Type)
        or _is_huge(column_type)
    )


def is_category(column_type: pa.DataType) -> bool:
    """Return whether a column of this type can be a feature of type category."""
    if pa.types.is_dictionary(column_type):
        return is_category(column_type.value_type)
    return bool(
        pa.types.is_string(column_type)
        or pa.types.is_large_string(column_type)
        or pa.types.is_string_view(column_type)
        or pa.types.is_null(column_type)
    )


def is_instant(column_type: pa.DataType) -> bool:
    """Return whether a column of this type can be a feature of type instant."""
    return bool(
        pa.types.is_timestamp(column_type) or pa.types.is_date(column_type) or pa.types.is_null(column_type)
    )


FITS = {"number": is_number, "category": is_category, "instant": is_instant}
"""Whether a column's type can hold a feature of the type."""


def numbers(column: pa.Array) -> NDArray[np.float64]:
    """Return a numeric column as float64 with NaN for null.

    Every value becomes the double nearest to it, so that a column gives the same numbers whether it
    arrives as an integer, a decimal or a double.

    Parameters
    ----------
    column
        An array of any type that `is_number` accepts, of ``n`` rows.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``.
    """
    if _is_huge(column.type):
        return _huge_integers(column)
    if isinstance(column.type, pa.Bool8Type):
        column = column.storage
    if pa.types.is_decimal(column.type):
        return _decimals(column)
    if not pa.types.is_float64(column.type):
        column = pc.cast(column, pa.float64(), safe=False)
    return np.asarray(column.to_numpy(zero_copy_only=False))


def codes(column: pa.Array, categories: pa.Array) -> NDArray[np.float64]:
    """Return the position of each text in the categories as float64, NaN where null or not among them.

    Parameters
    ----------
    column
        An array of any type that `is_category` accepts, of ``n`` rows.
    categories
        Distinct strings; the position of one is its code.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``.
    """
    positions = pc.index_in(_texts(column), value_set=categories)
    return np.asarray(positions.to_numpy(zero_copy_only=False), dtype=np.float64)


def is_null(column: pa.Array) -> NDArray[np.bool_]:
    """Return which texts of a column of any type that `is_category` accepts are null, shape ``(n,)``."""
    return np.asarray(_texts(column).is_null().to_numpy(zero_copy_only=False))


def _texts(column: pa.Array) -> pa.Array:
    """Return a column of texts as plain strings."""
    if pa.types.is_dictionary(column.type):  # Arrow decodes no dictionary of string views, as Polars has
        column = pa.DictionaryArray.from_arrays(column.indices, pc.cast(column.dictionary, pa.string()))
    return column if pa.types.is_string(column.type) else pc.cast(column, pa.string())


def seconds(column: pa.Array) -> NDArray[np.float64]:
    """Return a column of dates or instants as seconds since 1970, UTC; NaN for null and for infinity.

    Parameters
    ----------
    column
        An array of any type that `is_instant` accepts, of ``n`` rows; a date is its first instant.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``.
    """
    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    is_date = pa.types.is_date32(column.type)
    counts = column.view(pa.int32() if is_date else pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    # DuckDB writes infinity as the largest number of the type, and minus infinity as its negative.
    is_finite = column.is_valid().to_numpy(zero_copy_only=False) & (abs(counts) < np.iinfo(counts.dtype).max)
    unit = "ms" if pa.types.is_date64(column.type) else getattr(column.type, "unit", "s")
    if unit == "ns" and not (counts % 1000).any():
        counts, unit = counts // 1000, "us"  # whole microseconds have the same double in either unit
    doubles = counts * SECONDS_PER_DAY if is_date else counts / COUNTS_PER_SECOND[unit]
    return np.where(is_finite, doubles, np.nan)


def _is_huge(column_type: pa.DataType) -> bool:
    """Return whether a column holds DuckDB's huge integers as they are, by `arrow_lossless_conversion`."""
    return isinstance(column_type, pa.OpaqueType) and column_type.type_name in ("hugeint", "uhugeint")


def _huge_integers(column: pa.Array) -> NDArray[np.float64]:
    """Return integers of 128 bits as the nearest doubles."""
    storage, is_signed = column.storage, column.type.type_name == "hugeint"
    words = np.frombuffer(storage.buffers()[1], dtype="<i8").reshape(-1, 2)
    low, high = words[storage.offset : storage.offset + len(storage)].T
    null = storage.is_null().to_numpy(zero_copy_only=False)
    doubles = low.astype(np.float64)
    for row in np.flatnonzero((high != (low >> 63 if is_signed else 0)) & ~null):
        doubles[row] = float(
            int.from_bytes(words[storage.offset + row].tobytes(), "little", signed=is_signed)
        )
    return np.where(null, np.nan, doubles)


def _decimals(column: pa.Array) -> NDArray[np.float64]:
    """Return decimals as the nearest doubles; Arrow's own cast is off by one bit for about one in seven."""
    scale = column.type.scale
    column = pc.cast(column, pa.decimal128(38, scale)) if column.type.bit_width < 128 else column
    words = np.frombuffer(column.buffers()[1], dtype="<i8").reshape(-1, 2)
    low, high = words[column.offset : column.offset + len(column)].T
    null = column.is_null().to_numpy(zero_copy_only=False)
    low, high = np.where(null, 0, low), np.where(null, 0, high)
    fits = bool((high == low >> 63).all())
    if fits and (scale == 0 or bool((np.abs(low) <= EXACT_INTEGER).all())) and scale <= 22:
        doubles = low.astype(np.float64) / 10.0**scale
    else:
        doubles = pc.cast(pc.cast(column, pa.string()), pa.float64()).to_numpy(zero_copy_only=False)
    return np.where(null, np.nan, doubles)
