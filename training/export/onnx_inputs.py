"""How our matrix of features becomes the inputs of an ONNX model from elsewhere: one matrix, or one for each column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from scoring.artifact import INPUT_NAME
from scoring.signature import MISSING, Signature
from training.errors import EstimatorError
from training.export.graph import constant

Feeds = dict[str, NDArray[Any]]
Nodes = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]

REAL: Mapping[int, type[Any]] = {TensorProto.FLOAT: np.float32, TensorProto.DOUBLE: np.float64}
WHOLE: Mapping[int, type[Any]] = {
    TensorProto.INT64: np.int64,
    TensorProto.INT32: np.int32,
    TensorProto.BOOL: np.bool_,
}
"""Types that have no missing value."""
LIMITS: Mapping[int, float] = {
    TensorProto.INT64: 2.0**53,
    TensorProto.INT32: 2.0**31 - 1,
    TensorProto.BOOL: 1.0,
}
"""What a number is cut to before it becomes one of them."""
NO_TEXT = ""
"""What stands for a text that is null, or that no training row has."""


@dataclass(frozen=True)
class Input:
    """An input of the model: the whole matrix, or one feature of it.

    Parameters
    ----------
    name
        Its name.
    element
        ONNX's number of the type of its elements.
    position
        Which feature it takes; None for all of them.
    is_vector
        Whether it takes a vector in place of a matrix of one column.
    categories
        The texts that the codes of the feature stand for.
    """

    name: str
    element: int
    position: int | None = None
    is_vector: bool = False
    categories: tuple[str, ...] = ()

    def values(self, matrix: NDArray[np.float64]) -> NDArray[Any]:
        """Return what the input takes of rows."""
        chosen = matrix
        if self.position is not None:
            chosen = matrix[:, self.position] if self.is_vector else matrix[:, [self.position]]
        if self.element == TensorProto.STRING:
            texts = np.array([*self.categories, NO_TEXT], dtype=object)
            return texts[np.where(np.isnan(chosen), len(self.categories), chosen).astype(np.int64)]
        if self.element in WHOLE:
            largest = LIMITS[self.element]
            return np.clip(chosen, -largest, largest).astype(WHOLE[self.element])
        with np.errstate(over="ignore"):  # beyond single precision a number is infinite, as in the artifact
            return chosen.astype(REAL[self.element])

    def nodes(self, output: str) -> Nodes:
        """Return what computes the same from our input."""
        previous = INPUT_NAME
        constants: list[onnx.TensorProto] = []
        nodes: list[onnx.NodeProto] = []

        def add(operator: str, *more: str, into: str | None = None, **attributes: Any) -> None:
            nonlocal previous
            made = into or f"{output}_{len(nodes)}"
            nodes.append(helper.make_node(operator, [previous, *more], [made], **attributes))
            previous = made

        def keep(part: str, values: NDArray[Any]) -> str:
            constants.append(constant(f"{output}_{part}", values))
            return constants[-1].name

        if self.position is not None:
            place = np.array(self.position) if self.is_vector else np.array([self.position])
            add("Gather", keep("position", place), axis=1)
        if self.element == TensorProto.STRING:
            codes = previous
            add("IsNaN")
            add("Where", keep("no_text", np.array(float(len(self.categories)))), codes)
            add("Cast", to=TensorProto.INT64)
            texts = np.array([*self.categories, NO_TEXT], dtype=object)
            constants.append(numpy_helper.from_array(texts, f"{output}_texts"))
            nodes.append(helper.make_node("Gather", [constants[-1].name, previous], [output], axis=0))
            return nodes, constants
        if self.element in WHOLE:
            largest = LIMITS[self.element]
            add("Max", keep("smallest", np.array(-largest)))
            add("Min", keep("largest", np.array(largest)))
        add("Cast", into=output, to=self.element)
        return nodes, constants


def inputs_of(model: onnx.ModelProto, signature: Signature, file: str) -> tuple[Input, ...]:
    """Return the inputs of a model and what each takes of the features.

    Raises
    ------
    training.errors.EstimatorError
        If they are not those of the features.
    """
    constants = {value.name for value in model.graph.initializer}
    values = [value for value in model.graph.input if value.name not in constants]
    features = signature.features
    if len(values) == 1 and (matrix := _matrix(values[0], len(features))) is not None:
        if texts := [feature.name for feature in features if feature.type == "category"]:
            raise EstimatorError.file_takes_no_text(file, texts)
        return (matrix,)
    folded = [_folded(feature.name) for feature in features]
    positions = dict(zip(folded, range(len(features)), strict=True))
    named = [_folded(value.name) for value in values]
    if len({*folded}) < len(folded) or sorted(named) != sorted(folded):
        raise EstimatorError.other_inputs(
            file, [feature.name for feature in features], [_shown(value) for value in values]
        )
    return tuple(_column(value, positions[_folded(value.name)], signature, file) for value in values)


def _folded(name: str) -> str:
    """Return a name as it is compared: converters replace what is no letter or digit, each in its own way."""
    return re.sub("[^0-9a-z]", "_", name.lower())


def _matrix(value: onnx.ValueInfoProto, width: int) -> Input | None:
    tensor = value.type.tensor_type
    dimensions = tensor.shape.dim
    if tensor.elem_type not in REAL or len(dimensions) != 2 or dimensions[1].dim_value not in (0, width):
        return None
    return Input(value.name, tensor.elem_type)


def _column(value: onnx.ValueInfoProto, position: int, signature: Signature, file: str) -> Input:
    """Return the input of one feature."""
    feature, tensor = signature.features[position], value.type.tensor_type
    element, dimensions = tensor.elem_type, tensor.shape.dim
    is_text = feature.type == "category"
    if (element == TensorProto.STRING) != is_text or element not in {*REAL, *WHOLE, TensorProto.STRING}:
        raise EstimatorError.other_type(file, feature.name, feature.type, _shown(value))
    if len(dimensions) not in (1, 2) or (len(dimensions) == 2 and dimensions[1].dim_value not in (0, 1)):
        raise EstimatorError.other_type(file, feature.name, feature.type, _shown(value))
    if element in WHOLE and feature.nulls == MISSING:
        raise EstimatorError.file_without_null(file, feature.name, _shown(value))
    return Input(value.name, element, position, len(dimensions) == 1, feature.categories)


def _shown(value: onnx.ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    sizes = [str(part.dim_value or part.dim_param or "?") for part in tensor.shape.dim]
    kind = TensorProto.DataType.Name(tensor.elem_type).lower() if tensor.elem_type else "no tensor"
    return f"{value.name} {kind}[{', '.join(sizes)}]"


def feeds(inputs: Sequence[Input], matrix: NDArray[np.float64]) -> Feeds:
    """Return what each input takes of rows, by its name."""
    return {each.name: each.values(matrix) for each in inputs}
