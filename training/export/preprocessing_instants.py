"""Instants to parts: hour, weekday and month, the same numbers in NumPy and in an artifact.

An instant is a number of seconds since 1970, UTC. It keeps its place in the matrix, as the trend, and its
parts follow behind all features. Both forms use the same float64 operations in the same order, so that
their results are equal bit for bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from scoring.columns import LAST_INSTANT
from scoring.signature import Signature
from training.export.graph import constant

Values = NDArray[np.float64]

PARTS = ("hour", "weekday", "month")
"""Hour of the day with its fraction, 0 = Monday, 1 = January."""

EDGES = np.array(
    [
        *(-62_135_596_800.0, -1.0, 0.0, 3_600.0, 86_399.5, 86_400.0),
        *(951_782_400.0, 951_868_800.0, 951_955_200.0),
        *(1_709_164_800.0, 1_709_251_200.0, 1_735_603_200.0, 1_735_689_600.0),
    ]
)
"""Seconds around the ends of hours, days, months, years and leap days."""


@dataclass(frozen=True)
class Instants:
    """The features of a model that are instants. Values beyond `LAST_INSTANT` have no parts.

    Parameters
    ----------
    features
        How many features the model has.
    positions
        Which of them are instants.
    """

    features: int
    positions: tuple[int, ...]

    @classmethod
    def of(cls, signature: Signature) -> Instants:
        """Return the instants of a signature."""
        kinds = [feature.type for feature in signature.features]
        return cls(len(kinds), tuple(n for n, kind in enumerate(kinds) if kind == "instant"))

    @property
    def sources(self) -> tuple[int, ...]:
        """The feature that each column of the expanded matrix comes from."""
        return (*range(self.features), *(self.positions * len(PARTS)))

    def columns(self, part: str) -> tuple[int, ...]:
        """Return where the expanded matrix holds a part of every instant."""
        start = self.features + PARTS.index(part) * len(self.positions)
        return tuple(range(start, start + len(self.positions)))

    def expanded(self, matrix: Values) -> Values:
        """Return the matrix with the parts of instants behind its features."""
        if not self.positions:
            return matrix
        seconds = matrix[:, list(self.positions)]
        seconds = np.where(np.abs(seconds) <= LAST_INSTANT, seconds, np.nan)
        whole = np.floor(seconds)
        days = np.floor(whole / 86_400.0)
        hour = (seconds - days * 86_400.0) / 3_600.0
        from_monday = days + 3.0
        weekday = from_monday - np.floor(from_monday / 7.0) * 7.0
        return np.concatenate([matrix, hour, weekday, _month(days)], axis=1)

    def nodes(self, source: str, expanded: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
        """Return the nodes and constants that do the same in an artifact."""
        if not self.positions:
            return [helper.make_node("Identity", [source], [expanded])], []
        steps = _Steps()
        raw = steps.add("Gather", source, steps.constant(np.array(self.positions)), axis=1)
        is_finite = steps.add("LessOrEqual", steps.add("Abs", raw), steps.number(LAST_INSTANT))
        seconds = steps.add("Where", is_finite, raw, steps.number(np.nan))
        days = steps.floor_divided(steps.add("Floor", seconds), 86_400.0)
        midnight = steps.add("Mul", days, steps.number(86_400.0))
        hour = steps.add("Div", steps.add("Sub", seconds, midnight), steps.number(3_600.0))
        from_monday = steps.add("Add", days, steps.number(3.0))
        weeks = steps.add("Mul", steps.floor_divided(from_monday, 7.0), steps.number(7.0))
        weekday = steps.add("Sub", from_monday, weeks)
        steps.nodes.append(
            helper.make_node("Concat", [source, hour, weekday, steps.month(days)], [expanded], axis=1)
        )
        return steps.nodes, steps.constants


def _month(days: Values) -> Values:
    """Return the month of days since 1970.

    From ``civil_from_days`` in https://howardhinnant.github.io/date_algorithms.html: eras of 400 years and
    years begin on the first of March, so that a leap day ends its year.
    """
    shifted = days + 719_468.0
    day_of_era = shifted - np.floor(shifted / 146_097.0) * 146_097.0
    leap_days = np.floor(day_of_era / 1_460.0) - np.floor(day_of_era / 36_524.0)
    year_of_era = np.floor((day_of_era - leap_days - np.floor(day_of_era / 146_096.0)) / 365.0)
    before = year_of_era * 365.0 + np.floor(year_of_era / 4.0) - np.floor(year_of_era / 100.0)
    from_march = np.floor(((day_of_era - before) * 5.0 + 2.0) / 153.0)
    return np.asarray(from_march + 3.0 - np.floor(from_march / 10.0) * 12.0)


class _Steps:
    """Nodes that are added one by one, each with one nameless output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"instant_step_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def constant(self, values: NDArray[np.int64] | Values) -> str:
        name = f"instant_constant_{len(self.constants)}"
        self.constants.append(constant(name, values))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.array(value))

    def floor_divided(self, dividend: str, divisor: float) -> str:
        return self.add("Floor", self.add("Div", dividend, self.number(divisor)))

    def month(self, days: str) -> str:
        """Add the steps of `_month`."""
        shifted = self.add("Add", days, self.number(719_468.0))
        eras = self.add("Mul", self.floor_divided(shifted, 146_097.0), self.number(146_097.0))
        day_of_era = self.add("Sub", shifted, eras)
        leap_days = self.add(
            "Sub", self.floor_divided(day_of_era, 1_460.0), self.floor_divided(day_of_era, 36_524.0)
        )
        days_of_years = self.add(
            "Sub", self.add("Sub", day_of_era, leap_days), self.floor_divided(day_of_era, 146_096.0)
        )
        year_of_era = self.floor_divided(days_of_years, 365.0)
        before = self.add("Mul", year_of_era, self.number(365.0))
        before = self.add("Add", before, self.floor_divided(year_of_era, 4.0))
        before = self.add("Sub", before, self.floor_divided(year_of_era, 100.0))
        fifths = self.add("Mul", self.add("Sub", day_of_era, before), self.number(5.0))
        from_march = self.floor_divided(self.add("Add", fifths, self.number(2.0)), 153.0)
        wrap = self.add("Mul", self.floor_divided(from_march, 10.0), self.number(12.0))
        return self.add("Sub", self.add("Add", from_march, self.number(3.0)), wrap)
