from typing import Any

import lightgbm
import numpy as np
import pytest
from lightgbm_models import Matrix, assert_exact, booster_of, data, edges, suited

from training.errors import ExportError
from training.export.lightgbm import to_onnx
from training.export.lightgbm_columns import ZERO
from training.export.lightgbm_trees import read


def binary(
    seed: int, rows: int, levels: int, nulls: float, zeros: float, **params: Any
) -> tuple[Matrix, lightgbm.Booster]:
    features, label = data(seed, rows, levels, nulls, zeros)
    return features, booster_of(features, suited(label, "binary"), **params)


@pytest.mark.parametrize("sigmoid", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("objective", ["binary", "multiclassova"])
def test_sigmoid_parameter_is_kept(objective: str, sigmoid: float) -> None:
    features, label = data(1, 300, 6, 0.1, 0.1)
    booster = booster_of(features, suited(label, objective), objective=objective, sigmoid=sigmoid)
    assert_exact(booster, edges(booster, features))


def test_thousand_trees_are_added_in_order() -> None:
    features, booster = binary(2, 500, 40, 0.1, 0.1, rounds=1000)
    assert_exact(booster, features)


@pytest.mark.parametrize("threshold", ["0", "1e-36", "-1e-36", "-0"])
def test_threshold_within_the_range_taken_as_zero_is_exact(threshold: str) -> None:
    features, booster = binary(7, 300, 6, 0.1, 0.5)
    edge = f"{ZERO:.17g}"
    head, trees = booster.model_to_string().split("\n\n", 1)
    assert edge in trees
    # Without the sizes of the trees in its head, LightGBM reads the text on until each tree ends.
    head = "\n".join(line for line in head.splitlines() if not line.startswith("tree_sizes"))
    trees = trees.replace(f"-{edge}", threshold).replace(edge, threshold)
    edited = lightgbm.Booster(model_str=f"{head}\n\n{trees}")
    assert_exact(edited, edges(edited, features))


@pytest.mark.parametrize(
    ("objective", "label"),
    [
        *(("binary", label) for label in (0.0, 1.0)),
        *(("cross_entropy", label) for label in (0.0, 0.25, 1.0)),
        *(("multiclass", label) for label in (0.0, 2.0)),
        *(("multiclassova", label) for label in (0.0, 2.0)),
        *(("regression", label) for label in (0.0, -7.25)),
        *((objective, 7.25) for objective in ("quantile", "mape", "poisson", "gamma", "tweedie")),
    ],
)
@pytest.mark.parametrize("boosting", ["gbdt", "rf", "dart"])
def test_constant_model_is_exact(objective: str, label: float, boosting: str) -> None:
    features, _ = data(3, 60, 6, 0.1, 0.1)
    params = {"objective": objective, "boosting": boosting, "bagging_fraction": 0.5, "bagging_freq": 1}
    assert_exact(booster_of(features, np.full(60, label), **params), features)


@pytest.mark.parametrize("boosting", ["gbdt", "rf"])
def test_trees_after_the_best_iteration_are_left_out(boosting: str) -> None:
    features, booster = binary(4, 300, 6, 0.1, 0.1, boosting=boosting, bagging_fraction=0.5, bagging_freq=1)
    booster.best_iteration = 5
    assert len(read(booster).trees) == 5
    assert_exact(booster, features)


def test_trees_of_one_leaf_among_others_are_exact() -> None:
    features, label = data(9, 100, 6, 0.1, 0.1)
    codes = np.where(np.arange(100) == 0, 2.0, suited(label, "binary"))
    booster = booster_of(features, codes, objective="multiclass", min_gain_to_split=1.0)
    leaves = [len(tree.leaves) for tree in read(booster).trees]
    assert 1 in leaves and max(leaves) > 1
    assert_exact(booster, edges(booster, features))


@pytest.mark.parametrize("objective", ["cross_entropy_lambda", "lambdarank", "rank_xendcg"])
def test_other_objectives_are_refused_by_name(objective: str) -> None:
    features, label = data(5, 200, 6, 0.0, 0.0)
    dataset = lightgbm.Dataset(features, suited(label, "binary"), group=[20] * 10)
    booster = lightgbm.train({"objective": objective, "verbosity": -1, "num_threads": 1}, dataset, 2)
    with pytest.raises(ExportError, match=f"the model has objective '{objective}"):
        to_onnx(booster)


def test_linear_models_in_leaves_are_refused_by_name() -> None:
    features, label = data(5, 200, 6, 0.0, 0.0)
    with pytest.raises(ExportError, match="the model has 'linear_tree'; remove that setting"):
        to_onnx(booster_of(features, label, objective="regression", linear_tree=True))


def test_custom_objective_is_refused_by_name() -> None:
    def squares(prediction: Matrix, dataset: lightgbm.Dataset) -> tuple[Matrix, Matrix]:
        return prediction - dataset.get_label(), np.ones_like(prediction)

    features, label = data(6, 200, 6, 0.0, 0.0)
    with pytest.raises(ExportError, match="the model has objective 'custom'"):
        to_onnx(booster_of(features, label, objective=squares))


def test_sigmoid_that_the_text_rounds_is_refused_while_in_training() -> None:
    features, label = data(6, 200, 6, 0.0, 0.0)
    params = {"objective": "binary", "sigmoid": 0.123456789, "verbosity": -1, "num_threads": 1}
    dataset = lightgbm.Dataset(features, suited(label, "binary"))
    with pytest.raises(ExportError, match=r"the model has sigmoid 0\.123456789; train it without"):
        to_onnx(lightgbm.train(params, dataset, 3, keep_training_booster=True))
    assert_exact(lightgbm.train(params, lightgbm.Dataset(features, suited(label, "binary")), 3), features)
