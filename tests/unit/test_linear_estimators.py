from typing import Any

import numpy as np
import pytest
from fitted_models import TASK_OF, check_data_set, check_mixed, data_set, fit
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scoring.signature import Feature, Signature
from training.errors import EstimatorError, FitWarning

PENALTIES = ["none", "ridge", "lasso", "elastic_net"]


def plain(estimator: str, penalty: str, alpha: float) -> Any:
    """Return scikit-learn's own pipeline with the same settings."""
    if estimator == "linear_regression":
        models = {
            "none": LinearRegression(),
            "ridge": Ridge(alpha=alpha),
            "lasso": Lasso(alpha=alpha, max_iter=10_000),
            "elastic_net": ElasticNet(alpha=alpha, l1_ratio=0.5, max_iter=10_000),
        }
        return make_pipeline(StandardScaler(), models[penalty])
    l1_ratio = {"lasso": 1.0, "elastic_net": 0.5}.get(penalty, 0.0)
    solver, c = "saga" if l1_ratio else "lbfgs", np.inf if penalty == "none" else 1 / alpha
    model = LogisticRegression(C=c, l1_ratio=l1_ratio, solver=solver, max_iter=10_000, random_state=1)
    return make_pipeline(StandardScaler(), model)


@pytest.mark.parametrize(
    ("name", "penalty"),
    [
        *(("iris", penalty) for penalty in PENALTIES[1:]),
        *(("diabetes", penalty) for penalty in PENALTIES),
        *((name, "ridge") for name in ("wine", "digits", "breast_cancer")),
        ("breast_cancer", "lasso"),
    ],
)
def test_predictions_are_those_of_plain_scikit_learn(name: str, penalty: str) -> None:
    features, label, signature, is_test = data_set(name)
    estimator = "linear_regression" if name == "diabetes" else "logistic_regression"
    alpha = 5.0
    params = {"penalty": penalty, "alpha": alpha}
    model = fit(estimator, features[~is_test], label[~is_test], signature, TASK_OF[name], params=params)
    expected = plain(estimator, penalty, alpha).fit(features[~is_test], label[~is_test])
    if name == "diabetes":
        actual, wanted = model.predict(features[is_test]), expected.predict(features[is_test])
    else:
        actual, wanted = model.probabilities(features[is_test]), expected.predict_proba(features[is_test])
    np.testing.assert_allclose(actual, wanted, rtol=1e-10)
    check_data_set(estimator, name, model)


@pytest.mark.parametrize(
    ("estimator", "task"),
    [
        ("logistic_regression", "binary"),
        ("logistic_regression", "multiclass"),
        ("linear_regression", "regression"),
    ],
)
@pytest.mark.parametrize("penalty", ["ridge", "lasso"])
def test_rows_of_every_type_score_alike(estimator: str, task: str, penalty: str) -> None:
    check_mixed(estimator, task, penalty=penalty, alpha=1.0 if task != "regression" else 0.01)


@pytest.mark.parametrize("name", ["diabetes", "breast_cancer"])
def test_weights_are_those_of_scikit_learn(name: str) -> None:
    features, label, signature, _ = data_set(name)
    weight = 1.0 + np.arange(len(label)) % 3
    estimator = "linear_regression" if name == "diabetes" else "logistic_regression"
    model = fit(estimator, features, label, signature, TASK_OF[name], weight=weight)
    pipeline = plain(estimator, "ridge", 1.0)
    prepared = pipeline[0].fit_transform(features)
    expected = pipeline[1].fit(prepared, label, sample_weight=weight)
    scores = expected.predict(prepared) if name == "diabetes" else expected.decision_function(prepared)
    np.testing.assert_allclose(model.raw_score(features), scores, rtol=1e-10)


def test_importance_adds_up_the_columns_of_a_category() -> None:
    random = np.random.default_rng(0)
    features = np.column_stack([random.normal(size=300), random.integers(0, 3, 300)])
    signature = Signature((Feature.number("x"), Feature.category("c", ("a", "b", "c"))))
    model = fit("linear_regression", features, 3.0 * (features[:, 1] == 2), signature, "regression")
    (first, noise, _), (second, signal, _) = model.importance()
    assert (first, second) == (0, 1) and signal > 2 > 0.1 > noise


def test_class_without_training_rows_is_reported() -> None:
    features, label, signature, _ = data_set("iris")
    with pytest.raises(EstimatorError, match="but 'virginica' is only in others"):
        fit("logistic_regression", features[:100], label[:100], signature, "multiclass")


def test_stopping_too_early_is_reported_in_one_sentence() -> None:
    features, label, signature, _ = data_set("wine")
    with pytest.warns(
        FitWarning, match="'logistic_regression' was not fitted to its end.*lbfgs failed to converge"
    ):
        fit("logistic_regression", features, label, signature, "multiclass", params={"max_iter": 2})
