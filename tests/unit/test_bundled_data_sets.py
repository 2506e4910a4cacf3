"""On scikit-learn's own data sets a version is exactly as good as the plain code one would write instead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

Values = NDArray[np.float64]
SEED = 7


@dataclass(frozen=True)
class Case:
    """A model by its configuration, and the plain code for the same."""

    task: str
    estimator: str
    params: Mapping[str, Any]
    plain: Callable[[], Any]
    stops_early: bool = False


def scaled(model: Any) -> Any:
    return make_pipeline(StandardScaler(), model)


CASES = {
    "iris": Case(
        "multiclass",
        "logistic_regression",
        {"alpha": 0.5},
        lambda: scaled(LogisticRegression(C=2.0, max_iter=10_000)),
    ),
    "wine": Case(
        "multiclass",
        "random_forest",
        {"n_estimators": 25, "min_samples_leaf": 4},
        lambda: RandomForestClassifier(25, min_samples_leaf=4, random_state=SEED),
    ),
    "breast_cancer": Case(
        "binary",
        "lightgbm",
        {"num_iterations": 80, "early_stopping_round": 5, "learning_rate": 0.3, "num_leaves": 7},
        lambda: lightgbm.LGBMClassifier(
            n_estimators=80,
            learning_rate=0.3,
            num_leaves=7,
            min_child_samples=50,
            subsample=0.8,
            subsample_freq=1,
            colsample_bytree=0.8,
            reg_lambda=1.0,
            random_state=SEED,
            n_jobs=1,
            deterministic=True,
            force_row_wise=True,
            verbosity=-1,
        ),
        stops_early=True,
    ),
    "digits": Case(
        "multiclass",
        "extra_trees",
        {"n_estimators": 20, "min_samples_leaf": 2, "max_depth": 12},
        lambda: ExtraTreesClassifier(20, min_samples_leaf=2, max_depth=12, random_state=SEED),
    ),
    "diabetes": Case(
        "regression",
        "linear_regression",
        {"penalty": "ridge", "alpha": 3.0},
        lambda: scaled(Ridge(alpha=3.0)),
    ),
}


def expected_metrics(task: str, model: Any, features: Values, label: Values) -> dict[str, float]:
    """Return the metrics of the task as scikit-learn measures them."""
    if task == "regression":
        predicted = model.predict(features)
        return {
            "rmse": metrics.root_mean_squared_error(label, predicted),
            "mae": metrics.mean_absolute_error(label, predicted),
            "r2": metrics.r2_score(label, predicted),
            "mape": metrics.mean_absolute_percentage_error(label, predicted),
        }
    probabilities, predicted = model.predict_proba(features), model.predict(features)
    found = {
        "accuracy": metrics.accuracy_score(label, predicted),
        "log_loss": metrics.log_loss(label, probabilities, labels=model.classes_),
    }
    if task == "multiclass":
        return {**found, "f1_macro": metrics.f1_score(label, predicted, average="macro")}
    return {
        **found,
        "f1": metrics.f1_score(label, predicted),
        "roc_auc": metrics.roc_auc_score(label, probabilities[:, 1]),
        "average_precision": metrics.average_precision_score(label, probabilities[:, 1]),
        "brier": metrics.brier_score_loss(label, probabilities[:, 1]),
    }


@pytest.mark.parametrize("name", CASES)
def test_stored_metrics_are_those_of_plain_code_on_the_same_rows(name: str) -> None:
    case = CASES[name]
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
        "task": case.task,
        "label": "target",
        "key": "row_number",
        "split": {"method": "custom", "column": "part"},
        "estimator": case.estimator,
        "params": case.params,
        "seed": SEED,
    }
    with duckdb.connect() as connection:
        (row,) = train(connection.from_arrow(rows), model_name=name, config=config).to_pylist()
    stored = {
        entry["metric"]: entry["value"]
        for entry in row["metrics"]
        if (entry["dataset"], entry["predictor"], entry["slice_column"]) == ("test", "model", None)
    }

    features, label = ({at: values[part == at] for at in set(part)} for values in (data.data, data.target))
    options: dict[str, Any] = {}
    if case.stops_early:
        options["eval_set"] = [(features["validation"], label["validation"])]
        options["callbacks"] = [lightgbm.early_stopping(5, verbose=False)]
    plain = case.plain().fit(features["train"], label["train"], **options)
    expected = expected_metrics(case.task, plain, features["test"], label["test"])
    assert stored == pytest.approx(expected, rel=1e-6, abs=1e-6)
