from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.columns import codes, is_category, is_instant, is_number, numbers, seconds


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array([1, None, -3], pa.int32()), [1, np.nan, -3]),
        (pa.array([2**53 + 1, 7], pa.int64()), [2.0**53, 7]),
        (pa.array([2**64 - 1], pa.uint64()), [2.0**64]),
        (pa.array([0.5, None, np.nan, np.inf], pa.float64()), [0.5, np.nan, np.nan, np.inf]),
        (pa.array([0.1], pa.float32()), [float(np.float32(0.1))]),
        (pa.array([True, None, False]), [1, np.nan, 0]),
        (pa.array([Decimal("0.94"), None], pa.decimal128(3, 2)), [0.94, np.nan]),
        (pa.array([10**30, -5], pa.decimal128(38, 0)), [1e30, -5]),
        (pa.nulls(2), [np.nan, np.nan]),
    ],
)
def test_number_becomes_the_nearest_double(column: pa.Array, expected: list[float]) -> None:
    np.testing.assert_array_equal(numbers(column), expected)


MICROSECONDS = [1_500_000, None, -1, 2**63 - 1, -(2**63) + 1]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(MICROSECONDS, pa.timestamp("us")), [1.5, np.nan, -1e-6, np.nan, np.nan]),
        (pa.array([7, None], pa.timestamp("s", "UTC")), [7.0, np.nan]),
        (pa.array([1_001], pa.timestamp("ms")), [1.001]),
        (pa.array([10**18 + 1], pa.timestamp("ns")), [1e9]),
        (pa.array([1, None, -1, 2**31 - 1], pa.date32()), [86_400.0, np.nan, -86_400.0, np.nan]),
        (pa.array([86_400_000], pa.date64()), [86_400.0]),
        (pa.nulls(2), [np.nan, np.nan]),
    ],
)
def test_instant_becomes_seconds_since_1970(column: pa.Array, expected: list[float]) -> None:
    np.testing.assert_array_equal(seconds(column), expected)
    np.testing.assert_array_equal(seconds(column[1:]), expected[1:])
    assert is_instant(column.type)


@pytest.mark.parametrize("kind", [pa.time64("us"), pa.duration("s"), pa.int64(), pa.string()])
def test_other_types_are_no_instants(kind: pa.DataType) -> None:
    assert not is_instant(kind)


def test_decimals_of_a_slice_are_those_of_the_slice() -> None:
    column = pa.array([Decimal("1.10"), None, Decimal("2.20"), Decimal("-3.30")], pa.decimal128(10, 2))
    np.testing.assert_array_equal(numbers(column[1:3]), [np.nan, 2.2])


@given(st.lists(st.decimals(-(10**9), 10**9, places=4), min_size=1), st.sampled_from([14, 20, 38]))
def test_decimal_equals_python_float(values: list[Decimal], precision: int) -> None:
    column = pa.array(values, pa.decimal128(precision, 4))
    assert numbers(column).tolist() == [float(value) for value in values]


@pytest.mark.parametrize("text_type", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_category_becomes_its_position(text_type: pa.DataType) -> None:
    column = pa.array(["b", None, "a", "unseen"], pa.string()).cast(text_type)
    np.testing.assert_array_equal(codes(column, pa.array(["a", "b"])), [1, np.nan, 0, np.nan])


@pytest.mark.parametrize(
    ("column_type", "number", "category"),
    [
        (pa.int8(), True, False),
        (pa.bool_(), True, False),
        (pa.decimal128(5, 1), True, False),
        (pa.string(), False, True),
        (pa.dictionary(pa.int8(), pa.string()), False, True),
        (pa.null(), True, True),
        (pa.timestamp("us"), False, False),
        (pa.binary(), False, False),
        (pa.list_(pa.int8()), False, False),
    ],
)
def test_types_are_told_apart(column_type: pa.DataType, number: bool, category: bool) -> None:
    assert (is_number(column_type), is_category(column_type)) == (number, category)
