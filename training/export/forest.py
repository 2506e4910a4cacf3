"""Trees of scikit-learn, exactly: rows are compared in single precision, leaf values added in double.

A missing value goes where the tree sends it: the way that training chose, or else that of most rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper

from training.export.classes import Part
from training.export.graph import constant
from training.export.row_order import summed
from training.export.trees import TreeArrays, constant_tree

Values = NDArray[np.float64]


def tree_arrays(tree: Any, values: Values, target: int) -> TreeArrays:
    """Return a tree as the operator takes it.

    Parameters
    ----------
    tree
        The ``tree_`` of a fitted tree, whose nodes are numbered through splits and leaves alike.
    values
        The value of every node, of which those of leaves count, shape ``(nodes,)``.
    target
        The output column that the values are added to.
    """
    is_leaf = tree.children_left < 0
    if is_leaf.all():
        return constant_tree(float(values[0]), target)
    number = np.where(is_leaf, -np.cumsum(is_leaf), np.cumsum(~is_leaf) - 1)
    split = ~is_leaf
    nothing = np.zeros(int(split.sum()), dtype=bool)
    return TreeArrays(
        column=tree.feature[split].astype(np.int64),
        threshold=tree.threshold[split].astype(np.float64),
        missing_left=tree.missing_go_to_left[split].astype(bool),
        left=number[tree.children_left[split]],
        right=number[tree.children_right[split]],
        leaves=np.asarray(values[is_leaf], dtype=np.float64),
        target=target,
        is_member=nothing,
    )


def class_sums(trees: list[Any], source: str, output: str) -> Part:
    """Return what adds up the shares of every class over all trees, tree by tree.

    A leaf of the operator has one value only. It gives the number of the leaf, by which a table holds the
    shares; so that each tree is walked through once, however many classes there are.
    """
    arrays, tables = [], []
    for number, tree in enumerate(trees):
        is_leaf = tree.children_left < 0
        arrays.append(tree_arrays(tree, np.cumsum(is_leaf) - 1.0, number))
        tables.append(constant(f"shares_{number}", tree.value[is_leaf, 0, :]))
    count = len(trees)
    walked, more = summed(arrays, source, "leaves", targets=count)
    nodes = [
        *walked,
        helper.make_node("Cast", ["leaves"], ["leaf_numbers"], to=TensorProto.INT64),
        helper.make_node(
            "Split", ["leaf_numbers"], [f"leaf_{n}" for n in range(count)], axis=1, num_outputs=count
        ),
    ]
    total = "no_shares"
    for number in range(count):
        nodes += [
            helper.make_node("Gather", [f"shares_{number}", f"leaf_{number}"], [f"tree_{number}"], axis=0),
            helper.make_node("Add", [total, f"tree_{number}"], [f"sum_{number}"]),
        ]
        total = f"sum_{number}"
    nodes.append(helper.make_node("Squeeze", [total, "leaf_axis"], [output]))
    return nodes, [*tables, *more, constant("leaf_axis", np.array([1])), constant("no_shares", np.array(0.0))]


def thresholds(trees: list[Any], column: int, most: int) -> Values:
    """Return up to ``most`` thresholds on a column, and the doubles at which single precision meets them."""
    by_tree = [tree.threshold[(tree.children_left >= 0) & (tree.feature == column)] for tree in trees]
    values = np.unique(np.concatenate(by_tree))
    values = values[np.unique(np.linspace(0, len(values) - 1, min(len(values), most)).astype(np.int64))]
    single = values.astype(np.float32)
    below = np.where(single > values, np.nextafter(single, np.float32(-np.inf)), single)
    above = np.nextafter(below, np.float32(np.inf))
    return np.unique(np.concatenate([values, (below.astype(np.float64) + above.astype(np.float64)) / 2]))
