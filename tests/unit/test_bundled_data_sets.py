"""On scikit-learn's own data sets a version is exactly as good as the plain code one would write instead."""

from collections.abc import Callable, Mapping
from typing import Any

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray
from sklearn import datasets, metrics
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from training import train
from training.evaluation.metrics import COUNTS

Values = NDArray[np.float64]
Rows = tuple[Values, Values]
Predict = Callable[[Values], Values]
SEED = 7


def of_scikit_learn(make: Callable[[], Any]) -> Callable[[Rows, Rows], Predict]:
    """Return how scikit-learn fits a model; it does not look at the validation rows."""

    def fit(train_rows: Rows, _: Rows) -> Predict:
        model = make().fit(*train_rows)
        return getattr(model, "predict_proba", None) or model.predict

    return fit


def boosted(train_rows: Rows, validation_rows: Rows) -> Predict:
    """Fit as LightGBM does with the settings of the breast cancer model."""
    settings = {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": 0.3,
        "num_leaves": 7,
        "min_data_in_leaf": min(len(train_rows[1]) // 20, 20),
        "min_data_per_group": 10,
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "feature_fraction": 0.8,
        "lambda_l2": 1.0,
        "seed": SEED,
        "num_threads": 1,
        "verbosity": -1,
    }
    (features, label), train_set = validation_rows, lightgbm.Dataset(*train_rows)
    booster = lightgbm.train(
        settings,
        train_set,
        num_boost_round=80,
        valid_sets=[lightgbm.Dataset(features, label, reference=train_set)],
        callbacks=[lightgbm.early_stopping(5, verbose=False)],
    )
    assert 1 < booster.best_iteration < 80

    def predict(features: Values) -> Values:
        positive = np.asarray(booster.predict(features))
        return np.column_stack([1 - positive, positive])

    return predict


# By data set: the configuration of a model, and plain code for the same.
CASES: Mapping[str, tuple[str, str, Mapping[str, Any], Callable[[Rows, Rows], Predict]]] = {
    "iris": (
        "multiclass",
        "logistic_regression",
        {"alpha": 0.5},
        of_scikit_learn(
            lambda: make_pipeline(StandardScaler(), LogisticRegression(C=2.0, max_iter=10_000)),
        ),
    ),
    "wine": (
        "multiclass",
        "random_forest",
        {"n_estimators": 25, "min_samples_leaf": 4},
        of_scikit_learn(lambda: RandomForestClassifier(25, min_samples_leaf=4, random_state=SEED)),
    ),
    "breast_cancer": (
        "binary",
        "lightgbm",
        {"num_iterations": 80, "early_stopping_round": 5, "learning_rate": 0.3, "num_leaves": 7},
        boosted,
    ),
    "digits": (
        "multiclass",
        "extra_trees",
        {"n_estimators": 20, "min_samples_leaf": 2, "max_depth": 12},
        of_scikit_learn(
            lambda: ExtraTreesClassifier(20, min_samples_leaf=2, max_depth=12, random_state=SEED)
        ),
    ),
    "diabetes": (
        "regression",
        "linear_regression",
        {"penalty": "ridge", "alpha": 3.0},
        of_scikit_learn(lambda: make_pipeline(StandardScaler(), Ridge(alpha=3.0))),
    ),
}


def expected_metrics(task: str, label: Values, predicted: Values) -> dict[str, float]:
    """Return the metrics of the task as scikit-learn measures them."""
    if task == "regression":
        return {
            "rmse": metrics.root_mean_squared_error(label, predicted),
            "mae": metrics.mean_absolute_error(label, predicted),
            "r2": metrics.r2_score(label, predicted),
            "mape": metrics.mean_absolute_percentage_error(label, predicted),
        }
    likeliest = predicted.argmax(axis=1)
    common = {
        "accuracy": metrics.accuracy_score(label, likeliest),
        "log_loss": metrics.log_loss(label, predicted, labels=np.unique(label)),
    }
    if task == "multiclass":
        return {
            **common,
            "f1_macro": metrics.f1_score(label, likeliest, average="macro"),
            "brier": metrics.brier_score_loss(label, predicted, labels=np.unique(label)),
        }
    return {
        **common,
        "f1": metrics.f1_score(label, likeliest),
        "roc_auc": metrics.roc_auc_score(label, predicted[:, 1]),
        "average_precision": metrics.average_precision_score(label, predicted[:, 1]),
        "brier": metrics.brier_score_loss(label, predicted[:, 1]),
    }


@pytest.mark.parametrize("name", CASES)
def test_stored_metrics_are_those_of_plain_code_on_the_same_rows(name: str) -> None:
    task, estimator, params, fit = CASES[name]
    data = getattr(datasets, f"load_{name}")()
    part = np.array(["test", "validation", "train", "train", "train"])[np.arange(len(data.target)) % 5]
    rows = pa.table(
        {
            "row_number": np.arange(len(data.target)),
            "part": part.tolist(),
            "target": data.target,
            **dict(zip(map(str, data.feature_names), data.data.T, strict=True)),
        }
    )
    config = {
        "task": task,
        "label": "target",
        "key": "row_number",
        "split": {"method": "custom", "column": "part"},
        "estimator": estimator,
        "params": params,
        "seed": SEED,
    }
    with duckdb.connect() as connection:
        (row,) = train(connection.from_arrow(rows), model_name=name, config=config).to_pylist()
    stored = {
        entry["metric"]: entry["value"]
        for entry in row["metrics"]
        if (entry["dataset"], entry["predictor"], entry["slice_column"]) == ("test", "model", None)
        and entry["metric"] not in COUNTS
    }

    by_part = {at: (data.data[part == at], data.target[part == at]) for at in set(part)}
    features, label = by_part["test"]
    predict = fit(by_part["train"], by_part["validation"])
    assert stored == pytest.approx(expected_metrics(task, label, predict(features)), rel=0, abs=1e-6)
