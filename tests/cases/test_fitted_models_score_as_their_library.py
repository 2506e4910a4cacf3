"""Models that the user's own code fitted: scores from SQL are those of the user's object."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb
import lightgbm
import numpy as np
import pandas
import pyarrow as pa
import pytest
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import scoring
from scoring.registry import version_row
from scoring.warehouse import Relation, Warehouse
from training.comparison.verification import verify
from training.train import train

NAMES = ["flag", "a", "b"]
"""Features in an order that is not that of the rows."""
QUIET = {"n_estimators": 8, "n_jobs": 1, "verbose": -1}
FEW = {"n_estimators": 8, "random_state": 0}


def rows(*, nulls: bool = False) -> pandas.DataFrame:
    random = np.random.default_rng(1)
    count = 240
    frame = pandas.DataFrame({"id": np.arange(count), "b": random.normal(size=count) * 1000})
    frame["a"], frame["flag"] = random.normal(size=count), (random.random(count) < 0.4).astype(float)
    frame["value"] = frame.a * 3 + frame.b / 500 + frame.flag + random.normal(size=count) * 0.3
    frame["is_late"] = frame.value > 0
    frame["size"] = np.digitize(frame.value, [-2, 2])
    frame["kind"] = np.array(["low", "middle", "top"])[frame["size"]]
    frame["word"] = np.where(frame.is_late, "apple", "pear")
    if nulls:
        frame.loc[frame.index % 7 == 0, "a"] = np.nan
    frame["part"] = np.where(np.arange(count) % 4 == 0, "test", "train")
    return frame


def version_of(
    fitted: object, frame: pandas.DataFrame, task: str, label: str | None, **block: Any
) -> pa.Table:
    config = {"task": task, "key": "id", "split": {"method": "custom", "column": "part"}, **block}
    columns = ["id", "b", "a", "flag", "part", *([label] if label else [])]
    config |= {"label": label} if label else {}
    return train(duckdb.from_df(frame[columns]), model_name="m", config=config, fitted=fitted)


def warehouse_with(version: pa.Table, frame: pandas.DataFrame) -> duckdb.DuckDBPyConnection:
    warehouse = scoring.connect()
    warehouse.register("version", version)
    warehouse.execute("create table m as from version")
    warehouse.register("frame", pa.Table.from_pandas(frame[["id", *NAMES]]))
    return warehouse


def scored(version: pa.Table, frame: pandas.DataFrame, call: str) -> np.ndarray:
    with warehouse_with(version, frame) as warehouse:
        scores = warehouse.execute(f"select {call} as score from frame as r order by id")
        return np.asarray(scores.fetchnumpy()["score"])


LINEAR = (
    LinearRegression(),
    Ridge(),
    Lasso(),
    make_pipeline(SimpleImputer(), StandardScaler(), ElasticNet()),
)
REGRESSORS = (
    *LINEAR,
    RandomForestRegressor(**FEW, n_jobs=-1),
    ExtraTreesRegressor(**FEW),
    make_pipeline(StandardScaler(), MLPRegressor(activation="identity", max_iter=20, tol=1)),
    lightgbm.LGBMRegressor(**QUIET, objective="poisson"),
)
CLASSIFIERS = (
    make_pipeline(StandardScaler(with_mean=False), LogisticRegression()),
    RandomForestClassifier(**FEW),
    make_pipeline(SimpleImputer(strategy="constant", fill_value=1), ExtraTreesClassifier(**FEW)),
    make_pipeline(StandardScaler(), MLPClassifier((5, 4), activation="logistic", max_iter=20, tol=1)),
    lightgbm.LGBMClassifier(**QUIET),
)


def named(model: Any) -> str:
    return " ".join(type(step).__name__ for _, step in getattr(model, "steps", [("", model)]))


@pytest.mark.parametrize("model", REGRESSORS, ids=named)
def test_values(model: Any) -> None:
    frame = rows()
    frame["value"] -= frame["value"].min()
    version = version_of(model.fit(frame[NAMES], frame["value"]), frame, "regression", "value")
    np.testing.assert_allclose(
        scored(version, frame, "ml_predict('m@1', r)"), model.predict(frame[NAMES]), rtol=1e-9
    )


@pytest.mark.parametrize("model", (*LINEAR, CLASSIFIERS[0]), ids=named)
def test_linear_models_have_a_form_in_sql(model: Any) -> None:
    frame = rows()
    task, label, block = ("regression", "value", {})
    if model is CLASSIFIERS[0]:
        task, label, block = ("binary", "word", {"positive": "apple"})
    version = version_of(model.fit(frame[NAMES], frame[label]), frame, task, label, **block)
    form = version.column("sql_form")[0].as_py()
    expected = (
        model.predict(frame[NAMES]) if task == "regression" else model.predict_proba(frame[NAMES])[:, 0]
    )
    with warehouse_with(version, frame) as warehouse:
        scores = warehouse.sql(
            f"select {form['prediction']} as score from (select {form['raw_score']} as raw_score from frame as r)"
        )
        np.testing.assert_allclose(scores.fetchnumpy()["score"], expected, rtol=1e-9)
        with pytest.raises(duckdb.Error, match="finite number in column 'b'"):
            warehouse.sql(
                f"select {form['raw_score']} from (select * replace (1e0 / 0 as b) from frame) as r"
            ).fetchall()


@pytest.mark.parametrize("model", CLASSIFIERS, ids=named)
@pytest.mark.parametrize(("label", "block"), [("is_late", {}), ("word", {"positive": "apple"})])
def test_probabilities_of_two_classes(model: Any, label: str, block: dict[str, str]) -> None:
    frame = rows()
    positive = list(model.fit(frame[NAMES], frame[label]).classes_).index(block.get("positive", True))
    version = version_of(model, frame, "binary", label, **block)
    expected = model.predict_proba(frame[NAMES])[:, positive]
    np.testing.assert_allclose(
        scored(version, frame, "ml_predict('m@1', r)"), expected, rtol=1e-9, atol=1e-14
    )


@pytest.mark.parametrize("model", CLASSIFIERS, ids=named)
@pytest.mark.parametrize("label", ["kind"])
def test_classes_of_several(model: Any, label: str) -> None:
    frame = rows()
    version = version_of(model.fit(frame[NAMES], frame[label]), frame, "multiclass", label)
    predicted = scored(version, frame, "ml_predict_class('m@1', r)")
    assert predicted.tolist() == [str(name) for name in model.predict(frame[NAMES])]


def test_clusters_and_anomalies() -> None:
    frame = rows()
    clusters = make_pipeline(StandardScaler(), KMeans(3, n_init=1, random_state=0)).fit(frame[NAMES])
    version = version_of(clusters, frame, "clustering", None)
    assert scored(version, frame, "ml_predict('m@1', r)").tolist() == clusters.predict(frame[NAMES]).tolist()
    forest = IsolationForest(n_estimators=10, contamination=0.1, random_state=0).fit(frame[NAMES])
    version = version_of(forest, frame, "anomaly", None)
    expected = np.where(forest.predict(frame[NAMES]) < 0, "anomaly", "normal")
    assert scored(version, frame, "ml_predict_class('m@1', r)").tolist() == expected.tolist()


@pytest.mark.parametrize(
    "fit",
    [
        lambda frame, label: lightgbm.train(
            {"objective": "binary", "num_threads": 1, "verbose": -1}, lightgbm.Dataset(frame[NAMES], label), 8
        ),
        lambda frame, label: lightgbm.train(
            {"objective": "binary", "num_threads": 1, "verbose": -1},
            lightgbm.Dataset(frame[["b", "a", "flag"]].to_numpy(), label),
            8,
        ),
        lambda frame, label: LogisticRegression().fit(frame[["b", "a", "flag"]].to_numpy(), label),
    ],
    ids=["booster by name", "booster of an array", "scikit-learn of an array"],
)
def test_label_may_be_encoded_and_columns_nameless(fit: Callable[..., Any]) -> None:
    frame = rows()
    model = fit(frame, (frame["word"] == "apple").astype(int))
    version = version_of(model, frame, "binary", "word", positive="apple").to_pylist()[0]
    by_name = isinstance(model, lightgbm.Booster) and model.feature_name() == NAMES
    order = [feature["name"] for feature in version["signature"]["features"]]
    assert order == (NAMES if by_name else ["b", "a", "flag"])
    assert version["signature"]["classes"] == ["pear", "apple"]
    assert {metric["metric"]: metric["value"] for metric in version["metrics"]}["roc_auc"] > 0.9


@pytest.mark.parametrize(
    ("model", "takes"),
    [
        (lightgbm.LGBMRegressor(**QUIET), "nulls and infinity"),
        (RandomForestRegressor(**FEW), "nulls"),
        (make_pipeline(SimpleImputer(strategy="median"), Ridge()).set_output(transform="pandas"), "nulls"),
        (make_pipeline(StandardScaler(), SimpleImputer(strategy="most_frequent"), Lasso()), "nulls"),
        (Ridge(), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else named(value),
)
def test_nulls_and_infinities_are_taken_or_reported(model: Any, takes: str) -> None:
    frame, label = rows(nulls=bool(takes)), rows()["value"]
    version = version_of(model.fit(frame[NAMES], label), frame, "regression", "value")
    empty, infinite = rows(nulls=True), rows().assign(a=np.inf)
    if "nulls" in takes:
        expected = model.predict(empty[NAMES])
        np.testing.assert_allclose(scored(version, empty, "ml_predict('m@1', r)"), expected, rtol=1e-9)
    else:
        with pytest.raises(duckdb.Error, match=r"column 'a'.*35 of the 240 rows"):
            scored(version, empty, "ml_predict('m@1', r)")
    if "infinity" in takes:
        assert np.isfinite(scored(version, infinite, "ml_predict('m@1', r)")).all()
    else:
        with pytest.raises(duckdb.Error, match=r"finite number in column 'a'.*240 of the 240 rows"):
            scored(version, infinite, "ml_predict('m@1', r)")


def test_scikit_learn_is_verified() -> None:
    frame = rows(nulls=True)
    model = make_pipeline(StandardScaler(), RandomForestClassifier(**FEW)).fit(frame[NAMES], frame["is_late"])
    version = version_of(model, frame, "binary", "is_late")
    assert json.loads(version.column("params")[0].as_py())["StandardScaler"]["with_mean"] is True
    with warehouse_with(version, frame) as warehouse:
        port = Warehouse(warehouse)
        assert verify(port, version_row(port, Relation("memory", "main", "m"), 1)).rows > 100


@pytest.mark.parametrize("positive", ["apple", "pear"])
def test_booster_is_explained_and_verified(positive: str) -> None:
    frame = rows()
    model = lightgbm.LGBMClassifier(**QUIET).fit(frame[NAMES], frame["word"])
    version = version_of(model, frame, "binary", "word", positive=positive)
    assert json.loads(version.column("params")[0].as_py())["n_estimators"] == 8
    with warehouse_with(version, frame) as warehouse:
        maps = warehouse.sql("select ml_explain('m@1', r) as e from frame as r order by id").fetchnumpy()["e"]
        sign = 1 if positive == "pear" else -1
        raw = sign * model.predict(frame[NAMES], raw_score=True)
        np.testing.assert_allclose([sum(explained.values()) for explained in maps], raw, rtol=1e-9)
        port = Warehouse(warehouse)
        assert verify(port, version_row(port, Relation("memory", "main", "m"), 1)).rows > 10_000
