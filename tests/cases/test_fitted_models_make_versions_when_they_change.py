"""A file that returns a fitted model runs in every build, and makes a version only when something has changed."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

import scoring
from training.materialize import materialize_python

FILE = """
import numpy as np
from sklearn.ensemble import IsolationForest
from sklearn.linear_model import Ridge

class dbtObj:
    def __init__(self, load): self.ref = load

def model(dbt, session):
    rows = dbt.ref("points")
    frame = rows.df()
    return [{fitted}.fit(frame[["x", "z"]]{label}), rows]
"""
RIDGE = FILE.format(fitted="Ridge(alpha={alpha})", label=", frame['y']")
FOREST = FILE.format(
    fitted="IsolationForest(n_estimators=5, random_state=1, contamination={alpha})", label=""
)
VALUE = {"task": "regression", "label": "y", "key": "id", "split": {"method": "random", "test": 0.3}}
ANOMALY = {"task": "anomaly", "key": "id", "split": {"method": "random", "test": 0.3}}


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with scoring.connect() as warehouse:
        warehouse.execute(
            "create table points as select id, id % 17 as x, sin(id) as z, x + z as y from range(200) as _ (id)"
        )
        yield warehouse


def build(
    warehouse: duckdb.DuckDBPyConnection,
    source: str,
    config: dict[str, object],
    *,
    retrain: bool = False,
) -> list[tuple[int, list[str]]]:
    """Build the model m as dbt does; return its versions with what had changed."""
    materialize_python(
        warehouse,
        load=warehouse.table,
        query=source,
        relation=["memory", "main", "m"],
        source=source,
        config=config,
        retrain=retrain,
        without_data=False,
        invocation="test",
    )
    ((action, reason),) = warehouse.sql(
        "select action, reason from decisions order by sequence desc limit 1"
    ).fetchall()
    assert action == "accept", reason
    return warehouse.sql("select version, changes from m order by version").fetchall()


def test_value(warehouse: duckdb.DuckDBPyConnection) -> None:
    first = (1, ["first"])
    source = RIDGE.format(alpha=1)
    assert build(warehouse, source, VALUE) == [first]
    assert build(warehouse, source, VALUE) == [first]
    assert build(warehouse, f"# A comment.{source}", VALUE) == [first]
    assert build(warehouse, source, {**VALUE, "gates": [{"metric": "rmse", "max": 9}]}) == [first]
    other = RIDGE.format(alpha=50)
    assert build(warehouse, other, VALUE) == [first, (2, ["code"])]
    assert build(warehouse, other, {**VALUE, "seed": 7})[2:] == [(3, ["config"])]
    warehouse.execute("update points set y = 0 where id = 3")
    assert build(warehouse, other, {**VALUE, "seed": 7})[3:] == [(4, ["data"])]
    assert build(warehouse, other, {**VALUE, "seed": 7}, retrain=True)[4:] == [(5, ["retrain"])]


def test_model_that_is_fitted_by_chance_is_that_of_its_file(warehouse: duckdb.DuckDBPyConnection) -> None:
    source = RIDGE.format(alpha="np.random.default_rng().random()")
    assert build(warehouse, source, VALUE) == build(warehouse, source, VALUE)


def test_threshold_that_no_artifact_holds_counts(warehouse: duckdb.DuckDBPyConnection) -> None:
    for alpha, versions in ((0.1, 1), (0.1, 1), (0.2, 2)):
        assert len(build(warehouse, FOREST.format(alpha=alpha), ANOMALY)) == versions
