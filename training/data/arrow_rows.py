"""Rows of an Arrow table of many batches: some of them, and all as a matrix."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.signature import stack


def taken(table: pa.Table, positions: NDArray[np.int64]) -> pa.Table:
    """Return the rows at some positions, which ascend; those that follow one another are not copied.

    Arrow's own ``Table.take`` first joins the batches, and so copies all rows.

    Parameters
    ----------
    table
        The rows.
    positions
        Shape ``(n,)``.
    """
    parts, start = [], 0
    for batch in table.to_batches():
        first, last = np.searchsorted(positions, [start, start + len(batch)])
        within = positions[first:last] - start
        if len(within):
            is_run = within[-1] - within[0] + 1 == len(within)
            parts.append(batch.slice(within[0], len(within)) if is_run else batch.take(pa.array(within)))
        start += len(batch)
    return pa.Table.from_batches(parts, table.schema)


def matrix_of(table: pa.Table) -> NDArray[np.float64]:
    """Return columns of doubles without nulls as a matrix, shape ``(rows, columns)``, in C order."""
    matrix = np.empty(table.shape)
    start = 0
    for batch in table.to_batches():
        stack([column.to_numpy() for column in batch.columns], matrix[start : start + len(batch)])
        start += len(batch)
    return matrix
