"""From raw scores to predictions: probabilities of two or more classes, and the code of the likeliest."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from training.export.graph import constant

Part = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]

MOST_AT_ONCE = 8
"""Doubles that a processor takes in one step, at most."""


def vector(source: str, output: str) -> Part:
    """Return what turns a matrix of one column into a vector."""
    axis = f"{output}_axis"
    return [helper.make_node("Squeeze", [source, axis], [output])], [constant(axis, np.array([1]))]


def exponential(source: str, output: str) -> Part:
    """Return ``output = exp(source)``, the same for a value whatever stands beside it.

    The runtime takes `MOST_AT_ONCE` values or fewer in one step and those left over one by one, and the two
    ways differ in the last bit. Zeros are added behind the values, so that only zeros are left over.
    """
    shape, flat, padded, powers, kept = (
        f"{output}_{part}" for part in ("shape", "flat", "padded", "powers", "kept")
    )
    line, padding, first, end = (f"{output}_{part}" for part in ("line", "padding", "first", "end"))
    return [
        helper.make_node("Shape", [source], [shape]),
        helper.make_node("Reshape", [source, line], [flat]),
        helper.make_node("Concat", [flat, padding], [padded], axis=0),
        helper.make_node("Exp", [padded], [powers]),
        helper.make_node("Slice", [powers, first, end], [kept]),
        helper.make_node("Reshape", [kept, shape], [output], allowzero=1),
    ], [
        constant(line, np.array([-1])),
        constant(padding, np.zeros(MOST_AT_ONCE)),
        constant(first, np.array([0])),
        constant(end, np.array([-MOST_AT_ONCE])),
    ]


def logistic(raw: str, probability: str, *, factor: float = 1.0) -> Part:
    """Return ``probability = 1 / (1 + exp(-factor * raw))`` of every value."""
    nodes, constants = exponential("exponent", "odds_against")
    return [
        helper.make_node("Mul", [raw, "negative_factor"], ["exponent"]),
        *nodes,
        helper.make_node("Add", ["odds_against", "one"], ["whole"]),
        helper.make_node("Div", ["one", "whole"], [probability]),
    ], [*constants, constant("negative_factor", np.array(-factor)), constant("one", np.array(1.0))]


def softmax(raw: str, probabilities: str) -> Part:
    """Return ``probabilities = exp(raw - max(raw)) / sum(exp(raw - max(raw)))`` of each row.

    The sum is added up from the first class to the last: `ReduceSum` adds in another order, which is off by
    more than 1e-15 from about 100 classes on.
    """
    nodes, constants = exponential("below_highest", "odds")
    return [
        helper.make_node("ReduceMax", [raw, "class_axis"], ["highest"], keepdims=1),
        helper.make_node("Sub", [raw, "highest"], ["below_highest"]),
        *nodes,
        helper.make_node("CumSum", ["odds", "sum_axis"], ["odds_so_far"]),
        helper.make_node("Gather", ["odds_so_far", "last_class"], ["all_odds"], axis=1),
        helper.make_node("Div", ["odds", "all_odds"], [probabilities]),
    ], [
        *constants,
        constant("class_axis", np.array([1])),
        constant("sum_axis", np.array(1)),
        constant("last_class", np.array([-1])),
    ]


def position(operator: str, scores: str, prediction: str) -> Part:
    """Return the position of the highest (``ArgMax``) or lowest (``ArgMin``) score of each row, as double."""
    chosen = f"{prediction}_position"
    return [
        helper.make_node(operator, [scores], [chosen], axis=1, keepdims=0),
        helper.make_node("Cast", [chosen], [prediction], to=TensorProto.DOUBLE),
    ], []
