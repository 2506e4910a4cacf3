"""Every figure of the scorecard on an example that a reader can work out: docs/scorecard.md has the formulas."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import monitoring_views
import pytest

MEMORY = 1000


def at(day: int, second: int = 0) -> datetime:
    return datetime(2026, 5, day, 9, second // 60, second % 60)


def run(name: str, day: int, status: str | None, command: str = "build") -> list[dict[str, Any]]:
    """Return the events of a run of 20 seconds; without a status it was killed, and found an hour later."""
    key = {"dbt_invocation_id": name}
    facts = {"command": command, "is_without_data": False, "cpu_count": 4, "machine_memory_bytes": MEMORY}
    events = [
        {**key, "event": "started", "happened_at": at(day), "run_started_at": at(day), **facts},
        {**key, "event": "checked", "happened_at": at(day)},
    ]
    if status is None:
        return [*events, {**key, "event": "killed", "happened_at": at(day).replace(hour=10)}]
    ended = {"event": "ended", "happened_at": at(day, 20), "elapsed_seconds": 20.0, "cpu_seconds": 40.0}
    return [
        *events,
        {**key, **ended, "status": status},
        {**key, "event": "reported", "happened_at": at(day, 20)},
    ]


def node(name: str, step: str, seconds: float, ended: int, **values: Any) -> dict[str, Any]:
    lists = {"models": [], "scored_models": [], "raw_tables": [], **values}
    return {
        "dbt_invocation_id": "fourth", "unique_id": name, "step": step, "seconds": seconds, "status": "success",
        "ended_at": at(4, ended), **lists,
    }  # fmt: skip


def decision(sequence: int, action: str, version: int, day: int, build: str) -> dict[str, Any]:
    return {
        "model_name": "churn", "sequence": sequence, "action": action, "version": version,
        "decided_at": at(day, 10), "dbt_invocation_id": build,
    }  # fmt: skip


def quality(table: str, rows: int, score: float) -> dict[str, Any]:
    return {
        "build_id": "fourth",
        "table_name": table,
        "input_rows": rows,
        "score": score,
        "measured_at": at(4, 1),
    }


def metric(dataset: str, predictor: str, value: float, name: str = "accuracy") -> dict[str, Any]:
    key = {"model_name": "churn", "version": 2, "metric": name}
    return {**key, "dataset": dataset, "predictor": predictor, "metric_value": value}


OF_CHURN = {"models": ["churn"], "raw_tables": ["orders"]}
ROWS = {
    "run_events": [
        *run("first", 1, "success"),
        *run("second", 2, "error"),
        *run("third", 3, None),
        *run("fourth", 4, "success"),
        *run("only tests", 4, "error", "test"),
    ],
    "pipeline_nodes": [
        node("orders", "extract", 2.0, 3, **OF_CHURN),
        node("features", "transform", 3.0, 6, **OF_CHURN, peak_memory_bytes=300),
        node("churn", "transform", 10.0, 16, **OF_CHURN, peak_memory_bytes=400),
        node(
            "scores",
            "store",
            1.5,
            18,
            **OF_CHURN,
            scored_models=["churn"],
            rows_written=1000,
            execute_seconds=1.0,
        ),
        node("prices", "store", 0.5, 19, raw_tables=["prices"], peak_memory_bytes=500),
        node("unique_orders", "test", 5.0, 19),
    ],
    "data_quality": [quality("orders", 100, 0.98), quality("prices", 300, 0.5)],
    "model_versions": [
        {
            "model_name": "churn",
            "version": 2,
            "task": "binary",
            "feature_count": 8,
            "offered_feature_count": 10,
        }
    ],
    "model_metrics": [
        metric("test", "model", 0.9),
        metric("test", "constant", 0.6),
        metric("validation", "model", 0.85),
        metric("test", "model", 0.2, "log_loss"),
    ],
    "model_decisions": [
        decision(1, "accept", 1, 1, "first"),
        decision(2, "refuse", 1, 2, "second"),
        decision(3, "accept", 2, 4, "fourth"),
    ],
}
FIGURES = {
    # figure: (of the model, of the build as a whole)
    "extract_seconds": (2, 2),
    "transform_seconds": (3 + 10, 3 + 10),
    "store_seconds": (1.5, 1.5 + 0.5),
    "pipeline_latency_seconds": (16.5, 17),
    "data_quality_score": (0.98, (0.98 * 100 + 0.5 * 300) / 400),
    "feature_efficiency": (8 / 10, 8 / 10),
    "validation": (0.85, 0.85),
    "deployment_readiness": (min(0.98, 0.8, 0.85), min(0.62, 0.8, 0.85)),
    "reliability": (1 - 1 / 3, 1 - 2 / 4),
    "enterprise_value": (2 * (0.9 - 0.6) * 3 / 4, 2 * (0.9 - 0.6) * 3 / 4),
    "scoring_throughput": (1000 / 1.0, 1000 / 1.0),
    "scoring_latency_seconds": (1.5, 1.5),
    "accuracy": (0.9, 0.9),
    "memory_use": (400 / MEMORY, 500 / MEMORY),
    "cpu_use": (None, 40 / (20 * 4)),
    "deployment_seconds": (18, 19),
    "deployments_per_month": (2, 2),
    "hours_to_recover": (48, 48),
}


@pytest.fixture(scope="module")
def figures() -> dict[str | None, dict[str, Any]]:
    blocks = {"churn": {"weight": 2, "scalability": 3, "cost": 4}}
    with monitoring_views.make(ROWS, blocks=blocks) as warehouse:
        rows = warehouse.sql("from scorecard where dbt_invocation_id = 'fourth'").to_arrow_table().to_pylist()
    return {row["model_name"]: row for row in rows}


@pytest.mark.parametrize("figure", FIGURES)
def test_figure(figures: dict[str | None, dict[str, Any]], figure: str) -> None:
    of_model, of_build = FIGURES[figure]
    assert figures["churn"][figure] == pytest.approx(of_model)
    assert figures[None][figure] == pytest.approx(of_build)


def test_every_figure_has_an_example(figures: dict[str | None, dict[str, Any]]) -> None:
    assert {*figures[None]} - {*FIGURES} == {"dbt_invocation_id", "model_name", "status", "started_at"}


def test_what_is_unknown_is_null() -> None:
    """Without contracts, a champion, scores or a machine's memory the figures say nothing, not 0 or 1."""
    rows = {"run_events": ROWS["run_events"], "pipeline_nodes": ROWS["pipeline_nodes"][:3]}
    with monitoring_views.make(rows) as warehouse:
        (row,) = warehouse.sql(
            "select data_quality_score, feature_efficiency, validation, accuracy, deployment_readiness, reliability, "
            "enterprise_value, scoring_throughput, scoring_latency_seconds, deployment_seconds, hours_to_recover "
            "from scorecard where model_name = 'churn'"
        ).fetchall()
    assert row == (None,) * 11


