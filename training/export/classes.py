"""From raw scores to predictions: probabilities of two or more classes, and the code of the likeliest."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from training.export.graph import constant

Part = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]


def vector(given: str, output: str) -> Part:
    """Return what turns a matrix of one column into a vector."""
    axis = f"{output}_axis"
    return [helper.make_node("Squeeze", [given, axis], [output])], [constant(axis, np.array([1]))]


def logistic(raw: str, probability: str, *, factor: float = 1.0) -> Part:
    """Return ``probability = 1 / (1 + exp(-factor * raw))``."""
    return [
        helper.make_node("Mul", [raw, "negative_factor"], ["exponent"]),
        helper.make_node("Exp", ["exponent"], ["odds_against"]),
        helper.make_node("Add", ["odds_against", "one"], ["whole"]),
        helper.make_node("Div", ["one", "whole"], [probability]),
    ], [constant("negative_factor", np.array(-factor)), constant("one", np.array(1.0))]


def softmax(raw: str, probabilities: str) -> Part:
    """Return ``probabilities = exp(raw - max(raw)) / sum(exp(raw - max(raw)))`` of each row."""
    return [
        helper.make_node("ReduceMax", [raw, "class_axis"], ["highest"], keepdims=1),
        helper.make_node("Sub", [raw, "highest"], ["below_highest"]),
        helper.make_node("Exp", ["below_highest"], ["odds"]),
        helper.make_node("ReduceSum", ["odds", "class_axis"], ["all_odds"], keepdims=1),
        helper.make_node("Div", ["odds", "all_odds"], [probabilities]),
    ], [constant("class_axis", np.array([1]))]


def position(operator: str, scores: str, prediction: str) -> Part:
    """Return the position of the highest (``ArgMax``) or lowest (``ArgMin``) score of each row, as double."""
    chosen = f"{prediction}_position"
    return [
        helper.make_node(operator, [scores], [chosen], axis=1, keepdims=0),
        helper.make_node("Cast", [chosen], [prediction], to=TensorProto.DOUBLE),
    ], []
