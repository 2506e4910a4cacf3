"""Divide rows that are in order of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Part:
    """A run of rows, from position ``start`` up to but not including ``stop``."""

    name: str
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.stop - self.start

    @property
    def slice(self) -> slice:
        """The rows as a slice."""
        return slice(self.start, self.stop)


def sequential(times: NDArray[np.int64], *, validation: float, test: float) -> tuple[Part, ...]:
    """Return train, validation and test: the earliest, the later and the latest rows.

    A boundary never falls between rows of the same time: all of them go to the later part. A part
    can therefore be smaller than asked, and even empty.

    Parameters
    ----------
    times
        Prediction times in ascending order, shape ``(rows,)``, not empty.
    validation, test
        Shares of the rows.
    """
    rows = len(times)
    # Rounding the shares' sum away keeps 1 - 0.1 - 0.2 from losing a row to binary fractions.
    first = times[min(round(rows * (1 - validation - test)), rows - 1)]
    second = times[min(round(rows * (1 - test)), rows - 1)]
    cuts = [0, *np.searchsorted(times, [first, second]).tolist(), rows]
    return tuple(Part(name, cuts[i], cuts[i + 1]) for i, name in enumerate(PARTS))
