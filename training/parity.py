"""The acceptance test of every version: LightGBM, the artifact and SQL give the same scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import scoring
from scoring.artifact import Artifact
from scoring.registry import SCHEMA
from scoring.signature import Signature
from training.errors import ParityError
from training.export.lightgbm_trees import read
from training.sql import quoted

ROWS_COMPARED = 100_000
LARGEST_RELATIVE_DIFFERENCE = 1e-15
"""Raw scores must be equal; a probability may differ by the last bits of the exponential function."""

SPECIAL_NUMBERS = (np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-300, -1e-300, 1e300, -1e300)


@dataclass(frozen=True)
class Parity:
    """The largest differences found: of the raw score, and of the prediction relative to its size."""

    max_absolute_difference: float
    max_relative_difference: float
    rows_compared: int


def check(
    booster: lightgbm.Booster,
    artifact: Artifact,
    row: pa.Table,
    *,
    signature: Signature,
    rows: pa.Table,
    matrix: NDArray[np.float64],
) -> Parity:
    """Compare the scores of the three on rows of the data and on edge rows.

    Parameters
    ----------
    booster, artifact, row
        The trained model, the artifact exported from it and the version row that holds the artifact.
    signature
        The model's features.
    rows, matrix
        The data with its own types, and as the artifact takes it. All of it is compared if it has at most
        `ROWS_COMPARED` rows, else an even sample.

    Raises
    ------
    training.errors.ParityError
        If any score differs.
    """
    sample = np.unique(np.linspace(0, len(matrix) - 1, min(len(matrix), ROWS_COMPARED)).astype(np.int64))
    rows, matrix = rows.take(sample), matrix[sample]
    edges = edge_rows(booster, signature, matrix)
    compared = np.concatenate([matrix, edges])
    expected_raw = np.asarray(booster.predict(compared, raw_score=True))
    expected = np.asarray(booster.predict(compared))
    model_name = row.column("model_name")[0].as_py()
    raw = _difference(expected_raw, artifact.run(compared, "raw_score"), 1.0)
    _require(raw == 0.0, model_name, "the ONNX artifact (raw score)", raw, compared)
    scale = np.maximum(np.abs(expected), np.finfo(np.float64).tiny)
    features = [feature.name for feature in signature.features]
    sources = {
        "the ONNX artifact": artifact.run(compared),
        "SQL": np.concatenate(_sql_scores(row, [rows.select(features), _as_table(edges, signature)])),
    }
    largest = 0.0
    for source, found in sources.items():
        relative = _difference(expected, found, scale)
        _require(relative <= LARGEST_RELATIVE_DIFFERENCE, model_name, source, relative, compared)
        largest = max(largest, float(relative.max()))
    return Parity(float(raw.max()), largest, len(compared))


def edge_rows(
    booster: lightgbm.Booster, signature: Signature, matrix: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return rows of the data with one feature changed in each to a value where a model may go wrong.

    A number becomes, in turn, every threshold of the model on that feature, the doubles next to it and
    `SPECIAL_NUMBERS`; a category becomes null or unseen.
    """
    thresholds = _thresholds(booster)
    places: list[NDArray[np.int64]] = []
    values: list[NDArray[np.float64]] = []
    for index, feature in enumerate(signature.features):
        edges = np.full(2, np.nan)
        if feature.type == "number":
            at = thresholds.get(index, np.empty(0))
            edges = np.concatenate([at, np.nextafter(at, np.inf), np.nextafter(at, -np.inf), SPECIAL_NUMBERS])
        values.append(edges)
        places.append(np.full(len(edges), index))
    column, value = np.concatenate(places), np.concatenate(values)
    rows = matrix[np.arange(len(column)) % len(matrix)]
    rows[np.arange(len(column)), column] = value
    return rows


def _thresholds(booster: lightgbm.Booster) -> Mapping[int, NDArray[np.float64]]:
    trees = read(booster).trees
    feature = np.concatenate([tree.feature[~tree.categorical] for tree in trees])
    threshold = np.concatenate([tree.threshold[~tree.categorical] for tree in trees])
    return {int(index): np.unique(threshold[feature == index]) for index in np.unique(feature)}


def _as_table(matrix: NDArray[np.float64], signature: Signature) -> pa.Table:
    """Return rows of which the signature makes the matrix; NaN in a category is by turns null and unseen."""
    columns = {}
    for values, feature in zip(matrix.T, signature.features, strict=True):
        if feature.type == "number":
            columns[feature.name] = pa.array(values, pa.float64())
            continue
        unseen = "".join(feature.categories) + "?"
        known = np.array([*feature.categories, unseen, None], dtype=object)
        blank = len(feature.categories) + np.arange(len(values)) % 2
        texts = known[np.where(np.isnan(values), blank, values).astype(np.int64)]
        columns[feature.name] = pa.array(texts, pa.string())
    return pa.table(columns)


def _sql_scores(row: pa.Table, tables: list[pa.Table]) -> list[NDArray[np.float64]]:
    """Return what ``ml_predict`` gives for the rows of each table in a warehouse that holds the version."""
    scores = []
    name, version = row.column("model_name")[0].as_py(), row.column("version")[0].as_py()
    with scoring.connect() as warehouse:
        warehouse.register("version_row", row)
        warehouse.execute(f"create schema {SCHEMA}")
        warehouse.execute(f"create table {SCHEMA}.{quoted(name)} as from version_row")
        for table in tables:
            columns = [column.combine_chunks() for column in table.columns]
            structs = pa.StructArray.from_arrays(columns, names=table.column_names)
            rows = pa.table({"position": np.arange(table.num_rows), "features": structs})
            warehouse.register("rows", rows)
            found = warehouse.execute(
                "select ml_predict(?, features) as score from rows order by position", [f"{name}@{version}"]
            ).fetchnumpy()
            scores.append(np.ma.filled(found["score"], np.nan))
    return scores


def _difference(
    expected: NDArray[np.float64], found: NDArray[np.float64], scale: NDArray[np.float64] | float
) -> NDArray[np.float64]:
    """Return the difference relative to the scale; a NaN on either side counts as infinite."""
    difference = np.where(expected == found, 0.0, np.abs(expected - found)) / scale
    return np.where(np.isnan(difference), np.inf, difference)


def _require(
    equal: NDArray[np.bool_],
    model_name: str,
    source: str,
    difference: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> None:
    if not equal.all():
        first = int(np.argmin(equal))
        example = f"by {difference[first]:.3g} on the features {rows[first].tolist()}"
        raise ParityError.scores_differ(model_name, source, int((~equal).sum()), len(equal), example)
