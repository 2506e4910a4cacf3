"""Trees in the order in which the loop walks them, with whole numbers in place of doubles.

A double becomes the whole number that compares as it does, so that a missing value can be less or more than every
threshold. The two children of a split are neighbours, and a leaf is its own child, so that a row at a leaf stays
there while others go on. A category is a bit in one of the words that the set of a split has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.fast.graph import Ensemble

Integers = NDArray[np.int64]

ROWS_AT_ONCE = 128
"""Their columns fit into the first cache of a processor."""
LEAST, MOST = int(np.iinfo(np.int64).min), int(np.iinfo(np.int64).max)
BITS, LARGEST_CODE = 64, 65_535
MOST_NODES = 2**22
"""Larger ensembles stay with the runtime: they fit into no cache, where walking rows side by side gains little."""


@dataclass(frozen=True)
class Layout:
    """What the loop reads, besides rows.

    Parameters
    ----------
    width
        How many columns the matrix has at least.
    numbers, missing
        Of each column of numbers its column in the matrix, and what stands for a missing value.
    categories, limits
        Of each column of categories its column in the matrix, and the first code that is in no set.
    links
        Of each node its first child and where its column begins, in one.
    thresholds
        Of each node the threshold; where there are sets, the place of the threshold or of the set among them.
    sets
        The words of sets, and behind them the thresholds; empty without sets.
    values
        Of each node what it adds where it is a leaf.
    roots, targets
        Of each tree its first node, and the sum it adds to.
    """

    width: int
    numbers: Integers
    missing: Integers
    categories: Integers
    limits: NDArray[np.float64]
    links: NDArray[np.uint64]
    thresholds: NDArray[np.integer]
    sets: Integers
    values: NDArray[np.float64]
    roots: NDArray[np.uint64]
    targets: NDArray[np.uint64]


def layout(ensemble: Ensemble) -> Layout | None:
    """Return the layout of an ensemble; None if it is not one that the loop walks."""
    is_set = np.array([members is not None for members in ensemble.members])
    codes = np.concatenate([np.zeros(1), *(part for part in ensemble.members if part is not None)])
    fits = (
        np.isfinite(ensemble.leaf_values).all()
        and not np.isnan(ensemble.splits[~is_set]).any()
        and not (ensemble.missing_left & is_set).any()
        and np.isin(codes, np.arange(LARGEST_CODE + 1.0)).all()
        and ensemble.features.min(initial=0) >= 0
        and len(ensemble.splits) + len(ensemble.leaf_values) <= MOST_NODES
    )
    placed = _placed(ensemble) if fits else None
    if placed is None:
        return None
    pairs = zip(ensemble.features[~is_set].tolist(), ensemble.missing_left[~is_set].tolist(), strict=True)
    numbers = sorted(set(pairs))
    categories = sorted(set(ensemble.features[is_set].tolist()))
    words = {
        feature: 1 + int(max(m.max(initial=0) for m in _sets_of(ensemble, feature))) // BITS
        for feature in categories
    }
    column = {pair: place for place, pair in enumerate(numbers)}
    category = {feature: len(numbers) + 1 + place for place, feature in enumerate(categories)}
    columns: list[int] = []
    places: list[int] = []
    sets: list[int] = []
    for split, members in enumerate(ensemble.members):
        feature = int(ensemble.features[split])
        if members is None:
            columns.append(column[feature, bool(ensemble.missing_left[split])])
            places.append(0)
        else:
            columns.append(category[feature])
            places.append(len(sets))
            sets += _words(members, words[feature])
    keys = np.append(ordered(np.where(is_set, 0.0, ensemble.splits)), MOST)  # a leaf's is never exceeded
    if categories:
        thresholds = np.append(
            np.where(is_set, places, len(sets) + np.arange(len(places))), len(sets) + len(places)
        )
        table = np.concatenate([np.array(sets, dtype=np.uint64).view(np.int64), keys])
    else:
        thresholds, table = keys, np.empty(0, dtype=np.int64)
    column_starts = np.append(columns, len(numbers)) * ROWS_AT_ONCE
    node_columns = column_starts[placed.splits].astype(np.uint64)
    return Layout(
        width=int(ensemble.features.max()) + 1,
        numbers=np.array([feature for feature, _ in numbers], dtype=np.int64),
        missing=np.array([LEAST if left else MOST for _, left in numbers], dtype=np.int64),
        categories=np.array(categories, dtype=np.int64),
        limits=np.array([float(BITS * words[feature]) for feature in categories]),
        links=placed.children.astype(np.uint64) << np.uint64(32) | node_columns,
        thresholds=thresholds[placed.splits].astype(np.uint64 if categories else np.int64),
        sets=table,
        values=np.append(ensemble.leaf_values, 0.0)[placed.leaves],
        roots=placed.roots.astype(np.uint64),
        targets=placed.targets.astype(np.uint64),
    )


def ordered(values: NDArray[np.float64]) -> Integers:
    """Return the whole numbers that compare as doubles do; minus zero is zero."""
    bits = (values + 0.0).view(np.int64)
    return np.asarray(bits ^ ((bits >> 63) & MOST))


def _sets_of(ensemble: Ensemble, feature: int) -> Iterator[NDArray[np.float64]]:
    for wanted, members in zip(ensemble.features.tolist(), ensemble.members, strict=True):
        if wanted == feature and members is not None:
            yield members


def _words(members: NDArray[np.float64], count: int) -> list[int]:
    words = [0] * count
    for code in members.astype(np.int64).tolist():
        words[code // BITS] |= 1 << code % BITS
    return words


@dataclass(frozen=True)
class _Placed:
    """The nodes of all trees in the order of the loop: tree by tree, level by level.

    Parameters
    ----------
    splits, leaves
        The split, or else the leaf, that each node is; the last of those there are and one, where it is none.
    children
        The first child of each node.
    roots, targets
        Of each tree its first node, and the sum it adds to.
    """

    splits: Integers
    leaves: Integers
    children: Integers
    roots: Integers
    targets: Integers


def _placed(ensemble: Ensemble) -> _Placed | None:
    """Return the nodes of an ensemble; None if nodes are shared or missing, or a tree adds to several sums."""
    left = list(zip(ensemble.left.tolist(), ensemble.left_leaf.tolist(), strict=True))
    right = list(zip(ensemble.right.tolist(), ensemble.right_leaf.tolist(), strict=True))
    no_split, no_leaf = len(ensemble.splits), len(ensemble.leaf_values)
    kinds = list(zip(ensemble.leaf_targets.tolist(), range(no_leaf), strict=True))
    splits: list[int] = []
    leaves: list[int] = []
    children: list[int] = []
    roots, targets = [], []
    seen = [False] * no_split
    for root in ensemble.roots.tolist():
        roots.append(len(splits))
        level, sums = [(root, False)], set()
        while level:
            below: list[tuple[int, bool]] = []
            next_level = len(splits) + len(level)
            for node, is_leaf in level:
                if not 0 <= node < (no_leaf if is_leaf else no_split) or (not is_leaf and seen[node]):
                    return None
                if is_leaf:
                    sums.add(kinds[node][0])
                    children.append(len(splits))
                    splits.append(no_split)
                    leaves.append(node)
                else:
                    seen[node] = True
                    children.append(next_level + len(below))
                    splits.append(node)
                    leaves.append(no_leaf)
                    below += (left[node], right[node])
            level = below
        target = min(sums)
        if len(sums) > 1 or not 0 <= target < ensemble.targets:
            return None
        targets.append(target)
    return _Placed(*(np.array(part, dtype=np.int64) for part in (splits, leaves, children, roots, targets)))
