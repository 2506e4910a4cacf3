"""LightGBM models on hard data, the rows on which an export may go wrong, and the comparison."""

from typing import Any

import lightgbm
import numpy as np
import parity_figures
from numpy.typing import NDArray

from scoring.artifact import Artifact, digest
from training.export.lightgbm import to_onnx
from training.export.lightgbm_columns import ZERO
from training.export.lightgbm_trees import read

Matrix = NDArray[np.float64]

CATEGORY = 3
AROUND_ZERO = [0.0, -0.0, ZERO, -ZERO, np.nextafter(ZERO, 1), np.nextafter(-ZERO, -1), 1e-36, -1e-36, 5e-324]
CODES = [-1, -0.5, 0.5, 1.5, 31.999, 32, 63, 64, 65, 1e9, 2.0**31, 2.0**33, -(2.0**33)]
HUGE = [2.0**53, 2.0**53 + 2, -(2.0**53), 2.0**63, -(2.0**63), 1e18, 1e300, -1e300]
SPECIAL = np.array([np.nan, np.inf, -np.inf, *HUGE, *AROUND_ZERO, *CODES])
LIMIT = 1e-15


def data(seed: int, rows: int, levels: int, nulls: float, zeros: float) -> tuple[Matrix, Matrix]:
    """Return features that are Gaussian, large whole, tiny, categorical and constant; and a label."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, 5))
    features[:, 1] = random.integers(0, 2 * 10**9, rows)
    features[:, 2] *= 1e-35
    features[:, CATEGORY] = random.integers(0, levels, rows)
    features[:, 4] = 1.0
    features[:, :3][random.random((rows, 3)) < zeros] = 0.0
    features[:, :4][random.random((rows, 4)) < nulls] = np.nan
    filled = np.nan_to_num(features)
    label = filled[:, 0] + filled[:, 2] * 1e35 + (filled[:, CATEGORY] % 3 == 1) + random.normal(size=rows)
    return features, label


def suited(label: Matrix, objective: str, classes: int = 3) -> Matrix:
    """Return the label as the objective takes it."""
    if objective == "binary":
        return (label > 0).astype(float)
    if objective == "cross_entropy":
        return np.asarray(np.clip(label, 0, 1))
    if objective in ("multiclass", "multiclassova"):
        return np.floor(np.abs(label)) % classes
    return np.abs(label) + 1e-3 if objective in ("poisson", "gamma", "tweedie") else label


def booster_of(features: Matrix, label: Matrix, rounds: int = 12, **params: Any) -> lightgbm.Booster:
    chosen = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "min_data_in_leaf": 3,
        "num_leaves": 15,
        "min_data_per_group": 2,
        "cat_smooth": 1.0,
        "min_data_in_bin": 1,
        **params,
    }
    if chosen["objective"] in ("multiclass", "multiclassova"):
        chosen.setdefault("num_class", 3)
    dataset = lightgbm.Dataset(features, label, categorical_feature=[CATEGORY], params=chosen)
    return lightgbm.train(chosen, dataset, num_boost_round=rounds)


def edges(booster: lightgbm.Booster, features: Matrix) -> Matrix:
    """Return rows with one feature replaced by a special value or by a threshold or one of its neighbours."""
    thresholds = np.concatenate([tree.threshold for tree in read(booster).trees] or [np.zeros(1)])
    near = np.concatenate(
        [thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf), SPECIAL]
    )
    rows = features[np.arange(5 * len(near)) % len(features)]
    rows[np.arange(len(rows)), np.arange(len(rows)) // len(near)] = np.tile(near, 5)
    return np.concatenate([features, rows])


def assert_exact(booster: lightgbm.Booster, rows: Matrix) -> None:
    """Compare the artifact with the booster: raw scores bit for bit, predictions to the last digits."""
    onnx_bytes = to_onnx(booster)
    artifact = Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m")
    raw, predicted = booster.predict(rows, raw_score=True), booster.predict(rows)
    output = "prediction" if raw.ndim == 1 else "probabilities"
    raw_scores, scores = artifact.run(rows, "raw_score"), artifact.run(rows, output)
    relative = parity_figures.relative_difference(predicted, scores)
    parity_figures.record(
        f"lightgbm {read(booster).objective.split()[0]}",
        raw=float(parity_figures.difference(raw, raw_scores).max()),
        relative=float(relative.max()),
        rows=len(rows),
    )
    np.testing.assert_array_equal(raw_scores, raw, strict=True)
    assert relative.max() <= LIMIT
    if raw.ndim == 2:
        np.testing.assert_array_equal(artifact.run(rows), raw.argmax(axis=1))
    np.testing.assert_array_equal(artifact.run(rows[:1], "raw_score"), raw[:1])
    np.testing.assert_array_equal(artifact.run(rows[:1], output), scores[:1])
