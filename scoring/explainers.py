"""What each feature adds to a score: found through an entry point, for scoring itself trains nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring import training_packages
from scoring.errors import ExplanationError
from scoring.signature import Signature

GROUP = "warehouse_ml.explainers"
"""An entry point of this group is named after an estimator and takes the model's own text and signature."""
BASE, OTHER = "(base)", "(other)"

Values = NDArray[np.float64]
Explainer = Callable[[Values], Values]
"""Takes a matrix of shape ``(rows, features)``; gives what each feature adds to each raw score, and last the
score that they are added to, shape ``(rows, scores, features + 1)``."""


def load(model: str, estimator: str | None, native_model: str | None, signature: Signature) -> Explainer:
    """Return the explainer of a version.

    Parameters
    ----------
    model
        The model as the user named it, for error messages.
    estimator, native_model, signature
        As the version row holds them.

    Raises
    ------
    scoring.errors.ExplanationError
        If the estimator has no explainer, or the model's text is damaged.
    scoring.errors.TrainingPackagesError
        If the packages that train are not installed here.
    """
    points = entry_points(group=GROUP)
    if estimator is None or estimator not in points.names or native_model is None:
        raise ExplanationError.no_explainer(model, estimator, points.names)
    make: Callable[[str, Signature], Explainer] = training_packages.load(estimator, "ml_explain", group=GROUP)
    try:
        return make(native_model, signature)
    except ValueError as error:
        raise ExplanationError.unreadable(model, str(error)) from error


def as_maps(contributions: Values, names: tuple[str, ...], largest: pa.Array | None) -> pa.MapArray:
    """Return a map for each row: the features, the largest contribution first, then the rest and the base.

    Parameters
    ----------
    contributions
        Shape ``(rows, features + 1)``; the last is the base.
    names
        The features.
    largest
        How many features to name in each row; those left out are added up under `OTHER`. All of them, and no
        `OTHER`, where null; None stands for null in every row.

    Raises
    ------
    scoring.errors.ExplanationError
        If a number is below 1.
    """
    rows, features = len(contributions), len(names)
    order = np.argsort(-np.abs(contributions[:, :features]), axis=1, kind="stable")
    ordered = np.take_along_axis(contributions, order, axis=1)
    counts = np.full(rows, features)
    is_cut = np.zeros(rows, dtype=bool)
    if largest is not None:
        is_cut = largest.is_valid().to_numpy(zero_copy_only=False)
        counts = np.where(is_cut, largest.fill_null(1).to_numpy(zero_copy_only=False), features)
        if rows and counts.min() < 1:
            raise ExplanationError.not_a_count(counts.min())
    is_named = np.arange(features) < counts[:, None]
    other = np.where(is_named, 0.0, ordered).sum(axis=1)
    values = np.column_stack([ordered, other, contributions[:, -1]])
    places = np.column_stack([order, np.full(rows, features), np.full(rows, features + 1)])
    kept = np.column_stack([is_named, is_cut, np.ones(rows, dtype=bool)])
    offsets = np.concatenate([[0], kept.sum(axis=1).cumsum()]).astype(np.int32)
    keys = pa.array([*names, OTHER, BASE], pa.string()).take(pa.array(places[kept]))
    return pa.MapArray.from_arrays(offsets, keys, values[kept])
