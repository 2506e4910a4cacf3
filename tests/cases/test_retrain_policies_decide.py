"""A policy says when new data alone train a model, a decision says why, and the next build acts on it.

Each case is a model on 600 rows of two a minute, a change of its data, and the decision that follows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import scoring
from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training.declared.config import config_hash, parse
from training.errors import ConfigError
from training.materialize import materialize
from training.retraining import DECISIONS, decide

BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "time": "predicted_at",
    "split": {"method": "sequential", "validation": 0.1, "test": 0.2},
    "estimator": "lightgbm",
    "params": {"num_iterations": 5, "num_leaves": 4, "min_data_in_leaf": 5},
}
ROWS = """
    select range as id, timestamp '2024-01-01' + to_minutes(range // 2) as predicted_at,
        (range * 7919 % 1000) / 1e1 as amount, (range * 7919 % 1000) > 400 + 50 * (range % 7) as is_late {more}
    from range({rows})
"""
TABLE = Relation("memory", "monitoring", "retrain_decisions")
MONITOR = Relation("memory", "monitoring", "late_monitor")
START = "2024-01-02 00:00:00"
LATER = {"one day": "2024-01-03 00:00:00", "forty days": "2024-02-11 00:00:00"}


@pytest.fixture
def session() -> Iterator[duckdb.DuckDBPyConnection]:
    with scoring.connect() as connection:
        connection.execute("set threads = 1")
        Warehouse(connection).create(TABLE, DECISIONS)
        Warehouse(connection).create(MONITOR, MONITOR_SCHEMA)
        yield connection


def build(
    session: duckdb.DuckDBPyConnection,
    block: dict[str, Any],
    number: int,
    *,
    rows: int = 600,
    more: str = "",
    as_of: str = START,
    retrain: bool = False,
) -> tuple[int, bool, str]:
    """Build as dbt does, and return the newest version and the decision."""
    invocation = f"run-{number}"
    materialize(
        session,
        load=session.table,
        query=ROWS.format(rows=rows, more=more),
        relation=("memory", "ml", "late"),
        config=block,
        retrain=retrain,
        without_data=False,
        invocation=invocation,
        retrain_decisions=(TABLE.database, TABLE.schema, TABLE.name),
    )
    # Outside of dbt a version does not say which run made it.
    session.execute("update ml.late set dbt_invocation_id = ? where dbt_invocation_id is null", [invocation])
    request = {
        "table": [TABLE.database, TABLE.schema, TABLE.name],
        "models": [{"relation": ["memory", "ml", "late"], "config": block}],
        "monitors": [[MONITOR.database, MONITOR.schema, MONITOR.name]],
        "as_of": as_of,
        "invocation": invocation,
    }
    decide(session, json.dumps(request))
    return session.sql(
        f"select version, is_due, reason from {TABLE.sql} where dbt_invocation_id = '{invocation}'"
    ).fetchall()[0]


def measure(
    session: duckdb.DuckDBPyConnection, week: int, verdicts: dict[str, str], log_loss: float | None
) -> None:
    """Leave what a monitor measures of version 1 in a week."""
    kinds = MONITOR_SCHEMA.field
    starts = f"2024-01-{1 + 7 * week:02}"
    names = {"compared_with": "training", "kind": "feature"}
    drift = [{**names, "feature": name, "verdict": verdict} for name, verdict in verdicts.items()]
    drift.append({**names, "feature": "amount", "compared_with": "previous", "verdict": "drift"})
    metrics = [{"metric": "log_loss", "value": log_loss}, {"metric": "roc_auc", "value": 0.7}]
    row = {
        "model_name": "late",
        "version": 1,
        "role": "champion",
        "period": "week",
        "period_start": pa.array([starts]).cast(pa.timestamp("us"))[0].as_py(),
        "drift": [
            {field.name: entry.get(field.name) for field in kinds("drift").type.value_type} for entry in drift
        ],
        "metrics": [
            {field.name: entry.get(field.name) for field in kinds("metrics").type.value_type}
            for entry in metrics
        ],
    }
    Warehouse(session).append(MONITOR, pa.Table.from_pylist([row], MONITOR_SCHEMA))


@pytest.mark.parametrize(
    ("policy", "as_of", "rows", "is_due", "facts"),
    [
        ({"max_age": "30 days"}, "one day", 800, False, ["1 days old", "max_age 30 days"]),
        ({"max_age": "30 days"}, "forty days", 800, True, ["40 days old", "max_age 30 days"]),
        ({"max_age": "4 weeks"}, "forty days", 800, True, ["40 days old"]),
        ({"new_rows": 201}, "one day", 800, False, ["200 new rows", "new_rows 201"]),
        ({"new_rows": 200}, "one day", 800, True, ["200 new rows"]),
        ({"max_age": "30 days", "new_rows": 200}, "one day", 800, True, ["200 new rows"]),
        ("never", "forty days", 5000, False, ["never", "--full-refresh"]),
        (None, "one day", 800, True, ["no policy"]),
    ],
)
def test_age_and_new_rows(
    session: duckdb.DuckDBPyConnection, policy: object, as_of: str, rows: int, is_due: bool, facts: list[str]
) -> None:
    block = BLOCK if policy is None else {**BLOCK, "retrain": policy}
    assert build(session, block, 1)[:2] == (1, policy is None)
    version, due, reason = build(session, block, 2, rows=rows, as_of=LATER[as_of])
    assert (version, due) == (2 if policy is None else 1, is_due), reason
    assert [fact for fact in facts if fact not in reason] == []
    assert build(session, block, 3, rows=rows + 2, as_of=LATER[as_of])[0] == (
        3 if policy is None else 1 + is_due
    )


@pytest.mark.parametrize(
    ("policy", "weeks", "is_due", "facts"),
    [
        ({"drift": 1}, [], False, ["no period is judged"]),
        ({"drift": 1}, [({"amount": "stable"}, None)], False, ["0 features drift"]),
        ({"drift": 1}, [({"amount": "drift"}, None)], True, ["1 features drift: amount"]),
        ({"drift": 2}, [({"amount": "drift"}, None)], False, ["drift 2"]),
        ({"drift": 2}, [({"amount": "drift", "prediction": "drift"}, None)], True, ["amount, prediction"]),
        ({"drift": 1}, [({"amount": "drift"}, None), ({"amount": "stable"}, None)], False, ["0 features"]),
        ({"drift": 1}, [({"amount": "drift"}, None), ({"amount": "too few rows"}, None)], True, ["amount"]),
        ({"performance": {"metric": "log_loss", "max": 0.5}}, [({}, None)], False, ["no labels yet"]),
        ({"performance": {"metric": "log_loss", "max": 0.5}}, [({}, 0.51)], True, ["0.51", "max 0.5"]),
        ({"performance": {"metric": "log_loss", "max": 0.5}}, [({}, 0.9), ({}, 0.5)], False, ["is 0.5 "]),
        ({"performance": {"metric": "roc_auc", "min": 0.75}}, [({}, None)], True, ["roc_auc is 0.7 "]),
    ],
)
def test_drift_and_performance(
    session: duckdb.DuckDBPyConnection, policy: object, weeks: list[Any], is_due: bool, facts: list[str]
) -> None:
    block = {**BLOCK, "retrain": policy}
    build(session, block, 1)
    for number, (verdicts, log_loss) in enumerate(weeks):
        measure(session, number, verdicts, log_loss)
    version, due, reason = build(session, block, 2, rows=700)
    assert (version, due) == (1, is_due), reason
    assert [fact for fact in facts if fact not in reason] == []
    assert build(session, block, 3, rows=700)[0] == 1 + is_due


def test_what_is_not_new_data_trains_whatever_the_policy(session: duckdb.DuckDBPyConnection) -> None:
    block = {**BLOCK, "retrain": "never"}
    assert build(session, block, 1)[0] == 1
    assert build(session, block, 2, rows=700)[0] == 1
    assert build(session, block, 3, rows=700, more=", range % 5 as fifth")[0] == 2
    changed = {**block, "seed": 7}
    assert build(session, changed, 4, rows=700, more=", range % 5 as fifth")[0] == 3
    assert build(session, changed, 5, rows=700, more=", range % 5 as fifth", retrain=True)[0] == 4


def test_a_due_model_waits_for_data_that_have_changed(session: duckdb.DuckDBPyConnection) -> None:
    block = {**BLOCK, "retrain": {"max_age": "1 day"}}
    build(session, block, 1)
    for number in (2, 3):
        assert build(session, block, number, as_of=LATER["forty days"])[:2] == (1, True)
    assert build(session, block, 4, rows=700, as_of=LATER["forty days"])[:2] == (2, False)


@pytest.mark.parametrize(("policy", "is_due"), [({"max_age": "300 days"}, True), ("never", False)])
def test_a_model_without_a_champion_is_due(
    session: duckdb.DuckDBPyConnection, policy: object, is_due: bool
) -> None:
    block = {**BLOCK, "retrain": policy, "gates": [{"metric": "roc_auc", "min": 1}]}
    version, due, reason = build(session, block, 1)
    assert (version, due, "no version scores" in reason) == (1, is_due, is_due)
    assert build(session, block, 2, rows=700)[0] == 1 + is_due


def test_a_policy_is_no_part_of_what_decides_the_model() -> None:
    assert config_hash(BLOCK) == config_hash({**BLOCK, "retrain": "never"})


@pytest.mark.parametrize(
    ("policy", "facts"),
    [
        ("always", ["ml.retrain is 'always'", "never", "max_age"]),
        ({}, ["ml.retrain", "max_age, drift, performance, new_rows", "retrain: never"]),
        ({"max_age": "a month"}, ["ml.retrain.max_age", "a month"]),
        ({"max_agee": "30 days"}, ["ml.retrain.max_agee", "max_age"]),
        ({"drift": 0}, ["ml.retrain.drift is 0"]),
        ({"new_rows": 0.1}, ["ml.retrain.new_rows is 0.1"]),
        (
            {"performance": {"metric": "rmse", "max": 1}},
            ["ml.retrain.performance.metric is 'rmse'", "roc_auc"],
        ),
        ({"performance": {"metric": "roc_auc"}}, ["ml.retrain.performance", "either min or max"]),
        ({"performance": {"metric": "roc_auc", "min": 0.5, "max": 1}}, ["either min or max"]),
    ],
)
def test_wrong_policies_are_rejected(policy: object, facts: list[str]) -> None:
    with pytest.raises(ConfigError) as error:
        parse({**BLOCK, "retrain": policy}, model_name="late")
    assert [fact for fact in facts if fact not in str(error.value)] == [], str(error.value)
