"""Gates on live rows: what the monitors of a model measured of its versions beside the champion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from judged_models import AT_LEAST_70, PARTS, Model, spec_of, version

import scoring
from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.version import Version
from scoring.warehouse import Relation
from training.evaluation.gates import gate_rows

AUC = {"metric": "roc_auc", "min_gain_over_champion": 0.05, "dataset": "live", "min_rows": 100}
LOSS = {"metric": "log_loss", "max_vs_champion": 0.9, "dataset": "live", "min_rows": 100}
BLOCK: dict[str, Any] = {"time": "seen_at", "shadow": True}
NAN = float("nan")
Week = dict[str, Any]


def week(number: int, version: int, rows: int, auc: float | None = None, **more: Any) -> Week:
    """Return what was measured of a version in a week, at noon of a day after it was made."""
    metrics = {"roc_auc": auc, "non_finite_scores": 0.0, **more.pop("metrics", {})}
    start = datetime(2024, 6, 3) + timedelta(weeks=number)
    return {
        "model_name": "m",
        "version": version,
        "role": "shadow" if version > 1 else "champion",
        "period": "week",
        "period_start": start,
        "labelled_rows": rows,
        "metrics": [{"metric": name, "value": value} for name, value in metrics.items()],
        "measured_at": start + timedelta(weeks=2),
        **more,
    }


def requiring(number: int, gate: dict[str, Any]) -> Version:
    """Return a version that was trained under the gate."""
    return replace(version(number, 0.9), gates=gate_rows(spec_of([AT_LEAST_70, gate], **BLOCK), PARTS))


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Model]:
    """Return a model with champion 1 and a newer version 2, which today's block has not judged yet."""
    with scoring.connect(tmp_path / "warehouse.duckdb") as connection:
        made = Model(connection)
        made.build(version(1, 0.8))
        made.monitors.append(Relation(made.warehouse.database, "monitoring", "m_monitor"))
        yield made


def judged(model: Model, *weeks: Week, gate: dict[str, Any] = AUC) -> tuple[str, int | None, dict[str, Any]]:
    """Return action and champion of a build with version 2, and the verdict of the live gate on it."""
    model.warehouse.create(model.monitors[0], MONITOR_SCHEMA)
    model.warehouse.append(model.monitors[0], pa.Table.from_pylist(list(weeks), schema=MONITOR_SCHEMA))
    decision = model.build(requiring(2, gate), gates=[AT_LEAST_70, gate], **BLOCK)
    (verdict,) = [dict(one) for one in decision.gates if one["dataset"] == "live" and one["version"] == 2]
    return decision.action, decision.version, verdict


@pytest.mark.parametrize(
    ("weeks", "action", "observed"),
    [
        ([], "wait", None),
        ([week(0, 1, 200, 0.7)], "wait", None),
        ([week(0, 1, 200, 0.7), week(0, 2, 99, 0.9)], "wait", 0.2),
        ([week(0, 1, 200, 0.7), week(0, 2, 100, 0.9)], "accept", 0.2),
        ([week(0, 1, 200, 0.7), week(0, 2, 200, 0.74)], "refuse", 0.04),
        # Weeks count by their rows, and only where both versions were measured.
        (
            [
                *(week(0, 1, 50, 0.7), week(0, 2, 50, 0.8)),
                *(week(1, 1, 150, 0.7), week(1, 2, 150, 0.72), week(2, 2, 900, 0.99)),
            ],
            "refuse",
            0.04,
        ),
        # A week of one class has no area under the curve, and says nothing.
        ([week(0, 1, 99, 0.7), week(0, 2, 99, 0.9), week(1, 1, 50, None), week(1, 2, 50, None)], "wait", 0.2),
        # A slice, and what was measured before a version of this number was made, are not counted.
        ([week(0, 1, 200, 0.7), week(0, 2, 200, 0.9, slice_column="region", slice_value="n")], "wait", None),
        ([week(0, 1, 200, 0.7), week(0, 2, 200, 0.9, measured_at=datetime(2020, 1, 1))], "wait", None),
        ([week(0, 1, 200, 0.7), week(0, 2, 200, 0.9, model_name="n")], "wait", None),
        # One score that is not finite is one too many.
        ([week(0, 1, 200, 0.7), week(0, 2, 200, NAN, metrics={"non_finite_scores": 1.0})], "refuse", None),
        (
            [
                *(week(0, 1, 200, 0.7), week(0, 2, 200, None, metrics={"non_finite_scores": 1.0})),
                *(week(1, 1, 200, 0.7), week(1, 2, 200, 0.9)),
            ],
            "refuse",
            None,
        ),
    ],
)
def test_a_gate_on_live_rows_waits_for_enough_of_them_and_then_decides(
    model: Model, weeks: list[Week], action: str, observed: float | None
) -> None:
    done, champion, verdict = judged(model, *weeks)
    assert (done, champion) == (action, 2 if action == "accept" else 1)
    assert verdict["observed"] == (None if observed is None else pytest.approx(observed))
    assert (verdict["threshold"], verdict["slice_min_rows"]) == (0.05, 100)
    assert (verdict["left_out"] is not None) is (action == "wait")


def test_the_sentence_of_a_version_that_waits_says_what_is_missing(model: Model) -> None:
    judged(model, week(0, 1, 200, 0.7), week(0, 2, 40, 0.9))
    last = model.past.last
    assert last is not None
    for fact in (
        "Version 2 of m",
        "roc_auc",
        "40 live rows",
        "beside version 1",
        "min_rows is 100",
        "Version 1 goes on",
    ):
        assert fact in last.reason
    assert last.reason in model.notices


def test_errors_are_averaged_as_squares_and_less_may_be_better(model: Model) -> None:
    weeks = [
        week(number, one, 100, metrics={"log_loss": loss})
        for number, one, loss in ((0, 1, 0.5), (0, 2, 0.4), (1, 1, 0.7), (1, 2, 0.6))
    ]
    action, _, verdict = judged(model, *weeks, gate=LOSS)
    assert action == "accept"
    assert verdict["observed"] == pytest.approx(0.5 / 0.6)


def test_weeks_that_began_before_a_version_was_fitted_do_not_count(model: Model) -> None:
    cutoff = {"rows": 1, "fingerprint": "", "cutoff": datetime(2024, 6, 5), "features": []}
    model.connection.execute("update ml.m set time_column = 'seen_at', training_snapshot = ?", [cutoff])
    weeks = [week(number, one, 80, 0.6 + one / 10) for number in (0, 1) for one in (1, 2)]
    action, _, verdict = judged(model, *weeks)
    assert action == "wait"
    assert "80 live rows" in verdict["left_out"]


def test_the_first_version_and_the_champion_itself_need_no_live_rows(tmp_path: Path) -> None:
    with scoring.connect(tmp_path / "warehouse.duckdb") as connection:
        fresh = Model(connection)
        for new in ([requiring(1, AUC)], []):
            assert fresh.build(*new, gates=[AT_LEAST_70, AUC], **BLOCK).action == "accept"


def test_rows_that_two_monitors_measured_count_once(model: Model) -> None:
    weeks = [week(0, 1, 60, 0.7), week(0, 2, 60, 0.9)]
    second = Relation(model.warehouse.database, "monitoring", "m_by_region")
    model.monitors.append(second)
    model.warehouse.create(second, MONITOR_SCHEMA)
    model.warehouse.append(second, pa.Table.from_pylist(weeks, schema=MONITOR_SCHEMA))
    assert judged(model, *weeks)[0] == "wait"  # 60 rows of at least 100, though 120 are in the tables
