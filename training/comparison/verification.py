"""Parity again, long after training: the entry point ``verify`` of ``warehouse_ml.training``.

The fitted model is gone. A LightGBM model is read back from its text; for other estimators the reference
implementation of ONNX, which shares no code with the runtime, takes the trainer's place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from scoring.artifact import INPUT_NAME, Artifact
from scoring.errors import VerificationError, VersionRowError
from scoring.registry import VersionRow
from scoring.signature import Feature, Signature
from scoring.verifying import Verified
from scoring.version_checks import check_filled
from scoring.warehouse import Warehouse
from training.comparison import parity
from training.comparison.compared_rows import as_table
from training.estimators.base import Scores
from training.estimators.lightgbm_booster import Booster
from training.export.lightgbm_text import read_booster
from training.export.preprocessing_instants import Instants
from training.history import read_version

Values = NDArray[np.float64]

NATIVE_ROWS, REFERENCE_ROWS = 10_000, 500
"""The reference implementation is plain Python and takes its time."""
MISSING = 0.05
"""The share of missing values in each feature."""
READ = ("training_snapshot.features[].name", "parity.largest_allowed", "library_versions[].name")
"""What is read of a row beside what scores."""
SMALLEST_OF_A_FILE = 1e-2
"""A file may compute in single precision, where a probability has an error of about 6e-8 however small it is."""


@dataclass(frozen=True)
class Reference:
    """An artifact as ONNX's reference implementation runs it."""

    name: str
    evaluator: ReferenceEvaluator
    task: str
    edge_values: Mapping[int, Values] = field(default_factory=dict)

    def raw_score(self, matrix: Values) -> Values:
        """Return the output ``raw_score``."""
        return self._run("raw_score", matrix)

    def predict(self, matrix: Values) -> Values:
        """Return the output ``prediction``."""
        return self._run("prediction", matrix)

    def probabilities(self, matrix: Values) -> Values | None:
        """Return the output ``probabilities`` of a multiclass model."""
        return self._run("probabilities", matrix) if self.task == "multiclass" else None

    def edges(self) -> Mapping[int, Values]:
        """Return, by position of a feature, the limits and the mean of what it was in training."""
        return self.edge_values

    def _run(self, output: str, matrix: Values) -> Values:
        with np.errstate(all="ignore"):  # the extremes overflow
            try:
                (scores,) = self.evaluator.run([output], {INPUT_NAME: matrix})
                return np.asarray(scores)
            except (NotImplementedError, RuntimeError, TypeError, ValueError) as error:
                raise VerificationError.no_reference(self.name, str(error)) from error


def verify(warehouse: Warehouse, row: VersionRow) -> Verified:
    """Compare the scores of a stored version with those of its trainer or of the reference implementation.

    Parameters
    ----------
    warehouse
        The warehouse.
    row
        Which version.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the artifact must not be loaded, cannot be compared, or scores by more than its limit otherwise.
    """
    stored = read_version(warehouse, row)
    values = vars(stored)
    name = row.name
    check_filled(row.model_name, row.version, values, READ)
    signature = stored.signature_value
    artifact = Artifact(stored.artifact, expected_digest=stored.artifact_sha256, model=name)
    statistics = values["training_snapshot"]["features"]
    if not _describe(statistics, signature):
        rule = "limits, mean and deviation of the signature's features, in their order"
        raise VersionRowError.wrong(
            row.model_name, row.version, "training_snapshot.features", statistics, rule
        )
    trainer, described, rows = _trainer(name, values, signature, statistics)
    table = as_table(likely_rows(statistics, signature, rows=rows), signature)
    (batch,) = table.combine_chunks().to_batches()
    differences = parity.check(
        trainer,
        artifact,
        stored,
        rows=pa.Table.from_batches([batch]),
        matrix=signature.matrix(batch, model=name),
        largest_allowed=values["parity"]["largest_allowed"],
        smallest=SMALLEST_OF_A_FILE if row.estimator == "onnx" else parity.SMALLEST,
    )
    libraries = {library["name"]: library["version"] for library in values["library_versions"]}
    return Verified(
        described,
        differences.rows_compared,
        differences.max_absolute_difference,
        differences.max_relative_difference,
        differences.largest_allowed,
        version("onnxruntime"),
        libraries.get("onnxruntime", "unknown"),
    )


def _describe(statistics: list[dict[str, Any]], signature: Signature) -> bool:
    """Return whether the statistics are those of the features, and can be."""
    if [summary["name"] for summary in statistics] != [feature.name for feature in signature.features]:
        return False
    for summary in statistics:
        numbers = [summary[name] for name in ("min", "max", "mean", "stddev") if summary[name] is not None]
        low, high = summary["min"] or 0.0, summary["max"] or 0.0
        if not np.isfinite([*numbers, high - low]).all() or low > high or (summary["stddev"] or 0.0) < 0:
            return False
    return True


def likely_rows(statistics: list[dict[str, Any]], signature: Signature, *, rows: int) -> Values:
    """Return random rows such as the training rows may have been, the same at every call.

    Numbers and instants are spread half evenly between their limits, half normally around their mean;
    of each feature, a share of `MISSING` is missing where its rule allows that.

    Parameters
    ----------
    statistics
        The features of the training snapshot.
    signature
        The features.
    rows
        How many.

    Returns
    -------
    numpy.ndarray
        Shape ``(rows, features)``.
    """
    random = np.random.default_rng(0)
    columns = [
        _likely(feature, summary, random, rows)
        for feature, summary in zip(signature.features, statistics, strict=True)
    ]
    return np.column_stack(columns)


def _likely(feature: Feature, summary: dict[str, Any], random: np.random.Generator, rows: int) -> Values:
    if feature.type == "category":
        codes = random.integers(0, max(len(feature.categories), 1), rows).astype(np.float64)
        has_values = bool(feature.categories)
        may_lack = not (feature.nulls == "error" and feature.unseen == "error")
    else:
        low, high = summary["min"] or 0.0, summary["max"] or 0.0
        normal = random.normal(summary["mean"] or 0.0, summary["stddev"] or 0.0, rows)
        codes = np.where(random.random(rows) < 0.5, random.uniform(low, high, rows), normal)
        codes = np.round(codes, 6) if feature.type == "instant" else codes
        has_values = summary["min"] is not None
        may_lack = feature.nulls != "error"
    lacks = (random.random(rows) < MISSING) | (not has_values)
    return np.where(lacks & may_lack, np.nan, codes)


def _trainer(
    name: str, values: Mapping[str, Any], signature: Signature, statistics: list[dict[str, Any]]
) -> tuple[Scores, str, int]:
    """Return what scores in the trainer's place, what to call it, and how many rows it can take."""
    if values["estimator"] == "lightgbm":
        try:
            native = read_booster(values["native_model"] or "")
        except ValueError as error:
            raise VerificationError.native_model(name, str(error)) from error
        booster = Booster(native, Instants.of(signature), {}, values["task"])
        return booster, f"LightGBM {version('lightgbm')}", NATIVE_ROWS
    try:
        evaluator = ReferenceEvaluator(onnx.load_from_string(values["artifact"]))
    except (NotImplementedError, RuntimeError, TypeError, ValueError) as error:
        raise VerificationError.no_reference(name, str(error)) from error
    edges = {
        index: np.array([summary[limit] for limit in ("min", "max", "mean") if summary[limit] is not None])
        for index, summary in enumerate(statistics)
    }
    described = f"the reference implementation of ONNX {version('onnx')}"
    return Reference(name, evaluator, values["task"], edges), described, REFERENCE_ROWS
