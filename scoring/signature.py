"""What a model asks of a row: ordered features with types, null and unseen rules; and what it returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring import columns
from scoring.errors import RowError

FeatureType = Literal["number", "category", "instant"]

ERROR, MISSING, CONSTANT, MOST_FREQUENT = RULES = ("error", "missing", "constant", "most_frequent")
"""What can be done with a null or an unseen category: refuse the row, treat it as missing, or replace it."""

VALUES_IN_CACHE = 65_536
"""Half a megabyte, which the cache of a core holds."""


@dataclass(frozen=True)
class Feature:
    """One feature.

    Parameters
    ----------
    name
        Name of the column that holds it.
    type
        ``number``, ``category`` or ``instant``; an instant reaches the model in seconds since 1970, UTC.
    nulls
        The rule, one of `RULES`, for null, for NaN in a number and for infinity in an instant; ``missing``:
        the model's own treatment of missing values (NaN).
    unseen
        The rule for a category that training did not see. Of a number, ``error`` where the model does not take
        infinity; else None.
    null_value, unseen_value
        What null and unseen become, in the units of the matrix: the number, the code of the category, the
        seconds; None where they stay missing.
    categories
        The categories seen in training; the position of one is its code.
    """

    name: str
    type: FeatureType
    nulls: str = "missing"
    unseen: str | None = None
    null_value: float | None = None
    unseen_value: float | None = None
    categories: tuple[str, ...] = ()

    @classmethod
    def number(cls, name: str) -> Feature:
        """Return a numeric feature."""
        return cls(name, "number")

    @classmethod
    def category(cls, name: str, categories: tuple[str, ...]) -> Feature:
        """Return a categorical feature with the categories in the order of their codes."""
        return cls(name, "category", unseen="missing", categories=categories)

    @classmethod
    def instant(cls, name: str) -> Feature:
        """Return a feature that is a date or a point in time."""
        return cls(name, "instant")


@dataclass(frozen=True)
class Output:
    """One output of the artifact: its name and type."""

    name: str
    type: str = "double"


@dataclass(frozen=True)
class Signature:
    """The features a model takes, in order, and its outputs.

    Parameters
    ----------
    features
        In the order of the matrix that the artifact takes.
    outputs
        What the artifact returns.
    classes
        Binary: the negative and the positive class; multiclass and clustering: in the order of their codes.
    threshold
        The anomaly score above which a row is an anomaly; None for other tasks.
    """

    features: tuple[Feature, ...]
    outputs: tuple[Output, ...] = (Output("raw_score"), Output("prediction"))
    classes: tuple[str, ...] = ()
    threshold: float | None = None

    @classmethod
    def from_row(cls, value: Mapping[str, Any]) -> Signature:
        """Return the signature held by the ``signature`` column of a version row."""
        return cls(
            tuple(Feature(**{**part, "categories": tuple(part["categories"])}) for part in value["features"]),
            tuple(Output(**part) for part in value["outputs"]),
            tuple(value["classes"] or ()),
            value["threshold"],
        )

    def to_row(self) -> dict[str, Any]:
        """Return the value of the ``signature`` column of a version row."""
        return asdict(self)

    @cached_property
    def _categories(self) -> tuple[pa.Array, ...]:
        return tuple(pa.array(feature.categories, pa.string()) for feature in self.features)

    def matrix(self, rows: pa.RecordBatch, *, model: str) -> NDArray[np.float64]:
        """Return the features of the rows as the matrix that the artifact takes.

        Parameters
        ----------
        rows, model
            See `columns`.

        Returns
        -------
        numpy.ndarray
            Shape ``(rows, features)``, float64, C order.

        Raises
        ------
        scoring.errors.RowError
            See `columns`.
        """
        matrix = np.empty((rows.num_rows, len(self.features)))
        stack(self.columns(rows, model=model), matrix)
        return matrix

    def columns(self, rows: pa.RecordBatch, *, model: str) -> list[NDArray[np.float64]]:
        """Return the columns of the matrix that the artifact takes, one for each feature.

        Parameters
        ----------
        rows
            Columns in any order; matched to features by name, without regard to case. Others are ignored.
        model
            The model as the user named it, for error messages.

        Returns
        -------
        list of numpy.ndarray
            Each of shape ``(rows,)``; those that need no conversion are the memory of the rows themselves.

        Raises
        ------
        scoring.errors.RowError
            If columns are missing or have another type than their feature.
        """
        prepared = []
        for index, (feature, position) in enumerate(self._places(rows.schema, model)):
            column = rows.column(position)
            if feature.type == "number":
                values = columns.numbers(column)
            elif feature.type == "instant":
                values = columns.seconds(column)
            else:
                values = columns.codes(column, self._categories[index])
            if feature.nulls != MISSING or feature.unseen not in (None, MISSING):
                values = _completed(values, feature, column, model)
            prepared.append(values)
        return prepared

    @cached_property
    def _latest(self) -> list[tuple[pa.Schema, list[tuple[Feature, int]]]]:
        return []

    def _places(self, schema: pa.Schema, model: str) -> list[tuple[Feature, int]]:
        """Return where the column of each feature is; batches of a query are alike, so one check will do."""
        for checked, places in self._latest:
            if checked.equals(schema):
                return places
        places = list(zip(self.features, self.positions(schema.names, model), strict=True))
        for feature, position in places:
            kind = schema.field(position).type
            if not columns.FITS[feature.type](kind):
                raise RowError.wrong_type(model, feature.name, kind, feature.type)
        self._latest[:] = [(schema, places)]
        return places

    def positions(self, names: list[str], model: str) -> list[int]:
        """Return the position of each feature's column among the names.

        Raises
        ------
        scoring.errors.RowError
            If a feature is not among them, or several differ from it only in case.
        """
        folded: dict[str, list[int]] = {}
        for position, name in enumerate(names):
            folded.setdefault(name.lower(), []).append(position)
        missing = [feature.name for feature in self.features if feature.name.lower() not in folded]
        if missing:
            raise RowError.missing_columns(model, missing, names)
        return [self._position(feature.name, folded, names, model) for feature in self.features]

    @staticmethod
    def _position(feature: str, folded: dict[str, list[int]], names: list[str], model: str) -> int:
        candidates = folded[feature.lower()]
        if len(candidates) == 1:
            return candidates[0]
        exact = [position for position in candidates if names[position] == feature]
        if len(exact) == 1:
            return exact[0]
        raise RowError.ambiguous_column(model, feature, [names[position] for position in candidates])


def stack(columns: Sequence[NDArray[np.float64]], matrix: NDArray[np.float64]) -> None:
    """Write columns into a matrix of shape ``(rows, columns)``.

    Rows that stay in the processor's cache until all of their columns are written take a fraction of the time.
    """
    size = max(VALUES_IN_CACHE // max(len(columns), 1), 1)
    for start in range(0, len(matrix), size):
        for index, values in enumerate(columns):
            matrix[start : start + size, index] = values[start : start + size]


def _completed(
    values: NDArray[np.float64], feature: Feature, column: pa.Array, model: str
) -> NDArray[np.float64]:
    """Return the values with what the rules of the feature say in place of NaN."""
    if feature.type == "number" and feature.unseen == ERROR and (infinite := int(np.isinf(values).sum())):
        raise RowError.infinite(model, feature.name, infinite, len(values))
    is_missing = np.isnan(values)
    if not is_missing.any():
        return values
    is_null = columns.is_null(column) if feature.type == "category" else is_missing
    is_unseen = is_missing & ~is_null
    if feature.nulls == ERROR and is_null.any():
        raise RowError.without_value(model, feature.name, int(is_null.sum()), len(values))
    if feature.unseen == ERROR and is_unseen.any():
        example = column[int(np.argmax(is_unseen))].as_py()
        raise RowError.unseen_category(model, feature.name, int(is_unseen.sum()), len(values), example)
    if feature.null_value is not None:
        values = np.where(is_null, feature.null_value, values)
    if feature.unseen_value is not None:
        values = np.where(is_unseen, feature.unseen_value, values)
    return values
