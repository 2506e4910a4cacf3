"""The largest differences that the tests of exports have seen, by kind of model; printed when they end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

SMALLEST_DOUBLE = 5e-324
"""Next to nothing, doubles have no digits left: a difference of the smallest one counts as none."""


@dataclass
class Figure:
    """The largest difference of raw scores and of predictions, and how many rows they were seen on."""

    raw: float = 0.0
    relative: float = 0.0
    rows: int = 0


FIGURES: dict[str, Figure] = {}


def difference(expected: Values, actual: Values) -> Values:
    """Return the size of the difference; infinite where one side alone is infinite or NaN."""
    with np.errstate(invalid="ignore", over="ignore"):
        same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
        size = np.where(same, 0.0, np.abs(expected - actual))
    return np.where(np.isnan(size), np.inf, size)


def relative_difference(expected: Values, actual: Values) -> Values:
    """Return the difference relative to what was expected."""
    size = difference(expected, actual)
    scale = np.maximum(np.abs(expected), SMALLEST_DOUBLE)
    return np.where(size <= SMALLEST_DOUBLE, 0.0, size / scale)


def record(kind: str, *, raw: float, relative: float, rows: int) -> None:
    figure = FIGURES.setdefault(kind, Figure())
    figure.raw, figure.relative = max(figure.raw, raw), max(figure.relative, relative)
    figure.rows += rows


def lines() -> list[str]:
    """Return the figures as a table."""
    width = max(map(len, FIGURES), default=0)
    return [
        f"{'':{width}}  {'rows':>9}  raw difference  relative difference",
        *(
            f"{kind:{width}}  {figure.rows:>9}  {figure.raw:>14.2g}  {figure.relative:>19.2g}"
            for kind, figure in sorted(FIGURES.items())
        ),
    ]
