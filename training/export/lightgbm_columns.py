"""The matrix that exported trees read: the features, and copies of some of them prepared as LightGBM does."""

from __future__ import annotations

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper

from training.export.graph import constant
from training.export.lightgbm_trees import MISSING_ZERO, Model, Tree

ZERO = float(np.float32(1e-35))
"""LightGBM takes values that are no further from zero than this as zero."""


class Columns:
    """The matrix that the trees read: the features, then prepared copies of some of them."""

    def __init__(self, model: Model, source: str) -> None:
        zero: set[int] = set()
        whole: set[int] = set()
        for tree in model.trees:
            zero.update(tree.feature[zero_is_missing(tree)].tolist())
            whole.update(tree.feature[tree.categorical].tolist())
        self._zero, self._whole = (
            _positions(zero, model.features),
            _positions(whole, model.features + len(zero)),
        )
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.output = source
        parts = [source]
        if zero:
            self.constants += [
                constant("zero_columns", np.array(sorted(zero))),
                constant("zero_limit", np.array(ZERO)),
                constant("missing", np.array(np.nan)),
            ]
            self.nodes += [
                helper.make_node("Gather", [source, "zero_columns"], ["with_zero"], axis=1),
                helper.make_node("Abs", ["with_zero"], ["magnitude"]),
                helper.make_node("LessOrEqual", ["magnitude", "zero_limit"], ["is_zero"]),
                helper.make_node("Where", ["is_zero", "missing", "with_zero"], ["zero_missing"]),
            ]
            parts.append("zero_missing")
        if whole:
            self.constants += [
                constant("category_columns", np.array(sorted(whole))),
                constant("zero", np.array(0.0)),
            ]
            self.nodes += [
                helper.make_node("Gather", [source, "category_columns"], ["codes"], axis=1),
                helper.make_node("Less", ["codes", "zero"], ["is_negative"]),
                helper.make_node("Ceil", ["codes"], ["codes_up"]),
                helper.make_node("Floor", ["codes"], ["codes_down"]),
                helper.make_node("Where", ["is_negative", "codes_up", "codes_down"], ["whole_codes"]),
            ]
            parts.append("whole_codes")
        if len(parts) > 1:
            self.output = "columns"
            self.nodes.append(helper.make_node("Concat", parts, [self.output], axis=1))

    def of(self, tree: Tree) -> NDArray[np.int64]:
        """Return the column that each split of the tree reads."""
        column = tree.feature.copy()
        for selected, positions in ((zero_is_missing(tree), self._zero), (tree.categorical, self._whole)):
            column[selected] = [positions[feature] for feature in tree.feature[selected].tolist()]
        return column


def _positions(features: set[int], start: int) -> dict[int, int]:
    return {feature: start + offset for offset, feature in enumerate(sorted(features))}


def zero_is_missing(tree: Tree) -> NDArray[np.bool_]:
    """Return which splits of the tree regard zero as missing."""
    return np.asarray(~tree.categorical & (tree.missing == MISSING_ZERO))
