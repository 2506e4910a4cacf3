"""Estimator auto: never a worse judged loss than the block without it, in the time that it is given."""

import json
from typing import Any

import duckdb
import pytest

from training.data.dataset import Source
from training.data.prepared_rows import Rows
from training.declared.config import parse
from training.train import train
from training.tuning.search import Search

SPLIT = {"method": "random", "validation": 0.15, "test": 0.25}
ROWS = """
    select
        i as id,
        hash(i * 7) % 1000 / 1000e0 as amount,
        if(i % 9 = 0, null, hash(i * 11) % 100 / 100e0) as price,
        ['north', 'south', 'east', null][1 + i % 4] as region,
        hash(i * 13) % 1000 / 1000e0 as noise,
        {label} as label
    from range({rows}) t (i)
"""
LABELS = {
    "binary": "amount + 0.3 * (region = 'north')::int + 0.5 * noise > 0.9",
    "multiclass": "['low', 'middle', 'high'][1 + (2 * amount + noise)::int % 3]",
    "regression": "3 * amount + sin(9 * coalesce(price, 0)) + noise",
}


def block(task: str, **changes: Any) -> dict[str, Any]:
    return {"task": task, "label": "label", "key": "id", "split": SPLIT, **changes}


def query(task: str, rows: int) -> str:
    label = f"coalesce({LABELS[task]}, false)" if task == "binary" else LABELS[task]
    return f"select * exclude (noise) from ({ROWS.format(label=label, rows=rows)})"


def searched(task: str, rows: int, **changes: Any) -> Search:
    with duckdb.connect() as connection:
        relation = connection.sql(query(task, rows))
        with Source(relation, model_name="m") as source:
            data = source.read(parse(block(task, **changes), model_name="m"))
    signature = data.signature()
    search = Search.of(Rows(data, signature, data.matrix(signature, model="m")))
    assert search is not None
    search.run()
    return search


def judged_loss(search: Search) -> float:
    """Return the loss of the model that was taken: the blend, or the trial with its settings."""
    assert search.best is not None
    if search.estimator == "blend":
        return float(search.trials[-1]["value"])
    for trial in search.trials:
        settings = json.loads(trial["params"])
        if trial["estimator"] == search.estimator and settings.items() <= search.best.params.items():
            loss = float(trial["value"])
    return loss


@pytest.mark.parametrize(("task", "rows"), [("binary", 60), ("multiclass", 60), ("regression", 400)])
def test_auto_is_no_worse_than_the_block_without_it(task: str, rows: int) -> None:
    plain, auto = searched(task, rows), searched(task, rows, estimator="auto")
    assert judged_loss(auto) <= judged_loss(plain)


@pytest.mark.parametrize("task", LABELS)
def test_a_blend_scores_nulls_and_unseen_categories_as_its_members_do(task: str) -> None:
    auto = block(task, estimator="auto", time_budget_seconds=60)
    with duckdb.connect() as connection:
        (row,) = train(connection.sql(query(task, 300)), model_name="m", config=auto).to_pylist()
    assert row["estimator"] == "blend"
    assert row["parity"]["max_relative_difference"] <= row["parity"]["largest_allowed"] <= 1.1e-8
    assert row["parity"]["rows_compared"] > 300


@pytest.mark.parametrize("rows", [12_000, 120_000])
def test_auto_ends_in_time(rows: int) -> None:
    search = searched("binary", rows, estimator="auto", time_budget_seconds=4)
    assert search.trials[0]["state"] == "complete"
    assert sum(trial["seconds"] for trial in search.trials) <= 4 + 1.5


@pytest.mark.parametrize(
    ("changes", "learns"),
    [
        ({}, True),
        ({"estimator": "lightgbm", "time_budget_seconds": None}, False),
        ({"gates": [{"metric": "rmse", "max": 9, "dataset": "validation"}]}, False),
        ({"time_budget_seconds": 1}, False),
        ({"split": {"method": "random", "validation": 0.15}}, False),
    ],
)
def test_auto_learns_from_validation_rows_unless_they_are_needed(
    changes: dict[str, Any], learns: bool
) -> None:
    config = block("regression", **{"estimator": "auto", "time_budget_seconds": 60, **changes})
    config = {key: value for key, value in config.items() if value is not None}
    with duckdb.connect() as connection:
        (row,) = train(connection.sql(query("regression", 1_500)), model_name="m", config=config).to_pylist()
    rows = {part["split"]: part["rows"] for part in row["split"]["parts"]}
    assert ("validation" in rows) == (not learns)
    assert row["training_snapshot"]["rows"] == rows["train"]
    assert sum(rows.values()) == 1_500
    assert row["split"]["validation"] == (0 if learns else 0.15)
    assert {entry["dataset"] for entry in row["metrics"]} == rows.keys()
