"""Compiled trees give the runtime's scores bit for bit, or are not used."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnx
import pytest
from fitted_models import MIXED, classes_of, fit, matrix_of, mixed_label, mixed_rows
from lightgbm_models import Matrix, booster_of, data, edges, suited
from onnx import helper

from scoring import fast
from scoring.artifact import Artifact, digest
from scoring.errors import ArtifactError
from scoring.fast.graph import parts
from scoring.fast.trees import Trees
from scoring.signature import Signature
from training.export.graph import artifact as artifact_of
from training.export.graph import constant
from training.export.lightgbm import to_onnx
from training.export.trees import TreeArrays, constant_tree, tree_ensemble

OUTPUTS = ("raw_score", "prediction")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.artifact.FAST_AFTER", 0.0)


def opened(onnx_bytes: bytes) -> Artifact:
    return Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m")


def by_runtime(onnx_bytes: bytes, rows: Matrix, output: str) -> Matrix:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scoring.artifact.FAST_AFTER", float("inf"))
        artifact = opened(onnx_bytes)
        scores = artifact.run(rows, output)
        assert not artifact.is_compiled
        return scores


def assert_compiled_alike(onnx_bytes: bytes, rows: Matrix, *more: str) -> None:
    artifact = opened(onnx_bytes)
    artifact.run(rows[:3])
    assert artifact.is_compiled
    for output in (*OUTPUTS, *more):
        expected = by_runtime(onnx_bytes, rows, output)
        np.testing.assert_array_equal(artifact.run(rows, output).view(np.int64), expected.view(np.int64))
        one = artifact.run(rows[:1], output)
        np.testing.assert_array_equal(one.view(np.int64), expected[:1].view(np.int64))
        assert artifact.run(rows[:0], output).shape == expected[:0].shape


@pytest.mark.parametrize("rounds", [12, 150])
@pytest.mark.parametrize("levels", [1, 2, 40, 200])
@pytest.mark.parametrize(
    "params",
    [
        {"objective": "binary"},
        {"objective": "regression", "zero_as_missing": True},
        {"objective": "regression", "use_missing": False, "num_leaves": 63},
        {"objective": "multiclass", "max_cat_to_onehot": 300},
        {"objective": "binary", "boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1},
    ],
    ids=lambda params: "-".join(map(str, params.values())),
)
def test_scores_of_lightgbm_are_equal_bit_for_bit(params: dict[str, Any], levels: int, rounds: int) -> None:
    features, label = data(levels, 300, levels, 0.2, 0.3)
    booster = booster_of(features, suited(label, params["objective"]), rounds, **params)
    more = ("probabilities",) if params["objective"] == "multiclass" else ()
    assert_compiled_alike(to_onnx(booster), edges(booster, features)[:10_000], *more)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("estimator", ["random_forest", "extra_trees"])
def test_scores_of_forests_are_equal_bit_for_bit(estimator: str, task: str) -> None:
    rows = mixed_rows()
    matrix, signature = matrix_of(rows), Signature(MIXED.features, classes=classes_of(task))
    model = fit(estimator, matrix, mixed_label(rows, task), signature, task, params={"n_estimators": 90})
    assert_compiled_alike(model.to_onnx(), matrix)


def test_scores_of_an_isolation_forest_are_equal_bit_for_bit() -> None:
    matrix = matrix_of(mixed_rows())
    model = fit("isolation_forest", matrix, None, MIXED, "anomaly")
    assert_compiled_alike(model.to_onnx(), matrix)


def test_a_row_scores_the_same_whatever_stands_beside_it() -> None:
    features, label = data(1, 700, 40, 0.2, 0.1)
    artifact = opened(to_onnx(booster_of(features, suited(label, "binary"))))
    together = artifact.run(features)
    assert artifact.is_compiled
    for size in (1, 7, 8, 9, 127, 128, 129):
        scores = [artifact.run(features[start : start + size]) for start in range(0, 700, size)]
        np.testing.assert_array_equal(np.concatenate(scores), together)


def test_threads_may_score_while_trees_are_compiled() -> None:
    features, label = data(2, 700, 40, 0.2, 0.1)
    onnx_bytes = to_onnx(booster_of(features, suited(label, "binary")))
    artifact, expected = opened(onnx_bytes), by_runtime(onnx_bytes, features, "prediction")
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(artifact.run, [features] * 40):
            np.testing.assert_array_equal(scores, expected)
    assert artifact.is_compiled


def test_rows_are_not_sorted_for_compiled_trees() -> None:
    features, label = data(3, 300, 6, 0.0, 0.0)
    onnx_bytes = to_onnx(booster_of(features, suited(label, "binary"), 150))
    assert b"TopK" in onnx_bytes
    graphs = parts(onnx_bytes)
    assert graphs is not None
    assert b"TopK" not in (graphs.before or b"") + graphs.behind


def test_without_the_extra_the_runtime_scores_on(monkeypatch: pytest.MonkeyPatch) -> None:
    features, label = data(4, 300, 6, 0.0, 0.0)
    monkeypatch.setattr(fast, "NEEDED", ("numba", "no_such_package"))
    artifact = opened(to_onnx(booster_of(features, suited(label, "binary"))))
    assert len(artifact.run(features)) == 300
    assert not artifact.is_compiled


def test_trees_that_give_other_scores_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    features, label = data(5, 300, 6, 0.0, 0.0)
    onnx_bytes = to_onnx(booster_of(features, suited(label, "binary")))
    honest = Trees.sums
    monkeypatch.setattr(
        Trees, "sums", lambda self, given: {k: np.nextafter(v, 1) for k, v in honest(self, given).items()}
    )
    artifact, expected = opened(onnx_bytes), by_runtime(onnx_bytes, features, "raw_score")
    for _ in range(2):
        np.testing.assert_array_equal(artifact.run(features, "raw_score"), expected)
    assert not artifact.is_compiled


def changed(onnx_bytes: bytes, name: str, values: Any) -> bytes:
    """Return an artifact with another value of one attribute of its trees."""
    model = onnx.load_model_from_string(onnx_bytes)
    (trees,) = [node for node in model.graph.node if node.op_type == "TreeEnsemble"]
    kept = [part for part in trees.attribute if part.name != name]
    del trees.attribute[:]
    trees.attribute.extend([*kept, helper.make_attribute(name, values)])
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("nodes_truenodeids", lambda splits: [0] * splits),  # it leads back to the root
        ("nodes_falsenodeids", lambda splits: [10**6] * splits),
        ("nodes_falsenodeids", lambda splits: [-1] * splits),
        ("nodes_featureids", lambda splits: [-1] * splits),
        ("aggregate_function", lambda splits: 0),
        ("post_transform", lambda splits: 2),
        ("nodes_modes", lambda splits: onnx.numpy_helper.from_array(np.full(splits, 1, dtype=np.uint8))),
        ("leaf_targetids", lambda splits: [7] * (splits + 3)),
    ],
)
def test_trees_that_are_none_the_loop_walks_are_left_to_the_runtime(name: str, values: Any) -> None:
    features, label = data(6, 300, 6, 0.0, 0.0)
    onnx_bytes = to_onnx(booster_of(features, suited(label, "binary"), 3))
    trees = Trees.of(onnx_bytes)
    assert trees is not None
    splits = len(trees.graphs.ensembles[0].splits)
    assert Trees.of(changed(onnx_bytes, name, values(splits))) is None


def test_a_matrix_narrower_than_the_trees_is_refused() -> None:
    features, label = data(7, 300, 6, 0.0, 0.0)
    trees = Trees.of(to_onnx(booster_of(features, suited(label, "binary"), 3)))
    assert trees is not None
    with pytest.raises(IndexError, match=r"of 1$"):
        trees.sums({source: features[:, :1] for source in trees.sources})


def test_a_model_without_trees_is_left_to_the_runtime() -> None:
    rows = mixed_rows()
    matrix = matrix_of(rows)
    model = fit("linear_regression", matrix, mixed_label(rows, "regression"), MIXED, "regression")
    artifact = opened(model.to_onnx())
    for _ in range(2):
        assert len(artifact.run(matrix)) == len(matrix)
    assert not artifact.is_compiled


def test_a_compiled_artifact_refuses_the_rows_that_the_runtime_refuses() -> None:
    features, label = data(8, 300, 6, 0.0, 0.0)
    artifact = opened(to_onnx(booster_of(features, suited(label, "binary"))))
    artifact.run(features)
    assert artifact.is_compiled
    with pytest.raises(ArtifactError, match="'m'"):
        artifact.run(features[:, :1])


def test_sets_of_other_producers_are_left_to_the_runtime() -> None:
    features, label = data(9, 300, 40, 0.0, 0.0)
    model = onnx.load_model_from_string(to_onnx(booster_of(features, suited(label, "binary"), 3)))
    assert Trees.of(model.SerializeToString()) is not None
    model.producer_name = "somebody else"
    assert Trees.of(model.SerializeToString()) is None


@pytest.mark.parametrize("is_set", [False, True])
def test_zeros_of_both_signs_and_values_that_are_no_codes_go_as_in_the_runtime(is_set: bool) -> None:
    one = np.zeros(1, dtype=np.int64)
    members = (np.array([0, 1, 30]),) if is_set else ()
    leaves, no, yes = np.array([1.0, 2.0]), np.array([False]), np.array([is_set])
    stump = TreeArrays(one, np.zeros(1), no, one - 1, one - 2, leaves, 0, yes, members)
    onnx_bytes = artifact_of(
        [
            tree_ensemble([stump, constant_tree(0.5, 0)], "features", "sums", targets=1),
            helper.make_node("Squeeze", ["sums", "axis"], ["raw_score"]),
            helper.make_node("Identity", ["raw_score"], ["prediction"]),
        ],
        [constant("axis", np.array([1]))],
        features=1,
        outputs=dict.fromkeys(OUTPUTS),
    )
    values = [-0.0, 0.0, 5e-324, -5e-324, 0.5, 1.0, 1.5, -1.0, 30.0, 63.0, 64.0, 65.0, 128.0, 1e300, -1e300]
    assert_compiled_alike(onnx_bytes, np.array([*values, np.inf, -np.inf, np.nan])[:, None])
