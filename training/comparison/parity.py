"""The acceptance test of every version: the library, the artifact and SQL give the same scores."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.artifact import Artifact
from scoring.version import Version
from training.comparison.compared_rows import as_table, edge_rows
from training.comparison.sql_form_parity import sql_scores
from training.errors import ParityError
from training.estimators.base import Scores

Values = NDArray[np.float64]

ROWS_COMPARED = 10_000
CODE_TASKS = frozenset({"multiclass", "clustering"})
"""Tasks that predict the number of a class or cluster, which flips where two scores are equal."""

SMALLEST = float(np.finfo(np.float64).tiny)
"""Probabilities below are compared as if they were this: smaller doubles have fewer digits."""


@dataclass(frozen=True)
class Parity:
    """The largest differences found, and the limit of the relative one."""

    max_absolute_difference: float
    max_relative_difference: float
    largest_allowed: float
    rows_compared: int


@dataclass(frozen=True)
class _Comparison:
    """One output, from the library and from somewhere else; ``scale`` is what a difference is relative to."""

    source: str
    expected: Values
    actual: Values
    scale: Values | float


def sample(rows: int) -> NDArray[np.int64]:
    """Return the positions of the rows to compare: all, or an even choice of `ROWS_COMPARED`."""
    return np.unique(np.linspace(0, rows - 1, min(rows, ROWS_COMPARED)).astype(np.int64))


def check(
    model: Scores,
    artifact: Artifact,
    version: Version,
    *,
    rows: pa.Table,
    matrix: Values,
    largest_allowed: float,
    largest: float = np.inf,
    smallest: float = SMALLEST,
) -> Parity:
    """Compare the scores of the three on rows of the data and on edge rows.

    Raw scores and values are compared relative to their size, or to their mean size where they are smaller;
    probabilities and anomaly scores to their own size; classes must be equal unless the scores that decide
    are closer to each other than the limit.

    Parameters
    ----------
    model, artifact, version
        The fitted model, the artifact exported from it and the version that holds the artifact.
    rows, matrix
        Rows of the data with its own types, and as the artifact takes them.
    largest_allowed
        The largest relative difference that may be.
    largest
        The largest number that the fitted model takes.
    smallest
        Probabilities and anomaly scores below are compared as if they were this.

    Raises
    ------
    training.errors.ParityError
        If any score differs by more.
    """
    signature = version.signature_value
    edges = as_table(edge_rows(model.edges(), signature, matrix, largest=largest), signature)
    tables = [rows.select([feature.name for feature in signature.features]), edges]
    model_name = version.model_name
    prepared = [signature.matrix(batch, model=model_name) for batch in edges.to_batches()]
    compared = np.concatenate([matrix, *prepared])
    absolute = relative = 0.0
    comparisons = _comparisons(
        model, artifact, version, tables, compared, len(matrix), largest_allowed, smallest
    )
    for comparison in comparisons:
        difference = _difference(comparison.expected, comparison.actual)
        parts = np.where(difference == 0, 0.0, difference / comparison.scale)
        parts = parts.reshape(len(compared), -1).max(axis=1)
        _require(parts <= largest_allowed, model_name, comparison.source, parts, compared)
        relative = max(relative, float(parts.max()))
        if comparison.source == RAW:
            absolute = float(difference.max())
    return Parity(absolute, relative, largest_allowed, len(compared))


RAW = "the ONNX artifact (raw score)"


def _comparisons(
    model: Scores,
    artifact: Artifact,
    version: Version,
    tables: list[pa.Table],
    compared: Values,
    data_rows: int,
    limit: float,
    smallest: float,
) -> Iterator[_Comparison]:
    """Yield every output to compare; later ones are computed only once earlier ones have passed."""
    task, signature = version.task, version.signature_value
    raw = model.raw_score(compared)
    raw_scale = np.maximum(np.abs(raw), _typical(raw[:data_rows]))
    yield _Comparison(RAW, raw, artifact.run(compared, "raw_score"), raw_scale)
    expected, actual = model.predict(compared), artifact.run(compared)
    in_sql = sql_scores(version, tables)
    if task in CODE_TASKS:
        classes, is_tie = expected, _is_tie(raw, limit)
        yield _codes("the ONNX artifact", classes, actual, is_tie)
        if task == "clustering":
            yield _codes("SQL", classes, in_sql["prediction"], is_tie)
    else:
        least = _typical(expected[:data_rows]) if task == "regression" else smallest
        scale = np.maximum(np.abs(expected), least)
        yield _Comparison("the ONNX artifact", expected, actual, scale)
        yield _Comparison("SQL", expected, in_sql["prediction"], scale)
        border = 0.5 if signature.threshold is None else signature.threshold
        classes = np.where(np.isnan(expected), np.nan, expected > border)
        is_tie = np.abs(expected - border) <= limit * scale
    if "class" in in_sql:
        yield _codes("SQL (class)", classes, in_sql["class"], is_tie)
    if task == "multiclass":
        probabilities = model.probabilities(compared)
        if probabilities is None:
            raise TypeError("a multiclass model gives probabilities")
        scale = np.maximum(probabilities, smallest)
        yield _Comparison(
            "the ONNX artifact (probabilities)", probabilities, artifact.run(compared, "probabilities"), scale
        )
        yield _Comparison("SQL (probabilities)", probabilities, in_sql["probabilities"], scale)
    elif task == "binary":
        positive = in_sql["prediction"]  # compared above; relative to a small 1 - p it would have few digits
        both = np.column_stack([1 - positive, positive])
        yield _Comparison("SQL (probabilities)", both, in_sql["probabilities"], 1.0)


def _codes(source: str, expected: Values, actual: Values, is_tie: NDArray[np.bool_]) -> _Comparison:
    """Return the comparison of codes of classes, which may be any where two scores decide and are equal."""
    return _Comparison(source, np.where(is_tie, 0.0, expected), np.where(is_tie, 0.0, actual), 1.0)


def _typical(scores: Values) -> float:
    """Return the mean size of the finite scores, and no less than the smallest normal double."""
    finite = np.abs(scores[np.isfinite(scores)])
    return max(float(finite.mean()) if finite.size else 0.0, SMALLEST)


def _is_tie(raw: Values, limit: float) -> NDArray[np.bool_]:
    """Return the rows on which the two highest or lowest scores are closer than the limit, or one is NaN."""
    ordered = np.sort(raw, axis=1)
    scale = np.maximum(np.abs(raw).max(axis=1), SMALLEST)
    with np.errstate(invalid="ignore"):
        gaps = np.minimum(ordered[:, -1] - ordered[:, -2], ordered[:, 1] - ordered[:, 0])
    return np.asarray(~(gaps > limit * scale))


def _difference(expected: Values, actual: Values) -> Values:
    """Return the size of the difference; a NaN on one side alone counts as infinite."""
    with np.errstate(invalid="ignore"):
        is_same = (expected == actual) | (np.isnan(expected) & np.isnan(actual))
        difference = np.where(is_same, 0.0, np.abs(expected - actual))
    return np.where(np.isnan(difference), np.inf, difference)


def _require(
    equal: NDArray[np.bool_], model_name: str, source: str, difference: Values, rows: Values
) -> None:
    if not equal.all():
        first = int(np.argmin(equal))
        example = f"by {difference[first]:.3g} on the features {rows[first].tolist()}"
        raise ParityError.scores_differ(model_name, source, int((~equal).sum()), len(equal), example)
