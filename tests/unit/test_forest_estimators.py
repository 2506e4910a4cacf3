from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from fitted_models import TASK_OF, check_data_set, check_mixed, check_parity, data_set, fit
from sklearn import ensemble

from scoring.signature import Feature, Signature

FORESTS = {"random_forest": "RandomForest", "extra_trees": "ExtraTrees"}
SMALL = {"n_estimators": 12, "max_leaf_nodes": 20}


def plain(estimator: str, task: str) -> Any:
    kind = "Regressor" if task == "regression" else "Classifier"
    return getattr(ensemble, FORESTS[estimator] + kind)(**SMALL, min_samples_leaf=2, random_state=1)


@pytest.mark.parametrize("estimator", FORESTS)
@pytest.mark.parametrize("name", TASK_OF)
def test_predictions_are_those_of_plain_scikit_learn(estimator: str, name: str) -> None:
    features, label, signature, is_test = data_set(name)
    weight = 1.0 + np.arange(len(label)) % 2
    params = {**SMALL, "min_samples_leaf": 2}
    train = (features[~is_test], label[~is_test])
    model = fit(estimator, *train, signature, TASK_OF[name], params=params, weight=weight[~is_test])
    expected = plain(estimator, TASK_OF[name]).fit(*train, sample_weight=weight[~is_test])
    probabilities = model.probabilities(features[is_test])
    if probabilities is None:
        np.testing.assert_array_equal(model.predict(features[is_test]), expected.predict(features[is_test]))
    else:
        np.testing.assert_array_equal(probabilities, expected.predict_proba(features[is_test]))
    differences = check_data_set(estimator, name, model)
    assert (differences.max_absolute_difference, differences.max_relative_difference) == (0.0, 0.0)


@pytest.mark.parametrize("estimator", FORESTS)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_rows_of_every_type_score_alike(estimator: str, task: str) -> None:
    differences = check_mixed(estimator, task, **SMALL)
    assert (differences.max_absolute_difference, differences.max_relative_difference) == (0.0, 0.0)


@pytest.mark.parametrize("estimator", FORESTS)
def test_values_that_single_precision_cannot_tell_apart_fall_on_the_same_side(estimator: str) -> None:
    values = 16_777_216.0 + np.arange(0, 400) / 4
    signature = Signature((Feature.number("x"),))
    model = fit(estimator, values[:, None], (values > 16_777_266).astype(float), signature, "regression")
    differences = check_parity(estimator, model, pa.table({"x": values}), signature, "regression")
    assert differences.max_absolute_difference == 0.0 and len(model.edges()[0])


def test_constant_label_gives_trees_without_splits() -> None:
    features, _, signature, _ = data_set("diabetes")
    model = fit("random_forest", features, np.full(len(features), 7.5), signature, "regression", params=SMALL)
    rows = pa.table(
        {feature.name: column for feature, column in zip(signature.features, features.T, strict=True)}
    )
    assert check_parity("random_forest", model, rows, signature, "regression").max_absolute_difference == 0.0
    assert set(model.predict(features)) == {7.5}


@pytest.mark.parametrize("estimator", FORESTS)
def test_one_tree_of_several_classes_is_exact(estimator: str) -> None:
    features, label, signature, _ = data_set("iris")
    model = fit(estimator, features, label, signature, "multiclass", params={"n_estimators": 1})
    assert check_data_set(estimator, "iris", model).max_relative_difference == 0.0


def test_importance_is_that_of_scikit_learn_with_splits() -> None:
    features, label, signature, _ = data_set("iris")
    model = fit(
        "random_forest", features, label, signature, "multiclass", params={**SMALL, "min_samples_leaf": 2}
    )
    expected = plain("random_forest", "multiclass").fit(features, label)
    np.testing.assert_allclose([gain for _, gain, _ in model.importance()], expected.feature_importances_)
    splits = sum(int((tree.tree_.feature >= 0).sum()) for tree in expected.estimators_)
    assert sum(count for *_, count in model.importance()) == splits


@pytest.mark.parametrize("contamination", [None, 0.1])
def test_anomalies_are_those_of_plain_scikit_learn(contamination: float | None) -> None:
    features, _, described, _ = data_set("breast_cancer")
    signature = Signature(described.features)
    params = {"n_estimators": 30} | ({} if contamination is None else {"contamination": contamination})
    model = fit("isolation_forest", features, None, signature, "anomaly", params=params)
    expected = ensemble.IsolationForest(**params, random_state=1).fit(features)
    np.testing.assert_array_equal(model.predict(features), -expected.score_samples(features))
    np.testing.assert_array_equal(model.predict(features) > model.threshold, expected.predict(features) == -1)
    rows = pa.table(
        {feature.name: column for feature, column in zip(signature.features, features.T, strict=True)}
    )
    assert check_parity("isolation_forest", model, rows, signature, "anomaly").max_absolute_difference == 0.0


def test_anomaly_rows_of_every_type_score_alike() -> None:
    assert check_mixed("isolation_forest", "anomaly", n_estimators=20).max_absolute_difference == 0.0
