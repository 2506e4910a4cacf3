"""A model that was trained elsewhere: an ONNX file is read, given our outputs, and not fitted.

Its input is a matrix of floats or doubles, shape ``(rows, features)``, with the training query's features in their
order, or one column for each feature, called like it, of numbers, booleans or text; instants come as seconds since
1970, UTC. Its scores are probabilities, values, anomaly scores (higher is stranger) or distances to the centres of
clusters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import onnx
from numpy.typing import NDArray

from scoring.artifact import Artifact, digest
from scoring.errors import ArtifactError
from scoring.onnx_bytes import contents
from scoring.signature import Signature
from training.errors import EstimatorError
from training.estimators.base import Estimator, FitRequest, Limits, Setting, Text
from training.estimators.onnx_outputs import outputs_of, scores_of
from training.export.onnx_classes import labels_of, order_of
from training.export.onnx_file import Scores, normalised, score_of, without_maps
from training.export.onnx_inputs import Input, feeds, inputs_of
from training.project import located

Values = NDArray[np.float64]

CLASSIFYING = ("binary", "multiclass")
ROWS_TRIED = 8_192
SIZES_TRIED = (1, 2, 7)
"""Sizes of batches in which the first rows must have the same scores."""
LARGEST_EXCESS = 1e-4
"""How far the probabilities of a row, in single precision, may be from 1 in sum."""


@dataclass(frozen=True)
class FileModel:
    """A model from a file, and where it leaves its scores."""

    plain: onnx.ModelProto
    runner: Artifact
    inputs: tuple[Input, ...]
    scores: Scores
    features: int
    task: str
    params: Mapping[str, Setting]
    threshold: float | None = None
    native_model: None = None

    def sql_form(self, signature: Signature) -> None:
        """Return the model in SQL: there is no such form of a file from elsewhere."""

    def to_onnx(self) -> bytes:
        """Return the artifact."""
        return normalised(self.plain, self.inputs, self.scores, features=self.features, task=self.task)

    def raw_score(self, matrix: Values) -> Values:
        """Return the scores as the file itself gives them."""
        return score_of(self.runner.run_inputs(feeds(self.inputs, matrix), self.scores.output), self.scores)

    def predict(self, matrix: Values) -> Values:
        """Return the score, or the code of the likeliest class or the nearest centre."""
        scores = self.raw_score(matrix)
        if self.scores.width is None:
            return scores
        choose = np.argmin if self.task == "clustering" else np.argmax
        return np.asarray(choose(scores, axis=1), dtype=np.float64)

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the probability of each class."""
        if self.task not in ("binary", "multiclass"):
            return None
        scores = self.raw_score(matrix)
        return scores if self.task == "multiclass" else np.column_stack([1 - scores, scores])

    def importance(self) -> list[tuple[int, float, int]]:
        """Return nothing: a file does not say."""
        return []

    def edges(self) -> Mapping[int, Values]:
        """Return nothing: the numbers go through the same operators on both sides."""
        return {}


def fit(request: FitRequest) -> FileModel:
    """Return the model in the file, checked on the training rows.

    Raises
    ------
    training.errors.EstimatorError
        If the file is no such model.
    """
    file, signature = str(request.params.get("file", "")), request.signature
    data = _read(request.params)
    if request.task == "anomaly" and "threshold" not in request.params:
        raise EstimatorError.file_without_threshold(file)
    parsed = _parsed(data, file)
    plain = without_maps(parsed)
    _check_batch_axis(plain, file)
    inputs = inputs_of(plain, signature, file)
    order = order_of(labels_of(parsed), signature.classes, file) if request.task in CLASSIFYING else ()
    plain_bytes = plain.SerializeToString(deterministic=True)
    runner = Artifact(plain_bytes, expected_digest=digest(plain_bytes), model=file)
    rows = request.train.features[:ROWS_TRIED]
    scores = scores_of(outputs_of(plain, runner, feeds(inputs, rows), file), request, order, file)
    threshold = request.params.get("threshold") if request.task == "anomaly" else None
    model = FileModel(
        plain,
        runner,
        inputs,
        scores,
        len(signature.features),
        request.task,
        dict(request.params),
        None if threshold is None else float(threshold),
    )
    _check_batches(model, rows, file)
    _check_probabilities(model, rows, file)
    return model


def fingerprint(params: Mapping[str, Setting]) -> str:
    """Return the SHA-256 of the file."""
    return sha256(_read(params)).hexdigest()


def _read(params: Mapping[str, Setting]) -> bytes:
    file = str(params.get("file", ""))
    path = located(file)
    if not path.is_file():
        raise EstimatorError.no_file(file)
    return path.read_bytes()


def _parsed(data: bytes, file: str) -> onnx.ModelProto:
    try:
        contents(data)
        return onnx.load_from_string(data)
    except ValueError as error:
        raise EstimatorError.file_unusable(file, "a readable ONNX model", "other bytes") from error


def _check_batch_axis(plain: onnx.ModelProto, file: str) -> None:
    constants = {value.name for value in plain.graph.initializer}
    for value in plain.graph.input:
        dimensions = value.type.tensor_type.shape.dim
        if value.name not in constants and dimensions and dimensions[0].dim_value:
            raise EstimatorError.fixed_batch(file, value.name, dimensions[0].dim_value)


def _check_batches(model: FileModel, rows: Values, file: str) -> None:
    """Check that a row's score is the same in batches of other sizes."""
    sizes = [size for size in SIZES_TRIED if size <= len(rows)]
    expected = model.raw_score(rows[: max(sizes, default=0)])
    for size in sizes:
        try:
            scores = model.raw_score(rows[:size])
        except ArtifactError as error:
            raise EstimatorError.file_unusable(
                file, f"a model that runs on {size} rows as on any number", str(error)
            ) from error
        if not np.allclose(scores, expected[:size], rtol=LARGEST_EXCESS, atol=LARGEST_EXCESS, equal_nan=True):
            raise EstimatorError.depends_on_batch(file, size, max(sizes))


def _check_probabilities(model: FileModel, rows: Values, file: str) -> None:
    probabilities = model.probabilities(rows)
    if probabilities is None:
        return
    present = probabilities[~np.isnan(probabilities).any(axis=1)]
    excess = max(float((np.abs(present.sum(axis=1) - 1)).max(initial=0.0)), float(-present.min(initial=0.0)))
    if excess > LARGEST_EXCESS:
        extent = f"scores from {present.min():g} to {present.max():g}"
        raise EstimatorError.file_unusable(file, "probabilities, from 0 to 1 and 1 in sum", extent)


ESTIMATOR = Estimator(
    name="onnx",
    tasks=frozenset({"binary", "multiclass", "regression", "clustering", "anomaly"}),
    params={
        "file": Text("the path of an ONNX file, relative to the project"),
        "output": Text("the name of the output with the scores"),
        "threshold": Limits(-1e300, 1e300),
    },
    defaults={},
    search_space={},
    # A file may compute in single precision, where a batch of another size rounds differently.
    relative_difference=1e-5,
    fit=fit,
    fingerprint=fingerprint,
)
