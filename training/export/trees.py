"""Trees as one ``TreeEnsemble`` operator with thresholds and leaf values in double precision.

See https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html. Leaf values are added in the order of the
trees, from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

SUM, NO_TRANSFORM, LESS_OR_EQUAL, MEMBER = 1, 0, 0, 6


@dataclass(frozen=True)
class TreeArrays:
    """One tree of at least one split: arrays over its splits, and the values of its leaves.

    A value at most the threshold goes left, or, where ``is_member``, one among the split's members; a missing
    value goes left where ``missing_left``. A child is the position of a split, or ``-1 - leaf``. ``members``
    holds the codes of each split where ``is_member``. Leaf values are added to the output column ``target``.
    """

    column: NDArray[np.int64]
    threshold: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    leaves: NDArray[np.float64]
    target: int
    is_member: NDArray[np.bool_]
    members: tuple[NDArray[np.int64], ...] = ()


def constant_tree(value: float, target: int) -> TreeArrays:
    """Return a tree that gives every row the value: the operator wants a split, so its leaves are equal."""
    zero, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    leaves = np.array([value, value])
    return TreeArrays(zero, np.zeros(1), no, zero - 1, zero - 2, leaves, target=target, is_member=no)


def tree_ensemble(trees: Sequence[TreeArrays], source: str, output: str, *, targets: int) -> onnx.NodeProto:
    """Return the operator that sums leaf values.

    Parameters
    ----------
    trees
        One or more trees.
    source, output
        Names of a double matrix of shape ``(rows, columns)`` and of the sums, shape ``(rows, targets)``.
    targets
        Number of output columns.
    """
    splits_before = np.cumsum([0, *(len(tree.column) for tree in trees)])
    leaves_before = np.cumsum([0, *(len(tree.leaves) for tree in trees)])
    children: dict[str, list[int]] = {}
    for side in ("left", "right"):
        number, is_leaf = [], []
        for tree, splits, leaves in zip(trees, splits_before, leaves_before, strict=False):
            child = getattr(tree, side)
            is_leaf.append(child < 0)
            number.append(np.where(child < 0, leaves - 1 - child, splits + child))
        children[side] = np.concatenate(number).tolist()
        children[f"{side}_leaf"] = np.concatenate(is_leaf).astype(np.int64).tolist()
    modes = np.where(np.concatenate([tree.is_member for tree in trees]), MEMBER, LESS_OR_EQUAL)
    members = [part for tree in trees for codes in tree.members for part in (*codes.tolist(), np.nan)]
    optional: dict[str, Any] = {}
    if members:
        optional["membership_values"] = numpy_helper.from_array(np.array(members, dtype=np.float64))
    return helper.make_node(
        "TreeEnsemble",
        [source],
        [output],
        domain="ai.onnx.ml",
        n_targets=targets,
        aggregate_function=SUM,
        post_transform=NO_TRANSFORM,
        tree_roots=splits_before[:-1].tolist(),
        nodes_featureids=np.concatenate([tree.column for tree in trees]).tolist(),
        nodes_modes=numpy_helper.from_array(modes.astype(np.uint8)),
        nodes_splits=numpy_helper.from_array(np.concatenate([tree.threshold for tree in trees])),
        nodes_missing_value_tracks_true=np.concatenate([tree.missing_left for tree in trees])
        .astype(np.int64)
        .tolist(),
        nodes_truenodeids=children["left"],
        nodes_trueleafs=children["left_leaf"],
        nodes_falsenodeids=children["right"],
        nodes_falseleafs=children["right_leaf"],
        leaf_targetids=np.repeat(
            [tree.target for tree in trees], [len(tree.leaves) for tree in trees]
        ).tolist(),
        leaf_weights=numpy_helper.from_array(np.concatenate([tree.leaves for tree in trees])),
        **optional,
    )
