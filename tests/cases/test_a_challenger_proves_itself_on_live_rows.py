"""A challenger scores in shadow, becomes champion by its live rows, and an A/B test divides rows by their key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb
import ml_project
import numpy as np
import own_project
import pytest
from project import Project, Run

import scoring

ROWS = 3000
BLOCK: Mapping[str, Any] = {
    "task": "binary",
    "label": "is_churned",
    "key": "visit_id",
    "time": "seen_at",
    "split": {"method": "sequential", "validation": 0.1, "test": 0.4},
    "estimator": "lightgbm",
    "params": {"num_iterations": 15, "learning_rate": 0.05},
    "shadow": True,
}
BETTER = {"num_iterations": 60, "learning_rate": 0.1}
GATE = {"metric": "log_loss", "min_gain_over_champion": 0.01, "dataset": "live", "min_rows": 300}
TRIAL = {"version": 1, "share": 0.3}
QUERY = "select * exclude (arrived_at) from {{ ref('visits') }} where is_churned is not null"
FILES = {
    "models/marts/visits_to_score.sql": "select * exclude (is_churned) from {{ ref('visits') }}",
    "models/marts/churn_scores.sql": """
        {{ config(materialized='incremental', unique_key='visit_id') }}
        {{ warehouse_ml.predict(ref('churn'), ref('visits_to_score'), key='visit_id') }}
    """,
    "models/marts/churn_monitor.sql": """
        {{ config(materialized='ml_monitor') }}
        select scores.*, visits.is_churned, 1 as live_rows
        from {{ ref('churn_scores') }} as scores
        left join {{ ref('visits') }} as visits using (visit_id)
    """,
    "models/marts/churn_monitor.yml": json.dumps(
        {
            "models": [
                {
                    "name": "churn_monitor",
                    "config": {"meta": {"ml_monitor": {"model": "churn", "slices": ["region"]}}},
                }
            ]
        }
    ),
}
NODES = ("visits_to_score", "churn", "churn_scores", "churn_monitor")


def visits() -> str:
    """Return visits of 60 days; of the last days only some labels are in."""
    random = np.random.default_rng(3)
    x, y = random.normal(size=(2, ROWS))
    label = random.random(ROWS) < 1 / (1 + np.exp(-3 * x * y - 2 * x))
    lines = ["visit_id,seen_at,arrived_at,x,y,region,is_churned"]
    for number in range(ROWS):
        day = number * 60 // ROWS
        at = f"2024-{1 + day // 30:02d}-{1 + day % 30 - day // 59:02d} 12:00:00"
        outcome = "" if day > 55 or (day > 50 and number % 2) else str(int(label[number]))
        lines.append(f"{number},{at},{at},{x[number]:.6f},{y[number]:.6f},{'ns'[number % 2]},{outcome}")
    return "\n".join(lines) + "\n"


def build(project: Project, *nodes: str, **block: Any) -> Run:
    """Build with another block of the model."""
    ml_project.declare(project, {**BLOCK, **block}, QUERY, "churn")
    run = project.build("-s", *(nodes or NODES))
    assert run.code == 0, run.output
    return run


def decided(project: Project) -> list[tuple[Any, ...]]:
    return project.query("select action, version, challenger from ml.decisions order by sequence")


def roles(project: Project, condition: str = "true") -> dict[tuple[int, str], int]:
    """Return how many rows of all slices each version has in each role."""
    counts = project.query(
        "select version, role, sum(row_count) from marts.churn_monitor "
        f"where slice_column is null and {condition} group by all"
    )
    return {(version, role): int(rows) for version, role, rows in counts}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("churn")
    made = own_project.make(
        folder, {"visits": visits()}, {"churn": BLOCK}, queries={"churn": QUERY}, files=FILES
    )
    build(made, "visits", *NODES)
    return made


def test_a_challenger_waits_in_shadow_and_becomes_champion_by_its_live_rows(project: Project) -> None:
    assert decided(project) == [("accept", 1, None)]
    assert {role for _, role in roles(project)} == {"champion"}

    waiting = build(project, params=BETTER, gates=[GATE])
    assert decided(project)[-1] == ("wait", 1, None)
    for fact in (
        "Version 2 of churn",
        "log_loss",
        "0 live rows",
        "min_rows is 300",
        "Version 1 goes on scoring",
    ):
        assert fact in waiting.output
    in_both_roles = roles(project)
    assert in_both_roles[2, "shadow"] == in_both_roles[1, "champion"] > 1000

    build(project, params=BETTER, gates=[GATE], ab_test=TRIAL)
    assert decided(project)[-1] == ("accept", 2, 1)
    ((observed, threshold, rows, passed),) = project.query(
        "select gate.observed, gate.threshold, gate.slice_min_rows, gate.is_passed from "
        "(select unnest(gates) as gate from ml.decisions qualify sequence = max(sequence) over ()) "
        "where gate.dataset = 'live' and gate.version = 2"
    )
    assert observed > threshold == 0.01
    assert (rows, passed) == (300, True)
    assert (2, "champion") in roles(project)


def test_an_ab_test_divides_rows_by_their_key_and_keeps_each_row_where_it_is(project: Project) -> None:
    """Runs after the test above, which left version 2 as champion and version 1 as its challenger."""
    scored = "select visit_id, model_version, scored_at from marts.churn_scores order by 1"
    first = project.query(scored)
    share = sum(version == 1 for _, version, _ in first) / ROWS
    assert share == pytest.approx(0.3, abs=0.03)
    now = roles(
        project,
        "dbt_invocation_id = (select max_by(dbt_invocation_id, measured_at) from marts.churn_monitor)",
    )
    assert now.keys() == {(1, "challenger"), (2, "champion")}
    assert now[1, "challenger"] / sum(now.values()) == pytest.approx(share, abs=0.03)
    ((recorded,),) = project.query(
        "select any_value(challenger_share) from ml.decisions where sequence = (select max(sequence) from ml.decisions)"
    )
    assert recorded == 0.3
    # Each row has the score of its own version, also within one vector of rows.
    with scoring.connect(project.warehouse, read_only=True) as connection:
        ((wrong,),) = connection.sql(
            "select count(*) from marts.churn_scores as s inner join marts.visits_to_score as v using (visit_id) "
            "where s.prediction <> ml_predict('churn@' || s.model_version, v)"
        ).fetchall()
    assert wrong == 0

    build(project, "churn", "churn_scores", params=BETTER, gates=[GATE], ab_test={**TRIAL, "share": 0.4})
    second = project.query(scored)
    moved = [(before[1], after[1]) for before, after in zip(first, second, strict=True) if before != after]
    assert set(moved) == {(2, 1)}
    assert len(moved) / ROWS == pytest.approx(0.1, abs=0.02)

    gone = {
        **BLOCK,
        "params": {**BETTER, "num_leaves": 9},
        "gates": [GATE],
        "ab_test": {"version": 9, "share": 0.4},
    }
    ml_project.declare(project, gone, QUERY, "churn")
    run = project.build("-s", "churn", "churn_scores")
    assert run.code == 1
    for fact in ("A/B test of churn", "version 9", "no such version", "Correct ab_test"):
        assert fact in run.output
    assert {version for _, version, _ in project.query(scored)} == {2}

    # A challenger that is damaged scores nothing, and stops nothing.
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("update ml.churn set artifact = 'other'::blob where version = 3")
    run = project.plain("run", "-s", "churn_monitor")
    assert run.code == 0, run.output
    assert "churn@3 cannot score the rows of churn_monitor in shadow" in run.output
    assert not [version for version, _ in roles(project) if version == 3]
