"""Defaults are good on small tables: better than a constant, and no worse than LightGBM's own defaults."""

from __future__ import annotations

from typing import Any

import duckdb
import lightgbm
import numpy as np
import pandas as pd
import pytest
from sklearn import datasets

from training import train

# Table, task, and the rows to train with, a quarter of them for validation; all others are for the test.
TABLES = [
    ("iris", "multiclass", 50),
    ("iris", "multiclass", 100),
    ("wine", "multiclass", 100),
    ("breast_cancer", "binary", 50),
    ("breast_cancer", "binary", 300),
    ("diabetes", "regression", 50),
    ("diabetes", "regression", 300),
]


def table(name: str, rows: int) -> pd.DataFrame:
    """Return a bundled table with a key and parts, so that others can be fitted on the same rows."""
    frame = getattr(datasets, f"load_{name}")(as_frame=True).frame.sample(frac=1, random_state=0)
    frame = frame.set_axis([f"c{n}" for n in range(frame.shape[1] - 1)] + ["target"], axis=1)
    number = np.arange(len(frame))
    part = np.where(number >= rows, "test", np.where(number % 4 == 0, "validation", "train"))
    return frame.assign(id=number, part=part)


def trained(frame: pd.DataFrame, task: str, **more: Any) -> dict[str, Any]:
    split = {"method": "custom", "column": "part"}
    block = {"task": task, "label": "target", "key": "id", "split": split, **more}
    with duckdb.connect() as connection:
        (row,) = train(connection.from_df(frame), model_name="m", config=block).to_pylist()
    return dict(row)


def losses(row: dict[str, Any], task: str) -> dict[str, float]:
    metric = "rmse" if task == "regression" else "log_loss"
    measured = [entry for entry in row["metrics"] if entry["dataset"] == "test" and entry["metric"] == metric]
    return {entry["predictor"]: entry["value"] for entry in measured}


def loss_of_lightgbm(frame: pd.DataFrame, task: str) -> float:
    features = [name for name in frame if name.startswith("c")]
    fit, test = frame[frame.part == "train"], frame[frame.part == "test"]
    kind = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    model = kind(verbosity=-1, random_state=1, n_jobs=1).fit(fit[features].to_numpy(), fit.target)
    label, matrix = test.target.to_numpy(), test[features].to_numpy()
    if task == "regression":
        return float(np.sqrt(np.mean((model.predict(matrix) - label) ** 2)))
    of_label = model.predict_proba(matrix)[np.arange(len(label)), label.astype(int)]
    return float(-np.log(np.clip(of_label, 1e-15, 1)).mean())


@pytest.mark.parametrize(("name", "task", "rows"), TABLES)
def test_defaults_beat_a_constant_and_lightgbm_alone(name: str, task: str, rows: int) -> None:
    frame = table(name, rows)
    measured = losses(trained(frame, task), task)
    assert measured["model"] < measured["constant"]
    assert measured["model"] <= loss_of_lightgbm(frame, task)


def test_the_version_says_which_estimator_it_is_and_what_else_was_tried() -> None:
    frame = table("diabetes", 300)
    row = trained(frame, "regression")
    tried = {trial["estimator"]: trial["value"] for trial in row["tuning_trials"]}
    assert set(tried) == {"lightgbm", "linear_regression"}
    assert row["estimator"] in tried


@pytest.mark.parametrize(
    "named", [{"estimator": "lightgbm"}, {"params": {"num_leaves": 7}}, {"monotone": {"c2": "increasing"}}]
)
def test_lightgbm_is_what_it_is_where_the_block_asks_for_it(named: dict[str, Any]) -> None:
    row = trained(table("diabetes", 300), "regression", **named)
    assert row["estimator"] == "lightgbm"
    assert row["tuning_trials"] == []


def test_the_same_rows_give_the_same_model() -> None:
    frame = table("wine", 100)
    first, second = (trained(frame, "multiclass")["artifact_sha256"] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("name", "task"), [("iris", "multiclass"), ("diabetes", "regression")])
def test_rows_without_a_validation_part_are_enough(name: str, task: str) -> None:
    frame = table(name, 100)
    frame["part"] = frame.part.replace("validation", "train")
    measured = losses(trained(frame, task), task)
    assert measured["model"] < measured["constant"]
    assert measured["model"] <= loss_of_lightgbm(frame, task)
