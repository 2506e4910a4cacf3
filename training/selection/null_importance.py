"""Whether a feature helps trees more than it would by chance: its gain against that on shuffled labels.

A feature with many values is chosen for many splits even if it tells nothing. Fitted on shuffled labels, the
same trees say how many that are: Altmann, Tolosi, Sander and Lengauer, "Permutation importance: a corrected
feature importance measure", Bioinformatics 26 (10), 2010, https://doi.org/10.1093/bioinformatics/btq134.
On the true labels a feature without use gains less than on shuffled ones, as good features are chosen before
it; so the mean of the shuffled gains is a bar that few of them reach, and that weak but true ones do.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from scoring.signature import Signature
from training.estimators.base import Examples, FitRequest, Setting
from training.estimators.lightgbm_booster import fit

ROUNDS = 50
LARGEST = 1e6
"""A feature may gain nothing at all on shuffled labels."""

Values = NDArray[np.float64]


def gains_over_shuffled(
    examples: Examples, signature: Signature, *, task: str, seed: int, shuffles: int
) -> Values:
    """Return the gain of each feature as a multiple of its mean gain on shuffled labels.

    Parameters
    ----------
    examples
        The rows to fit trees on; weights are shuffled with the labels.
    signature
        The features and classes.
    task
        ``binary``, ``multiclass`` or ``regression``.
    seed
        Seed of trees and shuffling.
    shuffles
        How often labels are shuffled.

    Returns
    -------
    numpy.ndarray
        Shape ``(features,)``; 0 for a feature that gains nothing, `LARGEST` at most.
    """
    if examples.label is None:
        raise TypeError("labels are shuffled, so they must be there")
    random = np.random.default_rng(seed)
    rows = len(examples.label)
    orders = [np.arange(rows), *(random.permutation(rows) for _ in range(shuffles))]
    # Small fits next to each other take less time than one after the other on all cores.
    with ThreadPoolExecutor(os.cpu_count() or 1) as fits:
        gains, *shuffled = fits.map(lambda order: _gains(examples, order, signature, task, seed), orders)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = gains / np.mean(shuffled, axis=0)
    return np.asarray(np.where(gains > 0, np.minimum(ratios, LARGEST), 0.0))


def _gains(
    examples: Examples, order: NDArray[np.int64], signature: Signature, task: str, seed: int
) -> Values:
    """Return the gain of each feature, with the labels in another order."""
    if examples.label is None:
        raise TypeError("trees are fitted on a label")
    weight = None if examples.weight is None else examples.weight[order]
    drawn = Examples(examples.features, examples.label[order], weight)
    rows = int(np.clip(len(examples.features) // 100, 2, 50))
    params: dict[str, Setting] = {
        "num_iterations": max(ROUNDS // max(len(signature.classes) - 1, 1), 5),
        "learning_rate": 0.1,
        "num_leaves": 31,
        "min_data_in_leaf": rows,
        "min_data_per_group": rows,
        # Few features at a time give each its turn, also one that says the same as a better one.
        "feature_fraction": 1.0,
        "feature_fraction_bynode": 0.3,
    }
    request = FitRequest(drawn, None, task, params, seed, signature, threads=1)
    return np.array([gain for _, gain, _ in fit(request).importance()])
