"""What a feature tells of the label alone. One that tells nearly all is likely to hold what comes after it.

The rows are halved; of each half, the mean label of equal or neighbouring values scores the other half.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import r2_score, roc_auc_score

from scoring.signature import Feature
from training.estimators.base import Examples

MOST_BINS, ROWS_PER_BIN = 256, 20
PRIOR_ROWS = 0.1
"""Every group begins with this much of the mean of all rows, so that one without rows has it."""

MOST_CLASSES = 20
"""Of more classes, the most frequent ones are measured."""

Values = NDArray[np.float64]


def alone(examples: Examples, position: int, feature: Feature, *, task: str) -> float:
    """Return how well one feature predicts the label.

    Parameters
    ----------
    examples
        The rows; their label is there.
    position
        Of the feature in the matrix.
    feature
        What it is.
    task
        ``binary``: the area under the ROC curve; ``multiclass``: the mean over classes, each against all
        others and weighed by its rows; ``regression``: the explained share of the variance of the label's
        rank, on which far values have no great weight.
    """
    label = examples.label
    if label is None:
        raise TypeError("a feature is measured by the label")
    weight = np.ones(len(label)) if examples.weight is None else examples.weight / examples.weight.mean()
    groups = _groups(examples.features[:, position], feature)
    if task == "regression":
        rank = np.unique(label, return_inverse=True)[1].astype(np.float64)
        return float(r2_score(rank, _scores(groups, rank, weight), sample_weight=weight))
    if task == "binary":
        return float(roc_auc_score(label, _scores(groups, label, weight), sample_weight=weight))
    totals = np.bincount(label.astype(np.int64), weights=weight)
    classes = [code for code in np.argsort(-totals, kind="stable")[:MOST_CLASSES] if totals[code] > 0]
    areas = [_area(groups, label == code, weight) for code in classes]
    return float(np.average(areas, weights=totals[classes]))


def _area(groups: NDArray[np.int64], is_class: NDArray[np.bool_], weight: Values) -> float:
    actual = is_class.astype(np.float64)
    return float(roc_auc_score(actual, _scores(groups, actual, weight), sample_weight=weight))


def _groups(values: Values, feature: Feature) -> NDArray[np.int64]:
    """Return the group of each row: a category, a range of numbers; 0 for those without a value."""
    has_value = ~np.isnan(values)
    groups = np.zeros(len(values), dtype=np.int64)
    if feature.type == "category":
        groups[has_value] = values[has_value].astype(np.int64) + 1
    elif has_value.any():
        bins = int(np.clip(len(values) // ROWS_PER_BIN, 2, MOST_BINS))
        shares = np.linspace(0, 1, bins + 1)[1:-1]
        edges = np.unique(np.quantile(values[has_value], shares, method="lower"))
        groups[has_value] = np.searchsorted(edges, values[has_value], side="left") + 1
    return groups


def _scores(groups: NDArray[np.int64], target: Values, weight: Values) -> Values:
    """Return the mean target of each row's group in the other half of the rows."""
    is_first = np.arange(len(groups)) % 2 == 0
    scores = np.empty(len(groups))
    size = int(groups.max()) + 1
    mean = np.average(target, weights=weight)
    for half in (is_first, ~is_first):
        counts = np.bincount(groups[~half], weights=weight[~half], minlength=size)
        sums = np.bincount(groups[~half], weights=(weight * target)[~half], minlength=size)
        scores[half] = ((sums + PRIOR_ROWS * mean) / (counts + PRIOR_ROWS))[groups[half]]
    return scores
