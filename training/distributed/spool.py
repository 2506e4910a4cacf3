"""Rows of one task on their way into LightGBM: in a file, so that memory holds them once, as bins."""

from __future__ import annotations

import os
import tempfile
from types import TracebackType
from typing import Self

import lightgbm
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

WIDTH = np.dtype(np.float64).itemsize
ROWS_PER_BATCH = 16_384


class Spool(lightgbm.Sequence):
    """A matrix in a file without a name, which ends with the process whatever becomes of it.

    Parameters
    ----------
    columns
        Its columns.
    """

    batch_size = ROWS_PER_BATCH

    def __init__(self, columns: int) -> None:
        # Where Spark keeps what tasks spill.
        folder = os.environ.get("SPARK_LOCAL_DIRS", "").partition(",")[0]
        self._file = tempfile.TemporaryFile(dir=folder or None)  # noqa: SIM115
        self._columns = columns
        self._rows = 0

    def __enter__(self) -> Self:
        """Return the matrix."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the file."""
        self._file.close()

    def append(self, rows: Values) -> None:
        """Add rows at the end."""
        self._file.write(np.ascontiguousarray(rows, dtype=np.float64).data)
        self._rows += len(rows)

    def done(self) -> None:
        """Make all rows readable."""
        self._file.flush()

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._rows

    def __getitem__(self, place: int | slice | list[int]) -> Values:
        """Return one row, or a run of rows."""
        if isinstance(place, slice):
            start, stop, _ = place.indices(self._rows)
            return self._read(start, stop - start)
        if isinstance(place, list):
            return np.concatenate([self._read(int(each), 1) for each in place])
        return np.asarray(self._read(int(place), 1)[0])

    def _read(self, start: int, rows: int) -> Values:
        width = self._columns * WIDTH
        held = os.pread(self._file.fileno(), rows * width, start * width)
        return np.frombuffer(held, dtype=np.float64).reshape(rows, self._columns)
