"""LightGBM to ONNX without rounding: raw scores equal LightGBM's bit for bit.

All trees become one ``TreeEnsemble`` operator with thresholds and leaf values in double precision. Its rules
for zero, missing values and categories differ from LightGBM's (`NumericalDecision` and `CategoricalDecision`
in https://github.com/microsoft/LightGBM/blob/master/include/LightGBM/tree.h) in four ways, each mended here:

1. LightGBM takes values within `ZERO` of zero as zero. Thresholds in that range are moved to its edge.
2. A split without missing values reads NaN as zero: NaN takes the branch that zero takes.
3. A split with zero as missing sends zero and NaN its default way: it reads a copy of the feature in which
   zero is NaN.
4. A categorical split drops fractions: it reads a copy of the feature without them. NaN, negative and
   unseen codes are in no set and go right, as in LightGBM.
"""

from __future__ import annotations

import lightgbm
import numpy as np
from numpy.typing import NDArray
from onnx import helper

from scoring.artifact import INPUT_NAME
from training.export.classes import Part, exponential, logistic, position, softmax, vector
from training.export.graph import artifact, constant
from training.export.lightgbm_columns import ZERO, Columns, zero_is_missing
from training.export.lightgbm_link import Link, check_written, link
from training.export.lightgbm_trees import MISSING_NAN, Model, read
from training.export.preprocessing_instants import Instants
from training.export.row_order import summed
from training.export.trees import TreeArrays, constant_tree


def to_onnx(booster: lightgbm.Booster, instants: Instants | None = None) -> bytes:
    """Return the booster as an ONNX model.

    Its input ``features`` is a double matrix of shape ``(rows, features)``. Its outputs are double:
    ``raw_score``, the sum of leaf values, of shape ``(rows,)`` or, for several classes, ``(rows, classes)``;
    ``prediction``, of shape ``(rows,)``, the probability of the positive class, the value or the code of the
    likeliest class; and for several classes their ``probabilities``, of shape ``(rows, classes)``, which for
    one class against all others do not add up to 1, as in LightGBM.

    Parameters
    ----------
    booster
        A booster that was trained on the expanded matrix of the instants.
    instants
        The features that are instants; None if there are none.

    Raises
    ------
    training.errors.ExportError
        If the model has a part that ONNX cannot hold exactly.
    """
    model = read(booster)
    model_link = link(model)
    check_written(booster, model_link)
    width = model.targets if model.targets > 1 else None
    instants = instants or Instants(model.features, ())
    columns = Columns(model, "expanded")
    parts = [
        instants.nodes(INPUT_NAME, "expanded"),
        (columns.nodes, columns.constants),
        summed(_splits(model, columns), columns.output, "sums", targets=model.targets),
        *_prediction(model_link, width),
    ]
    outputs = {"raw_score": width, "prediction": None} | ({"probabilities": width} if width else {})
    return artifact(
        [node for nodes, _ in parts for node in nodes],
        [value for _, values in parts for value in values],
        features=instants.features,
        outputs=outputs,
    )


def _splits(model: Model, columns: Columns) -> list[TreeArrays]:
    """Return the trees as the operator takes them."""
    trees = []
    for number, tree in enumerate(model.trees):
        target = number % model.targets
        if not len(tree.feature):
            trees.append(constant_tree(tree.leaves[0], target))
            continue
        threshold = moved_from_zero(tree.threshold)
        tracks = np.where(tree.missing == MISSING_NAN, tree.default_left, threshold >= 0)
        tracks = np.where(zero_is_missing(tree), tree.default_left, tracks)
        trees.append(
            TreeArrays(
                column=columns.of(tree),
                threshold=np.where(tree.categorical, 0.0, threshold),
                missing_left=tracks & ~tree.categorical,
                left=tree.left,
                right=tree.right,
                leaves=tree.leaves,
                target=target,
                is_member=tree.categorical,
                members=tree.members,
            )
        )
    return trees or [constant_tree(0.0, target) for target in range(model.targets)]


def moved_from_zero(threshold: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return thresholds that part values as the given ones part values flushed to zero."""
    below = (threshold >= -ZERO) & (threshold < 0)
    above = (threshold >= 0) & (threshold < ZERO)
    return np.where(below, np.nextafter(-ZERO, -np.inf), np.where(above, ZERO, threshold))


def _prediction(model_link: Link, width: int | None) -> list[Part]:
    """Return the parts from the sums of leaf values to raw score and prediction."""
    if width is None:
        return [
            vector("sums", "raw_score"),
            _mean("raw_score", model_link),
            _linked(model_link, "prediction"),
        ]
    copy = helper.make_node("Identity", ["sums"], ["raw_score"])
    return [
        ([copy], []),
        _mean("raw_score", model_link),
        _linked(model_link, "probabilities"),
        position("ArgMax", "raw_score", "prediction"),
    ]


def _mean(raw: str, model_link: Link) -> Part:
    """Return ``mean = raw / divisor``."""
    if model_link.divisor == 1:
        return [helper.make_node("Identity", [raw], ["mean"])], []
    return [helper.make_node("Div", [raw, "iterations"], ["mean"])], [
        constant("iterations", np.array(float(model_link.divisor)))
    ]


def _linked(model_link: Link, output: str) -> Part:
    """Return the function of the link from the mean to the output."""
    match model_link.function:
        case "identity":
            return [helper.make_node("Identity", ["mean"], [output])], []
        case "signed_square":
            return [
                helper.make_node("Abs", ["mean"], ["size"]),
                helper.make_node("Mul", ["size", "mean"], [output]),
            ], []
        case "logistic":
            return logistic("mean", output, factor=model_link.factor)
        case "exp":
            return exponential("mean", output)
        case "softmax":
            return softmax("mean", output)
