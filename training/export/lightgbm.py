"""LightGBM to ONNX without rounding: raw scores equal LightGBM's bit for bit.

All trees become one ``TreeEnsemble`` operator with thresholds and leaf values in double precision; see
https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html. Its rules for zero, missing values and
categories differ from LightGBM's (`NumericalDecision` and `CategoricalDecision` in
https://github.com/microsoft/LightGBM/blob/master/include/LightGBM/tree.h) in four ways, each mended here:

1. LightGBM takes values within `ZERO` of zero as zero. Thresholds in that range are moved to its edge.
2. A split without missing values reads NaN as zero: NaN takes the branch that zero takes.
3. A split with zero as missing sends zero and NaN its default way: it reads a copy of the feature in which
   zero is NaN.
4. A categorical split drops fractions: it reads a copy of the feature without them. NaN, negative and
   unseen codes are in no set and go right, as in LightGBM.
"""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from scoring.artifact import INPUT_NAME
from training.errors import ExportError
from training.export.lightgbm_columns import ZERO, Columns, constant, zero_is_missing
from training.export.lightgbm_trees import MISSING_NAN, Model, Tree, read

OPSET, ML_OPSET, IR_VERSION = 21, 5, 10
SUM, NO_TRANSFORM, LESS_OR_EQUAL, MEMBER = 1, 0, 0, 6
IDENTITY_OBJECTIVES = frozenset({"regression", "regression_l1", "huber", "fair", "quantile", "mape"})


def to_onnx(booster: lightgbm.Booster) -> bytes:
    """Return the booster as an ONNX model.

    Its input ``features`` is a double matrix of shape ``(rows, features)``; its outputs, double vectors
    of shape ``(rows,)``, are ``raw_score``, the sum of leaf values, and ``prediction``, the probability
    of the positive class or the value.

    Raises
    ------
    training.errors.ExportError
        If the model has a part that ONNX cannot hold exactly.
    """
    model = read(booster)
    columns = Columns(model)
    nodes = [
        *columns.nodes,
        helper.make_node(
            "TreeEnsemble",
            [columns.output],
            ["sums"],
            domain="ai.onnx.ml",
            **_ensemble(model, columns),
        ),
        helper.make_node("Squeeze", ["sums", "target_axis"], ["raw_score"]),
        *_prediction(model.objective),
    ]
    graph = helper.make_graph(
        nodes,
        "model",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.DOUBLE, ["rows", model.features])],
        [
            helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows"])
            for name in ("raw_score", "prediction")
        ],
        [
            constant("target_axis", np.array([1])),
            *columns.constants,
            *_prediction_constants(model.objective),
        ],
    )
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        ir_version=IR_VERSION,
        producer_name="warehouse-ml",
    )
    onnx.checker.check_model(proto)
    return bytes(proto.SerializeToString(deterministic=True))


def _ensemble(model: Model, columns: Columns) -> dict[str, Any]:
    """Return the attributes of the tree operator: all trees one behind the other."""
    split: dict[str, list[NDArray[np.int64] | NDArray[np.float64]]] = {
        name: []
        for name in ("column", "mode", "threshold", "tracks", "left", "left_leaf", "right", "right_leaf")
    }
    roots, leaves, members = [], [], []
    splits_before = leaves_before = 0
    for tree in model.trees or (_constant_tree(0.0),):
        if not len(tree.feature):
            tree = _constant_tree(tree.leaves[0])
        threshold = _moved_from_zero(tree.threshold)
        tracks = np.where(tree.missing == MISSING_NAN, tree.default_left, threshold >= 0)
        tracks = np.where(zero_is_missing(tree), tree.default_left, tracks)
        split["column"].append(columns.of(tree))
        split["mode"].append(np.where(tree.categorical, MEMBER, LESS_OR_EQUAL))
        split["threshold"].append(np.where(tree.categorical, 0.0, threshold))
        split["tracks"].append((tracks & ~tree.categorical).astype(np.int64))
        for side, child in (("left", tree.left), ("right", tree.right)):
            is_leaf = child < 0
            split[side].append(np.where(is_leaf, leaves_before - 1 - child, splits_before + child))
            split[f"{side}_leaf"].append(is_leaf.astype(np.int64))
        members += [part for codes in tree.members for part in (*codes.tolist(), np.nan)]
        roots.append(splits_before)
        leaves.append(tree.leaves)
        splits_before += len(tree.feature)
        leaves_before += len(tree.leaves)
    joined = {name: np.concatenate(arrays) for name, arrays in split.items()}
    weights = np.concatenate(leaves)
    attributes: dict[str, Any] = {
        "n_targets": 1,
        "aggregate_function": SUM,
        "post_transform": NO_TRANSFORM,
        "tree_roots": roots,
        "nodes_featureids": joined["column"].tolist(),
        "nodes_modes": numpy_helper.from_array(joined["mode"].astype(np.uint8)),
        "nodes_splits": numpy_helper.from_array(joined["threshold"].astype(np.float64)),
        "nodes_missing_value_tracks_true": joined["tracks"].tolist(),
        "nodes_truenodeids": joined["left"].tolist(),
        "nodes_trueleafs": joined["left_leaf"].tolist(),
        "nodes_falsenodeids": joined["right"].tolist(),
        "nodes_falseleafs": joined["right_leaf"].tolist(),
        "leaf_targetids": [0] * len(weights),
        "leaf_weights": numpy_helper.from_array(weights),
    }
    if members:
        attributes["membership_values"] = numpy_helper.from_array(np.array(members, dtype=np.float64))
    return attributes


def _constant_tree(value: float) -> Tree:
    """Return a tree whose one split has the same leaf on both sides: the operator wants a split."""
    zero, no = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=bool)
    return Tree(zero, np.zeros(1), no, no, zero, zero - 1, zero - 1, (), np.array([value]))


def _moved_from_zero(threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return thresholds that part values as the given ones part values flushed to zero."""
    below = (threshold >= -ZERO) & (threshold < 0)
    above = (threshold >= 0) & (threshold < ZERO)
    return np.where(below, np.nextafter(-ZERO, -np.inf), np.where(above, ZERO, threshold))


def _sigmoid(objective: str) -> float | None:
    """Return the factor of the logistic function that turns the raw score into a probability, None for none.

    Raises
    ------
    training.errors.ExportError
        If the objective turns the raw score into something else.
    """
    name, *settings = objective.split()
    options = dict(setting.split(":", 1) for setting in settings if ":" in setting)
    if name == "binary":
        return float(options["sigmoid"])
    if name in IDENTITY_OBJECTIVES and not settings:
        return None
    raise ExportError.not_exact(
        "objectives other than binary and plain regression",
        f"objective '{objective}'",
        "choose another objective",
    )


def _prediction(objective: str) -> list[onnx.NodeProto]:
    """Return the nodes from raw score to prediction: ``1 / (1 + exp(-sigmoid * raw_score))`` or nothing."""
    if _sigmoid(objective) is None:
        return [helper.make_node("Identity", ["raw_score"], ["prediction"])]
    return [
        helper.make_node("Mul", ["raw_score", "negative_sigmoid"], ["exponent"]),
        helper.make_node("Exp", ["exponent"], ["odds_against"]),
        helper.make_node("Add", ["odds_against", "one"], ["whole"]),
        helper.make_node("Div", ["one", "whole"], ["prediction"]),
    ]


def _prediction_constants(objective: str) -> list[onnx.TensorProto]:
    sigmoid = _sigmoid(objective)
    if sigmoid is None:
        return []
    return [constant("negative_sigmoid", np.array(-sigmoid)), constant("one", np.array(1.0))]
