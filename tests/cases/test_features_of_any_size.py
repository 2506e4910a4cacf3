"""A sentinel as large as a double can be, among the values of a feature, keeps no estimator from learning."""

from __future__ import annotations

import duckdb
import pytest

from training.train import train

ROWS = """
    select
        range as id,
        (range * 37 % 100) / 100e0 as amount,
        case when range % 10 = 3 then {sentinel} when range % 20 = 5 then -({sentinel}) else range % 7 end
            as price,
        range * 37 % 100 > 50 as is_large,
        (range * 37 % 100) * 2e0 + range % 7 as cost
    from range(200)
"""
SPLIT = {"method": "random", "test": 0.3}
MODELS = [
    ("binary", "is_large", "lightgbm"),
    ("binary", "is_large", "logistic_regression"),
    ("binary", "is_large", "mlp"),
    ("binary", "is_large", "random_forest"),
    ("regression", "cost", "linear_regression"),
    ("clustering", None, "kmeans"),
    ("anomaly", None, "isolation_forest"),
]


@pytest.mark.parametrize("sentinel", ["1e155", "1.797e308"])
@pytest.mark.parametrize(("task", "label", "estimator"), MODELS)
def test_huge_values_are_learnt_from(task: str, label: str | None, estimator: str, sentinel: str) -> None:
    other = {"is_large": "cost", "cost": "is_large"}.get(label or "", "is_large, cost")
    query = f"select * exclude ({other}) from ({ROWS.format(sentinel=sentinel)})"
    block = {"task": task, "key": "id", "split": SPLIT, "estimator": estimator}
    if label:
        block["label"] = label
    (row,) = train(duckdb.connect().sql(query), model_name="m", config=block).to_pylist()
    (price,) = [entry for entry in row["training_snapshot"]["features"] if entry["name"] == "price"]
    assert price["max"] == float(sentinel)
    assert 0.1 < price["stddev"] / float(sentinel) < 0.6
    metrics = {(e["predictor"], e["metric"]): e["value"] for e in row["metrics"] if e["dataset"] == "test"}
    assert metrics["model", "non_finite_scores"] == 0
    for predictor in ("model", "linear") if label else ():
        name = "brier" if task == "binary" else "rmse"
        assert metrics[predictor, name] < metrics["constant", name] / 2
