"""The imputers and scalers of a user's own pipeline, in the place of `Preprocessing`: his objects, and their nodes."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import StandardScaler

from training.export.classes import Part
from training.export.graph import constant
from training.export.preprocessing_instants import Instants
from training.export.sql_form import number
from training.turns import WHOLE_PROCESS

Values = NDArray[np.float64]

STEPS = (SimpleImputer, StandardScaler)


@contextmanager
def without_names() -> Iterator[None]:
    """Let a model take a matrix, whose columns are in the order of those that it was fitted on, without a warning."""
    with WHOLE_PROCESS, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")
        yield


@dataclass(frozen=True)
class Steps:
    """Fitted steps before a model.

    Parameters
    ----------
    features
        How many columns there are.
    steps
        Objects of the classes `STEPS`.
    is_single
        Whether the model rounds what they give to single precision.
    """

    features: int
    steps: tuple[Any, ...]
    is_single: bool = False

    @property
    def instants(self) -> Instants:
        """The features that are instants: none."""
        return Instants(self.features, ())

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Positions of the numbers: all of them."""
        return np.arange(self.features)

    @property
    def categories(self) -> tuple[()]:
        """The columns of codes: none."""
        return ()

    @property
    def sources(self) -> NDArray[np.int64]:
        """The feature that each prepared column comes from."""
        return np.arange(self.features)

    def prepared(self, matrix: Values) -> Values:
        """Return the columns that the model learned from, by the user's own objects."""
        with without_names():
            for step in self.steps:
                matrix = np.asarray(step.transform(matrix), dtype=np.float64)
        return matrix

    def unprepared(self, column: int, values: Values) -> Values:
        """Return about what values of a prepared column are before the steps."""
        for step in reversed(self.steps):
            if isinstance(step, StandardScaler):
                mean, scale = _moved(step)
                values = values * (1.0 if scale is None else scale[column])
                values = values + (0.0 if mean is None else mean[column])
        return values

    def in_sql(self, column: int, value: str) -> str:
        """Return the SQL of a prepared column, given that of a double which is null or NaN where it is missing."""
        for step in self.steps:
            if isinstance(step, SimpleImputer):
                value = f"coalesce(nullif({value}, 'nan'::double), {number(_filled(step)[column])})"
                continue
            mean, scale = _moved(step)
            value = value if mean is None else f"({value} - {number(mean[column])})"
            value = value if scale is None else f"({value} / {number(scale[column])})"
        return value

    def part(self, source: str, output: str) -> Part:
        """Return the nodes that do the same in an artifact."""
        nodes: list[NodeProto] = []
        constants: list[TensorProto] = []
        last = source

        def add(operator: str, *inputs: str, **attributes: Any) -> str:
            name = f"step_{len(nodes)}"
            nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
            return name

        def values(of: Any) -> str:
            name = f"step_values_{len(constants)}"
            constants.append(constant(name, np.asarray(of, dtype=np.float64)))
            return name

        for step in self.steps:
            if isinstance(step, SimpleImputer):
                last = add("Where", add("IsNaN", last), values(_filled(step)), last)
                continue
            mean, scale = _moved(step)
            last = last if mean is None else add("Sub", last, values(mean))
            last = last if scale is None else add("Div", last, values(scale))
        if self.is_single:
            last = add("Cast", add("Cast", last, to=TensorProto.FLOAT), to=TensorProto.DOUBLE)
        nodes.append(helper.make_node("Identity", [last], [output]))
        return nodes, constants


def _filled(imputer: SimpleImputer) -> Values:
    """Return what an imputer puts where a value is missing; fitted on single precision, it rounds its statistics."""
    with without_names():
        filled = imputer.transform(np.full((1, imputer.n_features_in_), np.nan))
    return np.asarray(filled, dtype=np.float64).reshape(-1)  # it may be a data frame


def _moved(scaler: StandardScaler) -> tuple[Values | None, Values | None]:
    """Return what a scaler takes away and what it divides by; None where it does not."""
    return scaler.mean_ if scaler.with_mean else None, scaler.scale_ if scaler.with_std else None
