"""Rows in an order in which neighbours take the same branches.

A processor guesses which way a split goes by how it went before, and a wrong guess costs as much as several
splits. In rows as they come every second guess is wrong; rows that are alike in what the first splits of the trees
ask take the same branches there, one after the other. Their order has no effect on any score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from training.export.classes import Part
from training.export.graph import constant
from training.export.trees import TreeArrays, tree_ensemble

MOST_GROUPS, MOST_CUTS = 256, 7
"""Into how many groups rows are sorted, at most: fewer than the 2,048 rows that DuckDB hands over at once; and by how
many thresholds on a column."""
LEAST_SPLITS = 400
"""How many splits a row must meet for its sorting to pay."""


@dataclass(frozen=True)
class Cut:
    """A threshold that divides rows, and what it adds to the number of a group that is above it."""

    column: int
    threshold: float
    step: int


def cuts(trees: Sequence[TreeArrays]) -> list[Cut]:
    """Return the thresholds that tell most about the ways of rows; none if rows meet few splits.

    A split counts half of what the one above it counts. Each cut goes to the column where the splits count
    most for the cuts that it has already, and the cuts of a column divide the weight of its thresholds evenly.
    """
    shares = [_shares(tree) for tree in trees]
    if sum(float(share.sum()) for share in shares) < LEAST_SPLITS:
        return []
    compares = [~tree.is_member for tree in trees]
    column = np.concatenate([tree.column[chosen] for tree, chosen in zip(trees, compares, strict=True)])
    threshold = np.concatenate([tree.threshold[chosen] for tree, chosen in zip(trees, compares, strict=True)])
    share = np.concatenate([part[chosen] for part, chosen in zip(shares, compares, strict=True)])
    weights = np.bincount(column, weights=share)
    counts = np.zeros(len(weights), dtype=np.int64)
    while (gains := np.where(counts < MOST_CUTS, weights / (counts + 1) ** 2, 0.0)).any():
        best = int(np.argmax(gains))
        counts[best] += 1
        if np.prod(counts + 1.0) > MOST_GROUPS:
            counts[best] -= 1
            break
    result, step = [], 1
    for wanted in np.argsort(weights, kind="stable").tolist():  # the column that tells most sorts first
        chosen = np.flatnonzero(column == wanted)
        chosen = chosen[np.argsort(threshold[chosen], kind="stable")]
        weight = np.cumsum(share[chosen])
        for number in range(1, counts[wanted] + 1):
            place = np.searchsorted(weight, weight[-1] * number / (counts[wanted] + 1))
            result.append(Cut(wanted, float(threshold[chosen[place]]), step))
        step *= int(counts[wanted]) + 1
    return result


def _shares(tree: TreeArrays) -> NDArray[np.float64]:
    """Return which share of the rows meets each split, if every split halves its rows."""
    shares = np.zeros(len(tree.column))
    shares[0] = 1.0
    level = np.zeros(1, dtype=np.int64)
    while len(level):
        children = np.concatenate([tree.left[level], tree.right[level]])
        half = np.tile(shares[level] / 2, 2)
        shares[children[children >= 0]] = half[children >= 0]
        level = children[children >= 0]
    return shares


def summed(trees: Sequence[TreeArrays], source: str, output: str, *, targets: int) -> Part:
    """Return what sums leaf values, with rows sorted before and put back in their places behind it if that pays.

    Parameters
    ----------
    trees, source, output, targets
        As `training.export.trees.tree_ensemble` takes them.
    """
    rows = cuts(trees)
    if not rows:
        return [tree_ensemble(trees, source, output, targets=targets)], []
    name = f"{output}_order"
    columns, values, thresholds, above, taken, steps, groups, count, lowest, order, places, axis = (
        f"{name}_{part}"
        for part in (
            *("columns", "values", "thresholds", "above", "taken", "steps"),
            *("groups", "count", "lowest", "rows", "places", "axis"),
        )
    )
    ordered, summed = f"{name}_matrix", f"{name}_sums"
    nodes = [
        helper.make_node("Gather", [source, columns], [values], axis=1),
        helper.make_node("Greater", [values, thresholds], [above]),
        helper.make_node("Cast", [above], [taken], to=TensorProto.FLOAT),
        helper.make_node("MatMul", [taken, steps], [groups]),
        helper.make_node("Shape", [groups], [count], start=0, end=1),
        helper.make_node("TopK", [groups, count], [lowest, order], axis=0, largest=0),
        helper.make_node("Squeeze", [order, axis], [places]),
        helper.make_node("Gather", [source, places], [ordered], axis=0),
        tree_ensemble(trees, ordered, summed, targets=targets),
        helper.make_node("ScatterND", [summed, order, summed], [output]),
    ]
    return nodes, [
        constant(columns, np.array([cut.column for cut in rows])),
        constant(thresholds, np.array([cut.threshold for cut in rows])),
        numpy_helper.from_array(np.array([[cut.step] for cut in rows], dtype=np.float32), steps),
        constant(axis, np.array([1])),
    ]
