"""What all exported graphs share: one input, the outputs by name, and the versions of ONNX."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from scoring.artifact import INPUT_NAME

OPSET, ML_OPSET, IR_VERSION = 21, 5, 10


def constant(name: str, values: NDArray[np.float64] | NDArray[np.int64]) -> onnx.TensorProto:
    """Return values as a named constant of the graph."""
    return numpy_helper.from_array(np.asarray(values), name)


def artifact(
    nodes: Iterable[onnx.NodeProto],
    constants: Iterable[onnx.TensorProto],
    *,
    features: int,
    outputs: Mapping[str, int | None],
) -> bytes:
    """Return the bytes of a checked model, the same for the same graph.

    Parameters
    ----------
    nodes, constants
        The graph.
    features
        Width of its input ``features``, a double matrix of shape ``(rows, features)``.
    outputs
        The width of each double output by its name; None for a vector.
    """
    graph = helper.make_graph(
        list(nodes),
        "model",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.DOUBLE, ["rows", features])],
        [
            helper.make_tensor_value_info(
                name, TensorProto.DOUBLE, ["rows"] if width is None else ["rows", width]
            )
            for name, width in outputs.items()
        ],
        list(constants),
    )
    proto = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        ir_version=IR_VERSION,
        producer_name="warehouse-ml",
    )
    onnx.checker.check_model(proto)
    return bytes(proto.SerializeToString(deterministic=True))
