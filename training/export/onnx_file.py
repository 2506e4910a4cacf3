"""An ONNX model from elsewhere, given our input and outputs without touching what it computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, compose, helper

from scoring.artifact import INPUT_NAME
from training.export.classes import position
from training.export.graph import constant
from training.export.onnx_inputs import Input

PREFIX = "given_"


@dataclass(frozen=True)
class Scores:
    """Which output of a model holds its scores.

    Parameters
    ----------
    output
        Its name.
    column
        The column of the positive class; None if all of the output counts.
    width
        The number of classes or clusters; None if there is one score per row.
    order
        At which place of the output each class is; None where they are in their order.
    """

    output: str
    column: int | None = None
    width: int | None = None
    order: tuple[int, ...] | None = None


def without_maps(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model with plain outputs where it puts each row's probabilities into a map."""
    plain = onnx.ModelProto()
    plain.CopyFrom(model)
    graph = plain.graph
    inside = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "ZipMap"}
    nodes = [node for node in graph.node if node.op_type != "ZipMap"]
    outputs = [inside.get(value.name, value.name) for value in graph.output]
    del graph.node[:], graph.output[:]
    graph.node.extend(nodes)
    # The runtime finds out the types of outputs by itself.
    graph.output.extend(onnx.ValueInfoProto(name=name) for name in outputs)
    return plain


def normalised(
    plain: onnx.ModelProto, inputs: Sequence[Input], scores: Scores, *, features: int, task: str
) -> bytes:
    """Return the bytes of the model with the input ``features`` and our outputs, all double.

    Parameters
    ----------
    plain
        A model without maps.
    inputs
        What it takes.
    scores
        Where it leaves its scores: probabilities, values, anomaly scores or distances to centres.
    features
        The number of features.
    task
        What it predicts.
    """
    model = compose.add_prefix(plain, PREFIX)
    graph = model.graph
    inner = list(graph.node)
    del graph.node[:], graph.input[:], graph.output[:]
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    for each in inputs:
        more, values = each.nodes(PREFIX + each.name)
        nodes += more
        constants += values
    nodes += inner
    score = PREFIX + scores.output
    if scores.column is not None:
        constants.append(constant("positive_class", np.array(scores.column)))
        nodes.append(helper.make_node("Gather", [score, "positive_class"], ["chosen_scores"], axis=1))
        score = "chosen_scores"
    if scores.order is not None:
        constants.append(constant("order_of_classes", np.array(scores.order)))
        nodes.append(helper.make_node("Gather", [score, "order_of_classes"], ["ordered_scores"], axis=1))
        score = "ordered_scores"
    nodes.append(helper.make_node("Cast", [score], ["double_scores"], to=TensorProto.DOUBLE))
    constants.append(constant("score_shape", np.array([-1] if scores.width is None else [-1, scores.width])))
    nodes.append(helper.make_node("Reshape", ["double_scores", "score_shape"], ["raw_score"]))
    outputs: dict[str, list[str | int]] = {
        "raw_score": ["rows"] if scores.width is None else ["rows", scores.width],
        "prediction": ["rows"],
    }
    if scores.width is None:
        nodes.append(helper.make_node("Identity", ["raw_score"], ["prediction"]))
    else:
        nodes += position("ArgMin" if task == "clustering" else "ArgMax", "raw_score", "prediction")[0]
    if task == "multiclass":
        nodes.append(helper.make_node("Identity", ["raw_score"], ["probabilities"]))
        outputs["probabilities"] = outputs["raw_score"]
    graph.node.extend(nodes)
    graph.initializer.extend(constants)
    graph.input.append(helper.make_tensor_value_info(INPUT_NAME, TensorProto.DOUBLE, ["rows", features]))
    graph.output.extend(
        helper.make_tensor_value_info(output, TensorProto.DOUBLE, shape) for output, shape in outputs.items()
    )
    return bytes(model.SerializeToString(deterministic=True))


def score_of(values: NDArray[np.float64], scores: Scores) -> NDArray[np.float64]:
    """Return the scores among what the output gave for some rows, as double."""
    chosen = values if scores.column is None else values[:, scores.column]
    if scores.order is not None:
        chosen = chosen[:, list(scores.order)]
    shape = (-1,) if scores.width is None else (-1, scores.width)
    return chosen.astype(np.float64).reshape(shape)