@pytest.mark.parametrize(
    ("block", "facts"),
    [
        ({"weigth": 1}, ("models/churn.yml", "weigth")),
        ({"cost": 0}, ("0", "above 0")),
        ({"weight": "x"}, ("x",)),
    ],
)
def test_wrong_weights_are_reported(block: dict[str, Any], facts: tuple[str, ...]) -> None:
    with pytest.raises(monitoring_views.Refused) as refused:
        monitoring_views.make({}, blocks={"churn": block})
    for fact in facts:
        assert fact in str(refused.value)


def test_a_run_is_what_its_events_say() -> None:
    """Without the last event a hook failed, as one does that reports a refused model."""
    refused = [event for event in run("refused", 1, "success") if event["event"] != "reported"]
    stopped = [event for event in run("stopped", 2, None) if event["event"] != "checked"]
    open_ = [event for event in run("open", 5, None) if event["event"] != "killed"]
    runs = [*refused, *stopped, *open_, *ROWS["run_events"]]
    with monitoring_views.make({"run_events": runs}) as warehouse:
        statuses = dict(warehouse.sql("select dbt_invocation_id, status from pipeline_runs").fetchall())
    assert statuses == {
        "first": "success", "second": "error", "third": "killed", "fourth": "success", "only tests": "error",
        "refused": "error", "stopped": "rejected", "open": "running",
    }  # fmt: skip
