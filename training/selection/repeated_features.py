"""Features that say nothing, or nothing that another one does not say."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from scoring.signature import Feature

Values = NDArray[np.float64]


def is_constant(values: Values) -> bool:
    """Return whether a feature has the same value in all rows, or none in all."""
    missing = np.isnan(values)
    return bool(missing.all()) or (not missing.any() and bool((values == values[0]).all()))


def alike(values: Values, feature: Feature, *, by_rank: bool) -> bytes:
    """Return what is equal for features that tell the same of every row.

    Categories tell the same if they divide the rows the same way, whatever they are called. Numbers tell the
    same if they are equal.

    Parameters
    ----------
    values
        Shape ``(rows,)``; NaN where the feature is missing, which is so for the same rows of both.
    feature
        What they are.
    by_rank
        Whether numbers also tell the same if one only rises, or only falls, with the other.
    """
    codes = values + 0.0  # zero has one sign
    if feature.type == "category":
        codes = _first_seen(values)
    elif feature.type == "number" and by_rank:
        codes = _ranks(values)
    codes[np.isnan(codes)] = np.nan  # one of the many
    return sha256(feature.type.encode() + codes.tobytes()).digest()


def _first_seen(values: Values) -> Values:
    """Return the codes in the order in which they come up in the rows."""
    codes, firsts, inverse = np.unique(values, return_index=True, return_inverse=True)
    order = np.empty(len(codes))
    order[np.argsort(firsts)] = np.arange(len(codes))
    return np.asarray(np.where(np.isnan(values), np.nan, order[inverse]))


def _ranks(values: Values) -> Values:
    """Return dense ranks, from the end that makes the first row's the lower one."""
    has_value = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    distinct, inverse = np.unique(values[has_value], return_inverse=True)
    mirrored = len(distinct) - 1 - inverse
    (uneven,) = np.nonzero(inverse != mirrored)
    is_falling = len(uneven) > 0 and inverse[uneven[0]] > mirrored[uneven[0]]
    ranks[has_value] = mirrored if is_falling else inverse
    return ranks
