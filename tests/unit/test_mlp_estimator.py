import warnings

import numpy as np
import pytest
from fitted_models import TASK_OF, check_data_set, check_mixed, data_set, fit
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

SMALL = {"hidden_layers": 2, "hidden_units": 7, "epochs": 15}


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("name", TASK_OF)
def test_predictions_are_those_of_plain_scikit_learn(name: str, activation: str) -> None:
    features, label, signature, is_test = data_set(name)
    params = {**SMALL, "activation": activation}
    train = (features[~is_test], label[~is_test])
    model = fit("mlp", *train, signature, TASK_OF[name], params=params)
    settings = {"hidden_layer_sizes": (7, 7), "max_iter": 15, "random_state": 1, "activation": activation}
    network = (
        TransformedTargetRegressor(MLPRegressor(**settings), transformer=StandardScaler())
        if name == "diabetes"
        else MLPClassifier(**settings)
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        expected = make_pipeline(StandardScaler(), network).fit(*train)
    if name == "diabetes":
        actual, wanted = model.predict(features[is_test]), expected.predict(features[is_test])
    else:
        actual, wanted = model.probabilities(features[is_test]), expected.predict_proba(features[is_test])
    np.testing.assert_allclose(actual, wanted, rtol=1e-6)
    check_data_set("mlp", name, model)


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_rows_of_every_type_score_alike(task: str) -> None:
    check_mixed("mlp", task, **SMALL)


def test_weights_change_the_network() -> None:
    features, label, signature, _ = data_set("breast_cancer")
    models = [
        fit("mlp", features, label, signature, "binary", params=SMALL, weight=weight)
        for weight in (None, np.ones(len(label)), 1.0 + 9.0 * label)
    ]
    scores = [model.predict(features) for model in models]
    np.testing.assert_allclose(scores[0], scores[1], rtol=1e-9)
    assert scores[2].mean() > scores[0].mean()
