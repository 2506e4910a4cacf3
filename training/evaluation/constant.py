"""What a constant has to be, to be the best of all constants for what a model is fitted for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from training.estimators.base import Setting

Values = NDArray[np.float64]

MEDIANS = ("regression_l1", "huber", "fair", "mape")
"""Objectives of LightGBM under which far labels count for less than under the squared error."""
ALPHA = 0.9
"""The quantile that LightGBM aims at where none is chosen."""


def quantile_of(params: Mapping[str, Setting]) -> float | None:
    """Return the quantile of the label that the objective aims at; None where it aims at the mean."""
    objective = params.get("objective")
    if objective == "quantile":
        return float(params.get("alpha", ALPHA))
    return 0.5 if objective in MEDIANS else None


def constant(label: Values, weight: Values | None, params: Mapping[str, Setting]) -> float:
    """Return the mean label, or the quantile of it that the objective aims at.

    Examples
    --------
    >>> label = np.array([0.0, 0.0, 9.0])
    >>> constant(label, None, {}), constant(label, None, {"objective": "regression_l1"})
    (3.0, 0.0)
    """
    quantile = quantile_of(params)
    if quantile is None:
        return float(np.average(label, weights=weight))
    return float(np.quantile(label, quantile, weights=weight, method="inverted_cdf"))
