"""Bins of numbers: one per value where there are few values, else between quantiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

MOST_BINS = 20
ROWS_PER_VALUE = 10
"""Few values are those that repeat: rows for each of them, on average. Fewer rows are no evidence that there are no
values between."""

Values = NDArray[np.float64]


@dataclass(frozen=True)
class NumberBins:
    """Bins whose limits are values of the reference itself, so that none of them is rounded.

    Parameters
    ----------
    lower, upper
        The limits of each bin. A bin of one value has it as both. Of the others the lower limit is no part of the bin,
        but for the least one; what lies beyond all limits belongs to the outermost bins.
    mean
        The mean of the values in each bin, which stands for the bin in distances.
    counts
        How many values of the reference each bin has.
    """

    lower: Values
    upper: Values
    mean: Values
    counts: NDArray[np.int64]

    @property
    def size(self) -> int:
        """How many bins there are; none without a value."""
        return len(self.upper)

    @property
    def _of_values(self) -> bool:
        return bool((self.lower == self.upper).all())

    @classmethod
    def of(cls, values: Values) -> Self:
        """Return the bins of some finite values, each of about as many rows."""
        ordered = np.sort(values)
        if not len(ordered):
            return cls(ordered, ordered, ordered, np.empty(0, np.int64))
        is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]])
        distinct = np.count_nonzero(is_first)
        if distinct <= MOST_BINS and distinct * ROWS_PER_VALUE <= len(ordered):
            edges = ordered[is_first]
            lower = edges
        else:
            # The quantiles that are values: the least value with that share of values up to it.
            ranks = -(-len(ordered) * np.arange(1, MOST_BINS + 1) // MOST_BINS) - 1
            edges, repeats = np.unique(ordered[ranks], return_counts=True)
            # A value that is several quantiles has a bin of its own, which begins after the value before it.
            before = np.searchsorted(ordered, edges[repeats > 1], side="left") - 1
            edges = np.union1d(edges, ordered[before[before >= 0]])
            lower = np.concatenate([ordered[:1], edges[:-1]])
        ends = np.searchsorted(ordered, edges, side="right")
        starts = np.concatenate([[0], ends[:-1]])
        scale = scale_of(_largest(ordered))
        means = np.add.reduceat(ordered / scale, starts) / (ends - starts) * scale
        return cls(lower, edges, means, ends - starts)

    def codes(self, values: Values) -> NDArray[np.int64]:
        """Return the bin of each value that the bins were made of."""
        return np.searchsorted(self.upper[:-1], values, side="left")

    def rows(self, counts: NDArray[np.int64], show: Callable[[float], str]) -> list[dict[str, Any]]:
        """Return the bins as records with the rows that each has, and a name made of its limits."""
        return [
            {
                "bin": self._name(position, show),
                "lower": float(self.lower[position]),
                "upper": float(self.upper[position]),
                "mean": float(self.mean[position]),
                "row_count": int(counts[position]),
            }
            for position in range(self.size)
        ]

    def _name(self, position: int, show: Callable[[float], str]) -> str:
        lower, upper = show(float(self.lower[position])), show(float(self.upper[position]))
        if self._of_values:
            return upper
        if self.size == 1:
            return "all"
        if position == 0:
            return f"<= {upper}"
        return f"> {lower}" if position == self.size - 1 else f"{lower} to {upper}"


def moments(values: Values, groups: NDArray[np.int64], size: int) -> list[dict[str, float | None]]:
    """Return mean and standard deviation (of the sample) by group; None where there are too few values.

    Parameters
    ----------
    values, groups
        Finite values, and the group of each, from 0.
    size
        The number of groups.
    """
    counts = np.bincount(groups, minlength=size)
    scale = scale_of(_largest(values))
    scaled = values / scale
    # Differences from the mean of all, so that large numbers of little variation keep it.
    centre = scaled.mean() if len(values) else 0.0
    scaled -= centre
    sums = np.bincount(groups, scaled, size)
    squares = np.bincount(groups, scaled * scaled, size)
    records: list[dict[str, float | None]] = []
    for count, total, square in zip(counts.tolist(), sums.tolist(), squares.tolist(), strict=True):
        mean = (centre + total / count) * scale if count else None
        variance = max(square - total * total / count, 0.0) / (count - 1) if count > 1 else None
        records.append(
            {
                "mean": None if mean is None else float(mean),
                "stddev": None if variance is None else float(variance**0.5 * scale),
            }
        )
    return records


def scale_of(largest: float) -> float:
    """Return by what to divide values of at most this size so that their squares are doubles; 1 for the usual size."""
    return largest if largest > 1e100 or 0 < largest < 1e-100 else 1.0


def _largest(values: Values) -> float:
    return float(np.abs(values).max(initial=0.0))
