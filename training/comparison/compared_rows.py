"""Rows on which scores are most likely to differ."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.columns import LAST_INSTANT
from scoring.signature import ERROR, Feature, Signature

Values = NDArray[np.float64]

SPECIAL_NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-300, -1e-300, 1e300, -1e300)


def edge_rows(
    edges: Mapping[int, Values], signature: Signature, matrix: Values, *, largest: float = np.inf
) -> Values:
    """Return rows of the data with one feature changed in each to a value where a model may go wrong.

    A number becomes, in turn, each of its edges, the doubles next to it and `SPECIAL_NUMBERS`; an instant
    each of its edges in whole microseconds, and null; a category becomes null or unseen.

    Parameters
    ----------
    edges
        By position of a feature, the values near which the model may go wrong.
    signature
        The features.
    matrix
        Rows of the data, shape ``(rows, features)``.
    largest
        The largest number that a feature may become.
    """
    places: list[NDArray[np.int64]] = []
    values: list[Values] = []
    for index, feature in enumerate(signature.features):
        at = edges.get(index, np.empty(0))
        if feature.type == "number":
            with np.errstate(over="ignore"):  # next to the largest double is infinity
                numbers = np.concatenate(
                    [at, np.nextafter(at, np.inf), np.nextafter(at, -np.inf), SPECIAL_NUMBERS]
                )
            numbers = numbers[~(np.abs(numbers) > largest)]
            if feature.unseen == ERROR:
                numbers = numbers[~np.isinf(numbers)]
        elif feature.type == "instant":
            ticks = np.round(at[np.abs(at) < LAST_INSTANT] * 1e6)
            numbers = np.concatenate([ticks, ticks + 1, ticks - 1, [np.nan]]) / 1e6
        else:
            numbers = np.full(len(_blanks(feature)), np.nan)
        if feature.type != "category" and feature.nulls == ERROR:
            numbers = numbers[~np.isnan(numbers)]
        values.append(numbers)
        places.append(np.full(len(numbers), index))
    column, value = np.concatenate(places), np.concatenate(values)
    rows = matrix[np.arange(len(column)) % len(matrix)]
    rows[np.arange(len(column)), column] = value
    return rows


def as_table(matrix: Values, signature: Signature) -> pa.Table:
    """Return rows of which the signature makes the matrix, but for its rules for null and unseen.

    NaN in a category is by turns null and unseen, as far as its rules allow.
    """
    columns = {}
    for values, feature in zip(matrix.T, signature.features, strict=True):
        if feature.type == "number":
            columns[feature.name] = pa.array(values, pa.float64())
        elif feature.type == "instant":
            missing = np.isnan(values)
            ticks = np.round(np.where(missing, 0.0, values) * 1e6).astype(np.int64)
            columns[feature.name] = pa.array(ticks, pa.timestamp("us"), mask=missing)
        else:
            blanks = _blanks(feature)
            categories = np.array([*feature.categories, *blanks], dtype=object)
            blank = len(feature.categories) + np.arange(len(values)) % max(len(blanks), 1)
            texts = categories[np.where(np.isnan(values), blank, values).astype(np.int64)]
            columns[feature.name] = pa.array(texts, pa.string())
    return pa.table(columns)


def _blanks(feature: Feature) -> list[str | None]:
    """Return an unseen category and null, those of them that the rules of the feature allow."""
    unseen = [] if feature.unseen == ERROR else ["".join(feature.categories) + "?"]
    return [*unseen, *([] if feature.nulls == ERROR else [None])]
