import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.data.split import PARTS, grouped, sequential


@pytest.mark.parametrize(
    ("times", "rows"),
    [
        (range(10), [7, 1, 2]),
        ([0, 1, 2, 3, 4, 5, 6, 6, 6, 9], [6, 0, 4]),
        ([0, 1, 2, 3, 4, 5, 5, 5, 8, 9], [5, 3, 2]),
        ([0] * 10, [0, 0, 10]),
        ([0] + [1] * 9, [1, 0, 9]),
        (range(1000), [700, 100, 200]),
    ],
)
def test_latest_rows_are_kept_and_ties_stay_together(times: list[int], rows: list[int]) -> None:
    parts = sequential(np.array(times), validation=0.1, test=0.2)
    assert [part.name for part in parts] == list(PARTS)
    assert [part.rows for part in parts] == rows


def test_shares_that_binary_fractions_miss_lose_no_row() -> None:
    assert [part.rows for part in sequential(np.arange(10), validation=0.3, test=0.3)] == [4, 3, 3]


def test_parts_that_are_not_asked_for_are_empty() -> None:
    assert [part.rows for part in sequential(np.arange(10), validation=0, test=0)] == [10, 0, 0]
    assert [part.rows for part in sequential(np.arange(10), validation=0, test=0.2)] == [8, 0, 2]


def test_rows_in_order_of_their_part_are_grouped() -> None:
    assert [part.slice for part in grouped(np.array([0, 0, 0, 2]))] == [slice(0, 3), slice(3, 3), slice(3, 4)]


@given(
    st.lists(st.integers(0, 20), min_size=1, max_size=60).map(sorted),
    st.floats(0.01, 0.49),
    st.floats(0.01, 0.49),
)
def test_parts_cover_all_rows_in_order_without_sharing_a_time(
    times: list[int], validation: float, test: float
) -> None:
    parts = sequential(np.array(times), validation=validation, test=test)
    assert [parts[0].start, *(part.stop for part in parts)] == [0, parts[1].start, parts[2].start, len(times)]
    seen = [set(times[part.slice]) for part in parts]
    assert not seen[0] & seen[1] and not seen[1] & seen[2] and not seen[0] & seen[2]
