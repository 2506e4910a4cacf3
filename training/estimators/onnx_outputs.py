"""Which output of an ONNX file holds the scores of the task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from scoring.artifact import Artifact
from scoring.errors import ArtifactError
from scoring.signature import Signature
from training.errors import EstimatorError
from training.estimators.base import FitRequest
from training.export.onnx_file import Scores
from training.export.onnx_inputs import Feeds


def outputs_of(plain: onnx.ModelProto, runner: Artifact, rows: Feeds, file: str) -> dict[str, NDArray[Any]]:
    """Return every output that has a row for each of some rows, by name.

    Raises
    ------
    training.errors.EstimatorError
        If there is none.
    """
    outputs, reasons = {}, []
    for value in plain.graph.output:
        try:
            outputs[value.name] = runner.run_inputs(rows, value.name)
        except ArtifactError as error:
            reasons.append(str(error))
    if not outputs:
        reason = reasons[0] if reasons else "no output"
        raise EstimatorError.file_unusable(file, "a model that runs on any number of rows", reason)
    return outputs


def scores_of(
    outputs: Mapping[str, NDArray[Any]], request: FitRequest, order: tuple[int, ...], file: str
) -> Scores:
    """Return the one output that holds scores of the task, or the one that the configuration names."""
    signature, task = request.signature, request.task
    named = request.params.get("output")
    fitting = {
        name: scores
        for name, values in outputs.items()
        if (named is None or name == named)
        and (scores := _fitting(name, values, signature, task, order)) is not None
    }
    if len(fitting) == 1:
        return next(iter(fitting.values()))
    expected = {
        "binary": "floats with one column or two, the probability of the positive class or of both",
        "multiclass": f"floats with {len(signature.classes)} columns, the probabilities of the classes",
        "clustering": "floats with a column per cluster, the distances to the centres",
    }.get(task, "floats with one column")
    shapes = ", ".join(
        f"'{name}' {values.dtype}[rows{''.join(f', {size}' for size in values.shape[1:])}]"
        for name, values in outputs.items()
    )
    raise EstimatorError.file_unusable(
        file, f"one output of {expected} (params key 'output' names it)", shapes
    )


def _fitting(
    name: str, values: NDArray[Any], signature: Signature, task: str, order: tuple[int, ...]
) -> Scores | None:
    """Return how the output holds scores of the task; None if it does not."""
    if values.dtype not in (np.float32, np.float64) or values.ndim not in (1, 2):
        return None
    width = values.shape[1] if values.ndim == 2 else 1
    if task == "clustering":
        return Scores(name, width=width) if width > 1 else None
    if task == "multiclass":
        in_order = order == tuple(range(width))
        fits = width == len(signature.classes)
        return Scores(name, width=width, order=None if in_order else order) if fits else None
    if task == "binary" and width == 2:
        return Scores(name, column=order[1])
    if task == "binary" and order[1] == 0:  # one probability, of the class that is not ours
        return None
    return Scores(name) if width == 1 else None
