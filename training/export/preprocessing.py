"""What scikit-learn needs done to features before it learns, the same in NumPy and in an artifact.

Numbers: what is missing or infinite becomes the median; then they are scaled to mean 0 and deviation 1, or
rounded to single precision, in which trees compare. Instants: a trend and an hour, which are numbers, and a
weekday and a month, which are categories. Categories: one column per level that is 1 where the row has it.
Rare levels share a column, and so do all missing and unseen ones, with the rare levels if no training row
is missing. All of it is fitted on the training rows alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper
from sklearn.preprocessing import StandardScaler

from scoring.signature import Signature
from training.export.classes import Part
from training.export.graph import constant
from training.export.preprocessing_instants import Instants

Values = NDArray[np.float64]
Form = Literal["scaled", "single"]

RARE_ROWS, RARE_SHARE = 10, 1 / 200
"""A level is rare if fewer training rows have it than the larger of the two."""

FURTHEST = 1e6
"""Scaled numbers go no further, so that no sum overflows: no training row can be this many deviations off."""

HUGE, UNIT_OF_HUGE = 1e150, 1e200
"""A column with numbers above the first is added up and squared in the second, so that no sum overflows."""

ROWS_AT_ONCE = 16_384
"""Rows are prepared in batches, so that only the result is as large as the table."""

LARGEST_DOUBLE, LARGEST_SINGLE = float(np.finfo(np.float64).max), float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Category:
    """A column of codes, and the columns that replace it.

    Parameters
    ----------
    column
        Its position in the expanded matrix.
    lowest
        The lowest code.
    table
        Shape ``(codes + 1, new columns)``: what stands for each code, and last for a missing one.
    """

    column: int
    lowest: int
    table: Values

    @classmethod
    def of(cls, column: int, codes: Values, lowest: int, levels: int) -> Category:
        """Return the replacement that the codes of the training rows determine."""
        missing = np.isnan(codes)
        counts = np.bincount((codes[~missing] - lowest).astype(np.int64), minlength=levels)
        is_rare = counts < max(RARE_ROWS, len(codes) * RARE_SHARE)
        target = np.cumsum(~is_rare) - 1
        width = int((~is_rare).sum())
        if is_rare.any():
            target[is_rare] = width
            width += 1
        if missing.any() or not is_rare.any():
            width += 1
        return cls(column, lowest, np.eye(width)[np.append(target, width - 1)])

    def replaced(self, expanded: Values) -> Values:
        """Return the columns that replace the codes."""
        codes = expanded[:, self.column]
        place = np.where(np.isnan(codes), self._missing, codes - self.lowest)
        return self.table[np.clip(place, 0, self._missing).astype(np.int64)]

    @property
    def _missing(self) -> float:
        return float(len(self.table) - 1)

    def part(self, expanded: str, output: str) -> Part:
        """Return the nodes that do the same in an artifact."""
        name = f"{output}_"
        nodes = [
            helper.make_node("Gather", [expanded, f"{name}column"], [f"{name}code"], axis=1),
            helper.make_node("IsNaN", [f"{name}code"], [f"{name}is_missing"]),
            helper.make_node("Sub", [f"{name}code", f"{name}lowest"], [f"{name}known"]),
            helper.make_node(
                "Where", [f"{name}is_missing", f"{name}missing", f"{name}known"], [f"{name}any"]
            ),
            helper.make_node("Clip", [f"{name}any", f"{name}first", f"{name}missing"], [f"{name}place"]),
            helper.make_node("Cast", [f"{name}place"], [f"{name}index"], to=TensorProto.INT64),
            helper.make_node("Gather", [f"{name}table", f"{name}index"], [output], axis=0),
        ]
        return nodes, [
            constant(f"{name}column", np.array(self.column)),
            constant(f"{name}lowest", np.array(float(self.lowest))),
            constant(f"{name}missing", np.array(self._missing)),
            constant(f"{name}first", np.array(0.0)),
            constant(f"{name}table", self.table),
        ]


@dataclass(frozen=True)
class Preprocessing:
    """A fitted preprocessing.

    Parameters
    ----------
    instants
        The features that are instants.
    numbers
        Positions of the numbers in the expanded matrix.
    medians, means, scales
        Of each number, shape ``(numbers,)``.
    categories
        The columns of codes.
    form
        Whether numbers are ``scaled`` or rounded to ``single`` precision.
    """

    instants: Instants
    numbers: NDArray[np.int64]
    medians: Values
    means: Values
    scales: Values
    categories: tuple[Category, ...]
    form: Form

    @classmethod
    def fit(cls, matrix: Values, signature: Signature, form: Form) -> Preprocessing:
        """Return the preprocessing that the training rows determine."""
        instants = Instants.of(signature)
        expanded = instants.expanded(matrix)
        kinds = [feature.type for feature in signature.features]
        hours = instants.columns("hour")
        numbers = np.array(
            [*(n for n, kind in enumerate(kinds) if kind != "category"), *hours], dtype=np.int64
        )
        categories = [
            Category.of(n, expanded[:, n], 0, len(signature.features[n].categories))
            for n, kind in enumerate(kinds)
            if kind == "category"
        ]
        categories += [Category.of(n, expanded[:, n], 0, 7) for n in instants.columns("weekday")]
        categories += [Category.of(n, expanded[:, n], 1, 12) for n in instants.columns("month")]
        medians, means, scales = np.zeros(len(numbers)), np.zeros(len(numbers)), np.ones(len(numbers))
        for index, number in enumerate(numbers):
            is_finite = np.abs(expanded[:, number]) <= LARGEST_DOUBLE
            furthest = np.abs(expanded[is_finite, number]).max(initial=0.0)
            unit = UNIT_OF_HUGE if furthest > HUGE else 1.0
            values = expanded[:, number] / unit
            median = np.median(values[is_finite]) if is_finite.any() else 0.0
            medians[index] = median * unit
            if form == "scaled":
                scaler = StandardScaler().fit(np.where(is_finite, values, median)[:, None])
                means[index], scales[index] = scaler.mean_[0] * unit, scaler.scale_[0] * unit
        return cls(instants, numbers, medians, means, scales, tuple(categories), form)

    @property
    def sources(self) -> NDArray[np.int64]:
        """The feature that each prepared column comes from."""
        expanded = np.array(self.instants.sources)
        replaced = [np.full(part.table.shape[1], expanded[part.column]) for part in self.categories]
        return np.concatenate([expanded[self.numbers], *replaced])

    def prepared(self, matrix: Values) -> Values:
        """Return the columns that the model learns from, shape ``(rows, columns)``, in C order."""
        prepared = np.empty((len(matrix), len(self.sources)))
        for start in range(0, len(matrix), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            prepared[rows] = self._prepared_rows(matrix[rows])
        return prepared

    def unprepared(self, column: int, values: Values) -> Values:
        """Return the values of a number that are near some in single precision: the same."""
        return values

    def _prepared_rows(self, matrix: Values) -> Values:
        expanded = self.instants.expanded(matrix)
        values = expanded[:, self.numbers]
        filled = np.where(np.abs(values) <= LARGEST_DOUBLE, values, self.medians)
        if self.form == "scaled":
            with np.errstate(over="ignore"):
                numbers = np.clip((filled - self.means) / self.scales, -FURTHEST, FURTHEST)
        else:
            within = np.clip(filled, -LARGEST_SINGLE, LARGEST_SINGLE)
            numbers = within.astype(np.float32).astype(np.float64)
        return np.concatenate([numbers, *(part.replaced(expanded) for part in self.categories)], axis=1)

    def part(self, source: str, output: str) -> Part:
        """Return the nodes that do the same in an artifact."""
        nodes, constants = self.instants.nodes(source, "expanded")
        columns = []
        if len(self.numbers):
            extra = self._numbers_part("expanded", "numbers")
            nodes, constants, columns = nodes + extra[0], constants + extra[1], ["numbers"]
        for number, category in enumerate(self.categories):
            columns.append(f"category_{number}")
            extra = category.part("expanded", columns[-1])
            nodes, constants = nodes + extra[0], constants + extra[1]
        return [*nodes, helper.make_node("Concat", columns, [output], axis=1)], constants

    def _numbers_part(self, expanded: str, output: str) -> Part:
        furthest = FURTHEST if self.form == "scaled" else LARGEST_SINGLE
        nodes = [
            helper.make_node("Gather", [expanded, "number_columns"], ["raw_numbers"], axis=1),
            helper.make_node("Abs", ["raw_numbers"], ["sizes"]),
            helper.make_node("LessOrEqual", ["sizes", "largest_number"], ["is_known"]),
            helper.make_node("Where", ["is_known", "raw_numbers", "medians"], ["known_numbers"]),
        ]
        constants = [
            constant("number_columns", self.numbers),
            constant("largest_number", np.array(LARGEST_DOUBLE)),
            constant("medians", self.medians),
            constant("furthest", np.array(furthest)),
            constant("furthest_below", np.array(-furthest)),
        ]
        if self.form == "scaled":
            nodes += [
                helper.make_node("Sub", ["known_numbers", "means"], ["centred_numbers"]),
                helper.make_node("Div", ["centred_numbers", "scales"], ["scaled_numbers"]),
                helper.make_node("Clip", ["scaled_numbers", "furthest_below", "furthest"], [output]),
            ]
            constants += [constant("means", self.means), constant("scales", self.scales)]
        else:
            nodes += [
                helper.make_node("Clip", ["known_numbers", "furthest_below", "furthest"], ["within"]),
                helper.make_node("Cast", ["within"], ["single_numbers"], to=TensorProto.FLOAT),
                helper.make_node("Cast", ["single_numbers"], [output], to=TensorProto.DOUBLE),
            ]
        return nodes, constants
