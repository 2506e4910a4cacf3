from typing import Any

import duckdb
import numpy as np
import pytest

from training.data.dataset import Source
from training.data.prepared_rows import Rows
from training.declared.config import parse
from training.estimators import ESTIMATORS
from training.tuning import objectives
from training.tuning import search as tuning
from training.tuning.objectives import OBJECTIVES
from training.tuning.search import Search


def rows_of(query: str, config: dict[str, Any]) -> Rows:
    spec = parse(config, model_name="m")
    with duckdb.connect() as connection, Source(connection.sql(query), model_name="m") as source:
        data = source.read(spec)
    signature = data.signature()
    return Rows(data, signature, data.matrix(signature, model="m"))


def search_of(query: str, config: dict[str, Any], **changes: Any) -> Search:
    rows = rows_of(query, {**config, **changes})
    assert rows.data.spec.tuning is not None
    return Search(rows, rows.data.spec.tuning)


def test_first_trial_has_the_settings_without_tuning(binary_sql: str, config: dict[str, Any]) -> None:
    space = {"num_leaves": {"low": 4, "high": 9}, "min_data_in_leaf": [5, 9], "learning_rate": [0.2, 0.3]}
    search = search_of(binary_sql, config, tuning={"trials": 1, "search": space})
    search.tune("lightgbm")
    (trial,) = search.trials
    assert '"num_leaves": 7' in trial["params"] and '"min_data_in_leaf": 5' in trial["params"]


def test_hopeless_trials_are_pruned_and_recorded(
    binary_sql: str, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "FIRST_TRIALS", 1)
    space = {"learning_rate": [0.3, 0.31, 0.32, 0.33, 0.0001]}
    search = search_of(binary_sql, config, tuning={"trials": 12, "search": space})
    search.tune("lightgbm")
    pruned = [trial for trial in search.trials if trial["state"] == "pruned"]
    assert pruned and all(trial["value"] is None for trial in pruned)
    assert search.best is not None and search.best.params["learning_rate"] != 0.0001


@pytest.mark.parametrize(
    ("params", "useless"),
    [
        ({"data_sample_strategy": "goss"}, "bagging_fraction"),
        ({"boosting": "rf"}, "learning_rate"),
        ({"num_leaves": 7}, "num_leaves"),
    ],
)
def test_settings_that_are_given_or_of_no_use_are_not_searched(
    binary_sql: str, config: dict[str, Any], params: dict[str, Any], useless: str
) -> None:
    search = search_of(
        binary_sql, config, params={**params, "num_iterations": 3}, tuning={"trials": 1, "metric": "roc_auc"}
    )
    search.tune("lightgbm")
    (trial,) = search.trials
    assert f'"{useless}"' not in trial["params"].replace('"num_leaves": 7', "")
    assert '"feature_fraction"' in trial["params"]


@pytest.mark.parametrize("metric", list(OBJECTIVES["binary"]))
def test_best_is_the_greatest_or_the_least_as_the_metric_has_it(
    binary_sql: str, config: dict[str, Any], metric: str
) -> None:
    search = search_of(binary_sql, config, tuning={"trials": 3, "metric": metric})
    search.tune("lightgbm")
    values = [trial["value"] for trial in search.trials if trial["state"] == "complete"]
    assert search.best is not None
    best = max(values) if OBJECTIVES["binary"][metric].is_greater_better else min(values)
    judged = search._judge.fit(ESTIMATORS["lightgbm"], search.best.params)
    assert judged is not None and judged.value == best


def test_objectives_weigh_rows() -> None:
    label, prediction = np.array([0.0, 1.0, 1.0]), np.array([0.6, 0.9, 0.2])
    accuracy = objectives.OBJECTIVES["binary"]["accuracy"]
    assert accuracy(label, prediction, None, np.array([1.0, 2.0, 1.0])) == 0.5
    shares = np.array([[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]])
    loss = objectives.OBJECTIVES["multiclass"]["log_loss"]
    assert loss(np.array([0.0, 1.0]), np.array([0.0, 1.0]), shares, None) == pytest.approx(np.log(2))
    apart = np.array([[0.5, 0.5, 0.5], [0.25, 0.25, 0.25]])
    weighed = loss(np.array([0.0, 1.0]), np.array([0.0, 1.0]), apart, np.array([3.0, 1.0]))
    assert weighed == pytest.approx((3 * np.log(2) + np.log(4)) / 4)
