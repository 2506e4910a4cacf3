"""The forecast of a node finds the line behind a history of known answer, whatever single runs do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import monitoring_views
import pytest

START = datetime(2026, 5, 1)
MB = 2**20


def history(
    seconds: Sequence[float], sizes: Sequence[int], memory: Sequence[int] | None = None
) -> dict[str, Any]:
    """Return builds of two nodes, of which one is measured and the other waits for nothing."""
    events, nodes = [], []
    for number, (second, size) in enumerate(zip(seconds, sizes, strict=True)):
        key = {"dbt_invocation_id": str(number)}
        held = (memory or [0] * len(sizes))[number]
        begin = START + timedelta(days=number)
        facts = {
            "command": "build",
            "is_without_data": False,
            "cpu_count": 8,
            "machine_memory_bytes": 4096 * MB,
        }
        ended = {"status": "success", "elapsed_seconds": second, "critical_path_seconds": second}
        events += [
            {**key, "event": "started", "happened_at": begin, "run_started_at": begin, **facts},
            {**key, "event": "ended", "happened_at": begin, "peak_memory_bytes": held, **ended},
            {**key, "event": "reported", "happened_at": begin},
        ]
        measured = {"status": "success", "seconds": second, "rows_read": size, "peak_memory_bytes": held}
        nodes += [
            {**key, "unique_id": "orders", "step": "transform", **measured},
            {
                **key,
                "unique_id": "aside",
                "step": "transform",
                **measured,
                "seconds": 2 * second,
                "rows_read": 5,
            },
        ]
    return {"run_events": events, "pipeline_nodes": nodes}


def forecast(rows: dict[str, Any], node: str | None = "orders", **limits: float) -> dict[str, Any]:
    with monitoring_views.make(rows, limits=limits) as warehouse:
        forecasts = warehouse.sql("from resource_forecast").to_arrow_table().to_pylist()
    (row,) = [each for each in forecasts if each["unique_id"] == node]
    return row


SIZES = [1000 * n for n in range(1, 13)]
LINE = [0.5 + 0.001 * size for size in SIZES]


def test_a_line_in_rows_is_followed_to_the_next_size() -> None:
    row = forecast(history(LINE, SIZES))
    assert row["expected_rows"] == 13_000
    assert row["predicted_seconds"] == pytest.approx(0.5 + 13)
    assert row["known_runs"] == 10
    assert row["seconds_error"] == pytest.approx(0, abs=1e-9)


def test_a_build_of_some_nodes_says_nothing_about_one_of_all() -> None:
    rows = history([60, 4, 4, 4, 60, 4, 4], [70] * 7)
    for event in rows["run_events"]:
        event["node_count"] = 40 if event["dbt_invocation_id"] in ("0", "4") else 3
    assert forecast(rows, None)["predicted_seconds"] == 60
    assert forecast(rows)["predicted_seconds"] == 4


def test_one_slow_run_moves_nothing() -> None:
    slow = [*LINE]
    slow[8] *= 50
    assert forecast(history(slow, SIZES))["predicted_seconds"] == pytest.approx(13.5)


def test_without_growth_it_is_the_median() -> None:
    row = forecast(history([2, 9, 4, 3, 5], [70] * 5))
    assert (row["predicted_seconds"], row["largest_seconds"], row["expected_rows"]) == (4, 9, 70)


def test_more_rows_never_take_less() -> None:
    assert forecast(history(LINE[::-1], SIZES))["predicted_seconds"] == pytest.approx(6)


def test_one_run_is_a_forecast_without_a_known_error() -> None:
    row = forecast(history([3], [10]))
    assert (row["predicted_seconds"], row["known_runs"], row["seconds_error"]) == (3, 1, None)


def test_error_is_that_of_forecasts_made_before() -> None:
    # Each doubles and the sizes stand still: the forecasts are 1, 1.5 and 2 for 2, 4 and 8.
    row = forecast(history([1, 2, 4, 8], [10] * 4))
    assert row["seconds_error"] == pytest.approx(0.625)  # the median of 1/2, 2.5/4 and 6/8


def test_machine_and_limits() -> None:
    rows = history([10.0] * 4, [10] * 4, [600 * MB, 700 * MB, 640 * MB, 640 * MB])
    build = forecast(rows, None)
    assert build["recommended_threads"] == 3  # 30 seconds of nodes, of which 10 wait for one another
    assert build["predicted_memory_bytes"] == 640 * MB
    assert build["recommended_memory_bytes"] == 896 * MB  # 1.25 x 700 MB, in steps of 64
    assert build["warning"] is None
    warned = forecast(rows, None, build_seconds=5, memory_mb=500)["warning"]
    for fact in ("10", "5", "640", "500"):
        assert fact in warned
    assert "20" in forecast(rows, "aside", node_seconds=15)["warning"]
    assert forecast(rows, "orders", node_seconds=15)["warning"] is None


def test_wrong_limits_are_reported() -> None:
    for limits in ({"memory": 1}, {"memory_mb": 0}):
        with pytest.raises(monitoring_views.Refused, match="resource_limits"):
            forecast({}, **limits)
