"""Rows taken from a table of many batches: the same as Arrow takes, and not copied where they follow one another."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from training.data.arrow_rows import taken

TABLE = pa.Table.from_batches(
    pa.table({"n": np.arange(1000), "text": [f"row {n}" for n in range(1000)]}).to_batches(max_chunksize=64)
)


@pytest.mark.parametrize(
    "positions",
    [
        [],
        [0],
        [999],
        [63, 64],
        range(1000),
        range(64, 128),
        [*range(0, 500, 7), *range(500, 1000)],
        [5, 6, 7, 9, 200, 201, 998],
    ],
)
def test_rows_are_those_at_the_positions(positions: list[int]) -> None:
    chosen = np.array(positions, dtype=np.int64)
    rows = taken(TABLE, chosen)
    assert rows.schema == TABLE.schema
    assert rows.column("n").to_pylist() == list(positions)
    assert rows.column("text").to_pylist() == [f"row {n}" for n in positions]


def test_rows_that_follow_one_another_are_not_copied() -> None:
    before = pa.total_allocated_bytes()
    rows = taken(TABLE, np.arange(100, 1000))
    assert pa.total_allocated_bytes() == before and len(rows) == 900
