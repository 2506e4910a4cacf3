from typing import Any

import lightgbm
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scoring.artifact import Artifact, digest
from training.errors import ExportError
from training.export.lightgbm import to_onnx
from training.export.lightgbm_columns import ZERO
from training.export.lightgbm_trees import read

Matrix = NDArray[np.float64]
CATEGORY = 3
AROUND_ZERO = [0.0, -0.0, ZERO, -ZERO, np.nextafter(ZERO, 1), np.nextafter(-ZERO, -1), 1e-36, -1e-36, 5e-324]
CODES = [-1, -0.5, 0.5, 1.5, 31.999, 32, 63, 64, 65, 1e9, 2.0**31, 2.0**33, -(2.0**33)]
SPECIAL = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, *AROUND_ZERO, *CODES])


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
    known = np.nan_to_num(features)
    label = known[:, 0] + known[:, 2] * 1e35 + (known[:, CATEGORY] % 3 == 1) + random.normal(size=rows)
    return features, label


def booster_of(features: Matrix, label: Matrix, rounds: int = 12, **params: Any) -> lightgbm.Booster:
    defaults = {
        "objective": "binary",
        "verbosity": -1,
        "num_threads": 1,
        "min_data_in_leaf": 3,
        "num_leaves": 15,
    }
    chosen = {**defaults, "min_data_per_group": 2, "cat_smooth": 1.0, "min_data_in_bin": 1, **params}
    labels = (label > 0).astype(float) if chosen["objective"] in ("binary", "rf") else label
    dataset = lightgbm.Dataset(features, labels, categorical_feature=[CATEGORY], params=chosen)
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
    onnx_bytes = to_onnx(booster)
    artifact = Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m")
    np.testing.assert_array_equal(
        artifact.run(rows, "raw_score"), booster.predict(rows, raw_score=True), strict=True
    )
    np.testing.assert_allclose(artifact.run(rows), booster.predict(rows), rtol=1e-15, atol=0)
    one = artifact.run(rows[:1], "raw_score")
    np.testing.assert_array_equal(one, booster.predict(rows[:1], raw_score=True))


@settings(deadline=None, max_examples=120)
@given(
    seed=st.integers(0, 10_000),
    rows=st.integers(20, 250),
    levels=st.sampled_from([2, 6, 40, 200]),
    nulls=st.sampled_from([0.0, 0.2]),
    zeros=st.sampled_from([0.0, 0.5]),
    params=st.fixed_dictionaries(
        {
            "objective": st.sampled_from(["binary", "regression", "regression_l1", "quantile", "huber"]),
            "zero_as_missing": st.booleans(),
            "use_missing": st.sampled_from([True, True, False]),
            "max_cat_to_onehot": st.sampled_from([1, 4, 300]),
            "num_leaves": st.sampled_from([2, 15, 63]),
            "boosting": st.sampled_from(["gbdt", "gbdt", "dart"]),
            "learning_rate": st.sampled_from([0.1, 30.0]),
        }
    ),
)
def test_raw_score_is_equal_bit_for_bit(
    seed: int, rows: int, levels: int, nulls: float, zeros: float, params: dict[str, Any]
) -> None:
    features, label = data(seed, rows, levels, nulls, zeros)
    booster = booster_of(features, label, **params)
    assert_exact(booster, edges(booster, features))


@pytest.mark.parametrize("sigmoid", [0.3, 1.0, 2.5])
def test_sigmoid_parameter_is_kept(sigmoid: float) -> None:
    features, label = data(1, 300, 6, 0.1, 0.1)
    booster = booster_of(features, label, sigmoid=sigmoid)
    assert_exact(booster, edges(booster, features))


def test_thousand_trees_are_added_in_order() -> None:
    features, label = data(2, 500, 40, 0.1, 0.1)
    assert_exact(booster_of(features, label, rounds=1000), features)


@pytest.mark.parametrize("threshold", ["0", "1e-36", "-1e-36", "-0"])
def test_threshold_within_the_range_taken_as_zero_is_exact(threshold: str) -> None:
    features, label = data(7, 300, 6, 0.1, 0.5)
    edge = f"{ZERO:.17g}"
    head, trees = booster_of(features, label).model_to_string().split("\n\n", 1)
    assert edge in trees
    # Without the sizes of the trees in its head, LightGBM reads the text on until each tree ends.
    head = "\n".join(line for line in head.splitlines() if not line.startswith("tree_sizes"))
    trees = trees.replace(f"-{edge}", threshold).replace(edge, threshold)
    edited = lightgbm.Booster(model_str=f"{head}\n\n{trees}")
    assert_exact(edited, edges(edited, features))


@pytest.mark.parametrize("label", [0.0, 1.0, -7.25])
@pytest.mark.parametrize("objective", ["binary", "regression"])
def test_constant_model_is_exact(label: float, objective: str) -> None:
    features, _ = data(3, 60, 6, 0.1, 0.1)
    assert_exact(booster_of(features, np.full(60, label), objective=objective), features)


def test_trees_after_the_best_iteration_are_left_out() -> None:
    features, label = data(4, 300, 6, 0.1, 0.1)
    booster = booster_of(features, label)
    booster.best_iteration = 5
    assert len(read(booster).trees) == 5
    assert_exact(booster, features)


@pytest.mark.parametrize(
    ("params", "found"),
    [
        (
            {"linear_tree": True, "objective": "regression"},
            "the model has 'linear_tree'; remove that setting",
        ),
        ({"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1}, "the model has boosting 'rf'"),
        ({"objective": "poisson"}, "the model has objective 'poisson'"),
        ({"objective": "regression", "reg_sqrt": True}, "the model has objective 'regression sqrt'"),
        ({"objective": "multiclassova", "num_class": 3}, "the model has objective 'multiclassova"),
    ],
)
def test_what_is_not_exact_is_refused_by_name(params: dict[str, Any], found: str) -> None:
    features, label = data(5, 200, 6, 0.0, 0.0)
    booster = booster_of(features, np.floor(np.abs(label) % 3), **params)
    with pytest.raises(ExportError, match=found):
        to_onnx(booster)


@pytest.mark.parametrize("classes", [3, 5])
def test_every_class_is_exact(classes: int) -> None:
    features, label = data(8, 300, 40, 0.1, 0.1)
    codes = np.floor(np.abs(label)) % classes
    booster = booster_of(features, codes, objective="multiclass", num_class=classes)
    rows = edges(booster, features)
    onnx_bytes = to_onnx(booster)
    artifact = Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m")
    np.testing.assert_array_equal(
        artifact.run(rows, "raw_score"), booster.predict(rows, raw_score=True), strict=True
    )
    np.testing.assert_allclose(artifact.run(rows, "probabilities"), booster.predict(rows), rtol=1e-15)
    np.testing.assert_array_equal(artifact.run(rows), booster.predict(rows).argmax(axis=1))


def test_custom_objective_is_refused_by_name() -> None:
    def squares(prediction: Matrix, dataset: lightgbm.Dataset) -> tuple[Matrix, Matrix]:
        return prediction - dataset.get_label(), np.ones_like(prediction)

    features, label = data(6, 200, 6, 0.0, 0.0)
    with pytest.raises(ExportError, match="the model has objective 'custom'"):
        to_onnx(booster_of(features, label, objective=squares))
