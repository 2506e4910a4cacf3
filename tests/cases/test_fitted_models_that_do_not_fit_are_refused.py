"""A fitted model that cannot be exported, or does not go with its rows or block, is refused in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import lightgbm
import numpy as np
import pandas
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.ensemble import GradientBoostingRegressor, IsolationForest
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from test_fitted_models_score_as_their_library import NAMES, rows, version_of

from scoring.errors import WarehouseMLError
from training.python_model import run

Frame = pandas.DataFrame
QUIET = {"num_threads": 1, "verbose": -1}


def boosted(frame: Frame, **settings: Any) -> lightgbm.Booster:
    return lightgbm.train(QUIET | settings, lightgbm.Dataset(frame[NAMES], frame.value), 3)


def squared(predicted: np.ndarray, data: lightgbm.Dataset) -> tuple[np.ndarray, np.ndarray]:
    return predicted - data.get_label(), np.ones(len(predicted))


REFUSED: dict[str, tuple[str, Callable[[Frame], object], list[str]]] = {
    # What is returned: the task, the model, and facts of the sentence.
    "another kind": (
        "regression",
        lambda f: GradientBoostingRegressor(n_estimators=2).fit(f[NAMES], f.value),
        ["GradientBoostingRegressor", "'LGBMRegressor'", "'Ridge'", "SimpleImputer", "training rows alone"],
    ),
    "a support vector machine": (
        "binary",
        lambda f: SVC().fit(f[NAMES], f.is_late),
        ["SVC", "'LogisticRegression'"],
    ),
    "a calibrated model": (
        "binary",
        lambda f: CalibratedClassifierCV(LogisticRegression()).fit(f[NAMES], f.is_late),
        ["CalibratedClassifierCV", "'LGBMClassifier'"],
    ),
    "a search": (
        "regression",
        lambda f: GridSearchCV(Ridge(), {"alpha": [1, 2]}).fit(f[NAMES], f.value),
        ["GridSearchCV", "best_estimator_"],
    ),
    "something else": ("regression", lambda f: "Ridge", ["a str", "'Ridge'"]),
    "another step": (
        "regression",
        lambda f: make_pipeline(KNNImputer(), Ridge()).fit(f[NAMES], f.value),
        ["KNNImputer", "SimpleImputer and StandardScaler"],
    ),
    "a step before LightGBM": (
        "regression",
        lambda f: make_pipeline(StandardScaler(), lightgbm.LGBMRegressor(verbose=-1, n_jobs=1)).fit(
            f[NAMES], f.value
        ),
        ["LGBMRegressor", "return it alone"],
    ),
    "columns that mark what is missing": (
        "regression",
        lambda f: make_pipeline(SimpleImputer(add_indicator=True), Ridge()).fit(
            f[NAMES].where(f[NAMES] != 0), f.value
        ),
        ["SimpleImputer", "add_indicator=True"],
    ),
    "another mark of what is missing": (
        "regression",
        lambda f: make_pipeline(SimpleImputer(missing_values=-1), Ridge()).fit(f[NAMES], f.value),
        ["missing_values=-1", "null"],
    ),
    "a custom objective": ("regression", lambda f: boosted(f, objective=squared), ["objective", "custom"]),
    "linear trees": ("regression", lambda f: boosted(f, linear_tree=True), ["linear_tree"]),
    "categories of pandas": (
        "regression",
        lambda f: boosted(f.assign(flag=f.flag.astype("category"))),
        ["category", "pandas"],
    ),
    "not all features": (
        "anomaly",
        lambda f: IsolationForest(n_estimators=3, max_features=0.5).fit(f[NAMES]),
        ["max_features=0.5"],
    ),
    "one cluster": ("clustering", lambda f: KMeans(1).fit(f[NAMES]), ["single cluster"]),
    "a loss with a link": (
        "regression",
        lambda f: MLPRegressor(loss="poisson", max_iter=5, tol=1e9).fit(f[["a"]], f.value - f.value.min()),
        ["loss='poisson'", "squared_error"],
    ),
    "several labels": (
        "regression",
        lambda f: LinearRegression().fit(f[NAMES], f[["value", "b"]]),
        ["several labels"],
    ),
    "not fitted": ("regression", lambda f: make_pipeline(SimpleImputer(), Ridge()), ["not fitted", "fit"]),
    "a class": ("regression", lambda f: Ridge, ["Ridge", "not fitted"]),
    "another task": ("binary", lambda f: Ridge().fit(f[NAMES], f.value), ["Ridge", "regression", "binary"]),
    "another objective": (
        "binary",
        lambda f: boosted(f, objective="l2"),
        ["Booster", "regression", "binary"],
    ),
    "the label": (
        "regression",
        lambda f: Ridge().fit(f[["a", "value"]], f.value),
        ["'value'", "'b', 'a', 'flag'"],
    ),
    "fewer columns": (
        "regression",
        lambda f: Ridge().fit(f[["a", "b"]].to_numpy(), f.value),
        ["2 columns", "3 features"],
    ),
    "other classes": (
        "multiclass",
        lambda f: LogisticRegression().fit(f[["a"]], f.kind.replace("low", "bottom")),
        ["'bottom', 'middle', 'top'", "'low', 'middle', 'top'", "'kind'"],
    ),
    "classes by number": (
        "multiclass",
        lambda f: lightgbm.train(
            QUIET | {"objective": "multiclass", "num_class": 3}, lightgbm.Dataset(f[NAMES], f["size"]), 3
        ),
        ["'0', '1', '2'", "'low', 'middle', 'top'"],
    ),
}
LABELS = {"regression": "value", "binary": "is_late", "multiclass": "kind"}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning", "ignore:Using a target size")
def test_model(case: str) -> None:
    task, fitted, facts = REFUSED[case]
    frame = rows()
    with pytest.raises(WarehouseMLError) as raised:
        version_of(fitted(frame), frame, task, LABELS.get(task))
    assert all(fact in str(raised.value) for fact in facts), raised.value


def test_rows_the_model_does_not_take() -> None:
    frame = rows()
    model = Ridge().fit(frame[NAMES], frame.value)
    with pytest.raises(WarehouseMLError, match=r"Ridge.*column 'a' has 35 among the 240.*SimpleImputer"):
        version_of(model, rows(nulls=True), "regression", "value")
    with pytest.raises(WarehouseMLError, match=r"Ridge.*infinity.*column 'a' has 240"):
        version_of(model, frame.assign(a=-np.inf), "regression", "value")
    with pytest.raises(
        WarehouseMLError, match=r"Ridge.*numbers and booleans.*'a' \(varchar\).*training rows alone"
    ):
        version_of(model, frame.assign(a="x"), "regression", "value")


def test_block_that_says_how_to_fit() -> None:
    frame = rows()
    with pytest.raises(
        WarehouseMLError, match=r"'estimator', 'params' conflict with the fitted model.*remove them"
    ):
        version_of(
            Ridge().fit(frame[NAMES], frame.value), frame, "regression", "value", estimator="mlp", params={}
        )


@pytest.mark.parametrize(
    ("returned", "facts"),
    [
        ("None", ["NoneType", "return [fitted, rows]"]),
        ("[1, 2, 3]", ["list", "return [fitted, rows]"]),
        ("['a model', 'rows']", ["str", "after the fitted model"]),
        ("1 / 0", ["ZeroDivisionError", "division by zero"]),
    ],
)
def test_function_that_returns_something_else(returned: str, facts: list[str]) -> None:
    code = f"class dbtObj:\n    def __init__(self, load): pass\n\ndef model(dbt, session):\n    return {returned}"
    with pytest.raises(WarehouseMLError) as raised:
        run(None, code, "m", lambda name: None, source=code)  # type: ignore[arg-type]
    assert all(fact in str(raised.value) for fact in facts), raised.value
