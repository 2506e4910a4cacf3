"""Several artifacts as one graph that averages their predictions, in double precision."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import onnx
from onnx import compose, helper

from scoring.artifact import INPUT_NAME
from training.export.classes import position
from training.export.graph import artifact, constant


def averaged(members: Iterable[tuple[bytes, int]], *, task: str, features: int, classes: int) -> bytes:
    """Return the artifact of ``(w1 * p1 + w2 * p2 + ...) / (w1 + w2 + ...)``, added from first to last.

    Parameters
    ----------
    members
        The artifacts and the weights of their predictions p: values, probabilities of the positive class or,
        of task ``multiclass``, of each class.
    task
        What all of them predict: binary, multiclass or regression.
    features, classes
        The number of features and of classes.
    """
    averaged_output = "probabilities" if task == "multiclass" else "prediction"
    nodes: list[onnx.NodeProto] = []
    constants: list[onnx.TensorProto] = []
    total, weights = "", 0
    for number, (onnx_bytes, weight) in enumerate(members):
        prefix, weighted, sums = f"member_{number}_", f"weighted_{number}", f"sums_{number}"
        graph = compose.add_prefix(onnx.load_model_from_string(onnx_bytes), prefix).graph
        nodes += [
            helper.make_node("Identity", [INPUT_NAME], [prefix + INPUT_NAME]),
            *graph.node,
            helper.make_node("Mul", [prefix + averaged_output, f"weight_{number}"], [weighted]),
        ]
        constants += [*graph.initializer, constant(f"weight_{number}", np.array(float(weight)))]
        if total:
            nodes.append(helper.make_node("Add", [total, weighted], [sums]))
        total, weights = sums if total else weighted, weights + weight
    nodes += [
        helper.make_node("Div", [total, "weights"], ["raw_score"]),
        helper.make_node("Identity", ["raw_score"], [averaged_output]),
    ]
    constants.append(constant("weights", np.array(float(weights))))
    outputs: dict[str, int | None] = {"raw_score": None, "prediction": None}
    if task == "multiclass":
        nodes += position("ArgMax", "raw_score", "prediction")[0]
        outputs = {"raw_score": classes, "prediction": None, "probabilities": classes}
    return artifact(nodes, constants, features=features, outputs=outputs)
