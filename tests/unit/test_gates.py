"""The verdict of every gate on every version."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from judged_models import AT_LEAST_70, spec_of, version
from made_versions import measured

from scoring.version import Version
from training.declared.gates import MIN_ROWS
from training.evaluation.gate_messages import failure
from training.evaluation.gates import JUDGED, passing, verdicts

NAN, INFINITE = float("nan"), float("inf")


def judged(
    *versions: Version, gates: list[dict[str, Any]] | None = None, **changes: Any
) -> list[dict[str, Any]]:
    """Return the verdicts of the gates of today and of training."""
    rows = pa.concat_tables(one.to_row().select(JUDGED) for one in versions)
    return verdicts(rows, spec_of(gates or [], **changes))


def observed(metrics: dict[str, dict[str, float | None]]) -> list[dict[str, Any]]:
    return [
        measured(metric, value, predictor)
        for metric, values in metrics.items()
        for predictor, value in values.items()
    ]


MEASURED = observed(
    {
        "log_loss": {"model": 0.5, "constant": 0.6, "linear": 0.52, "champion": 0.49},
        "roc_auc": {"model": 0.85, "constant": 0.5, "linear": 0.7, "champion": 0.845},
    }
)


@pytest.mark.parametrize(
    ("gate", "value", "is_passed", "message"),
    [
        ({"metric": "roc_auc", "min": 0.8}, 0.85, True, None),
        ({"metric": "roc_auc", "min": 0.85}, 0.85, True, None),
        (
            {"metric": "roc_auc", "min": 0.9},
            0.85,
            False,
            "Version 2 of m must have roc_auc on the test data of at least 0.9, but 0.85 was observed",
        ),
        ({"metric": "log_loss", "max": 0.5}, 0.5, True, None),
        ({"metric": "log_loss", "max": 0.4}, 0.5, False, "log_loss on the test data of at most 0.4, but 0.5"),
        (
            {"metric": "log_loss", "min_gain_over_baseline": 0.05},
            0.02,
            False,
            "a gain over the better baseline in log_loss on the test data of at least 0.05, but 0.02",
        ),
        ({"metric": "roc_auc", "min_gain_over_baseline": 0.05}, 0.15, True, None),
        ({"metric": "roc_auc", "min_gain_over_baseline": 0.3, "baseline": "constant"}, 0.35, True, None),
        (
            {"metric": "roc_auc", "min_gain_over_baseline": 0.3, "baseline": "linear"},
            0.15,
            False,
            "a gain over the linear baseline in roc_auc",
        ),
        (
            {"metric": "roc_auc", "min_gain_over_champion": 0.01},
            0.005,
            False,
            "a gain over the champion in roc_auc on the test data of at least 0.01, but 0.005 was",
        ),
        ({"metric": "roc_auc", "min_gain_over_champion": 0.001}, 0.005, True, None),
        ({"metric": "log_loss", "min_gain_over_champion": 0.001}, -0.01, False, "but -0.01 was"),
        (
            {"metric": "log_loss", "max_vs_champion": 1.01},
            0.5 / 0.49,
            False,
            "a ratio to the champion's in log_loss on the test data of at most 1.01, but 1.02041 was",
        ),
        ({"metric": "log_loss", "max_vs_champion": 1.03}, 0.5 / 0.49, True, None),
        (
            {"metric": "brier", "max": 0.2, "dataset": "validation"},
            None,
            False,
            "brier on the validation data of at most 0.2, but nothing was observed",
        ),
        (
            {"metric": "brier", "max": 0.2, "slices": "region"},
            None,
            False,
            "brier on the test data for every region of at most 0.2, but nothing was",
        ),
    ],
)
def test_every_comparison_is_decided(
    gate: dict[str, Any], value: float | None, is_passed: bool, message: str | None
) -> None:
    trained = version(2, 0.85, *MEASURED, gates=[], champion_version=1)
    (verdict,) = [
        one
        for one in judged(trained, gates=[gate])
        if one["metric"] == gate["metric"] and one["comparison"] != "must_beat_constant"
    ]
    assert verdict["observed"] == (None if value is None else pytest.approx(value, rel=1e-12))
    assert verdict["is_passed"] is is_passed
    assert (verdict["is_declared_today"], verdict["is_declared_at_training"]) == (True, False)
    if message is not None:
        assert message in failure("m", verdict)


def test_first_version_has_no_champion_to_beat() -> None:
    gates = [
        {"metric": "roc_auc", "min_gain_over_champion": 0.1},
        {"metric": "log_loss", "max_vs_champion": 1.01},
    ]
    verdicts = judged(version(1, 0.8, measured("log_loss", 0.4), gates=gates), gates=gates)
    assert all(one["is_passed"] for one in verdicts)
    assert passing(verdicts) == (1,)


@pytest.mark.parametrize(("champion", "model", "is_passed"), [(0.0, 0.0, True), (0.0, 0.1, False)])
def test_a_ratio_to_a_champion_of_nothing(champion: float, model: float, is_passed: bool) -> None:
    metrics = observed({"log_loss": {"model": model, "champion": champion}})
    verdicts = judged(
        version(2, 0.8, *metrics, champion_version=1), gates=[{"metric": "log_loss", "max_vs_champion": 2}]
    )
    assert [one["is_passed"] for one in verdicts if one["metric"] == "log_loss"] == [is_passed]


def region(metric: str, value: float | None, name: str) -> dict[str, Any]:
    return measured(metric, value, slice_column="Region", slice_value=name)


SLICES = [
    *(region("roc_auc", value, name) for name, value in {"s": 0.1, "n": 0.9, "w": None}.items()),
    *(region("rows", rows, name) for name, rows in {"s": 9, "n": 10, "w": 400}.items()),
    *(region("brier", 0.1, name) for name in ("s", "n")),
]


def test_slices_that_are_small_or_undefined_are_left_out_unless_all_are() -> None:
    gates = [
        {"metric": "roc_auc", "min": 0.6, "slices": ["region"], "min_rows": 10},
        {"metric": "brier", "max": 0.2, "slices": ["region"], "min_rows": 500},
    ]
    verdicts = [
        one for one in judged(version(1, 0.8, *SLICES, gates=gates), gates=gates) if one["slice_column"]
    ]
    assert [(*(one[name] for name in ("metric", "slice_value", "is_passed")),) for one in verdicts] == [
        ("brier", "n", False),
        ("brier", "s", False),
        ("roc_auc", "n", True),
        ("roc_auc", "s", True),
        ("roc_auc", "w", True),
    ]
    left_out = [one["left_out"] for one in verdicts]
    assert [text is None for text in left_out] == [False, False, True, False, False]
    assert "s is left out" in left_out[3] and "9 rows, and min_rows is 10" in left_out[3]
    assert "roc_auc is not defined" in left_out[4]
    for fact in ("no region that counts", "min_rows is 500", "lower min_rows"):
        assert fact in failure("m", verdicts[0])


def test_a_slice_that_fails_is_named_whatever_the_others_are() -> None:
    metrics = [region("roc_auc", 0.9, "n"), region("roc_auc", 0.5, "s")]
    rows = [region("rows", 400, name) for name in "ns"]
    verdicts = judged(
        version(1, 0.8, *metrics, *rows), gates=[{"metric": "roc_auc", "min": 0.6, "slices": "region"}]
    )
    assert [(one["slice_value"], one["is_passed"]) for one in verdicts if one["slice_column"]] == [
        ("n", True),
        ("s", False),
    ]
    (message,) = [failure("m", one) for one in verdicts if not one["is_passed"]]
    assert "roc_auc on the test data where region is s of at least 0.6, but 0.5 was" in message


@pytest.mark.parametrize(("rows", "is_counted"), [(MIN_ROWS - 1, False), (MIN_ROWS, True)])
def test_a_gate_on_slices_leaves_out_the_same_ones_today_and_as_an_older_release_kept_it(
    rows: int, is_counted: bool
) -> None:
    """A version of that release has no entry with ``min_rows``."""
    gate = {"metric": "roc_auc", "min": 0.6, "slices": ["region"]}
    metrics = [*(region("roc_auc", 0.5, name) for name in "ab"), region("rows", rows, "a")]
    metrics.append(region("rows", 400, "b"))
    trained = version(1, 0.8, *metrics, gates=[gate])
    kept = [entry for entry in trained.gates or () if entry["comparison"] != "min_rows"]
    assert len(kept) < len(trained.gates or ())
    for gates in (trained.gates, kept):
        for today in ([gate], []):
            verdicts = judged(replace(trained, gates=gates), gates=today)
            (a,) = [one for one in verdicts if one["slice_value"] == "a"]
            assert (a["left_out"] is None) is is_counted


def test_nan_passes_no_gate_and_a_champion_of_nan_stands_in_nobodys_way() -> None:
    metrics = observed(
        {
            "log_loss": {"model": 0.5, "champion": NAN},
            "roc_auc": {"model": 0.8, "champion": NAN, "constant": 0.5, "linear": NAN},
            "brier": {"model": NAN},
        }
    )
    gates = [
        {"metric": "log_loss", "max_vs_champion": 1.01},
        {"metric": "roc_auc", "min_gain_over_champion": 0.01},
        {"metric": "roc_auc", "min_gain_over_baseline": 0.1},
        {"metric": "brier", "max": 0.2},
    ]
    verdicts = judged(version(8, 0.8, *metrics, gates=[], champion_version=7), gates=gates)
    named = [one for one in verdicts if one["metric"] in ("log_loss", "roc_auc", "brier")]
    assert [(one["metric"], one["comparison"], one["is_passed"]) for one in named] == [
        ("brier", "max", False),
        ("brier", "must_beat_constant", False),
        ("log_loss", "max_vs_champion", True),
        ("roc_auc", "min_gain_over_baseline", True),
        ("roc_auc", "min_gain_over_champion", True),
    ]


@pytest.mark.parametrize("threshold", [NAN, INFINITE, -INFINITE, None])
@pytest.mark.parametrize("comparison", ["min", "max", "min_gain_over_baseline"])
def test_a_kept_threshold_that_is_no_number_passes_nothing(comparison: str, threshold: float | None) -> None:
    gate = {"metric": "roc_auc", "dataset": "test", "comparison": comparison, "severity": "error"}
    kept = {**gate, "threshold": threshold, "slice_column": None}
    verdicts = judged(replace(version(1, 0.8, *MEASURED), gates=[kept]))
    assert [one["is_passed"] for one in verdicts if one["metric"] == "roc_auc"] == [False]


@pytest.mark.parametrize(
    ("trained", "today", "is_declared_today", "is_declared_at_training"),
    [(True, True, True, True), (False, True, True, False), (True, False, False, True)],
)
def test_the_block_of_today_says_whether_a_version_must_beat_the_constant(
    trained: bool, today: bool, is_declared_today: bool, is_declared_at_training: bool
) -> None:
    no_better = version(1, 0.8, measured("brier", 0.25), gates=[], must_beat_constant=trained)
    verdicts = judged(no_better, must_beat_constant=today)
    (verdict,) = [one for one in verdicts if one["comparison"] == "must_beat_constant"]
    assert verdict["is_passed"] is False
    declared = (verdict["is_declared_today"], verdict["is_declared_at_training"])
    assert declared == (is_declared_today, is_declared_at_training)
    assert passing(verdicts) == (() if trained and today else (1,))
    for fact in ("better than the constant baseline in brier", "must_beat_constant: false"):
        assert fact in failure("m", verdict)


def test_a_score_that_is_not_finite_fails_whatever_the_gates_say() -> None:
    broken = version(1, 0.9, measured("non_finite_scores", 3.0), gates=[])
    (verdict,) = [one for one in judged(broken) if not one["is_passed"]]
    assert (verdict["metric"], verdict["dataset"]) == ("non_finite_scores", "test")
    assert "3 rows of the test data a score that is NaN" in failure("m", verdict)
    assert passing(judged(broken)) == ()


@pytest.mark.parametrize(("difference", "is_passed"), [(0.0, True), (1e-15, True), (1e-3, False)])
def test_parity_is_always_a_gate(difference: float, is_passed: bool) -> None:
    parity = {"max_relative_difference": difference, "largest_allowed": 1e-15, "rows_compared": 100}
    (verdict,) = [
        one for one in judged(version(2, 0.8, gates=[], parity=parity)) if one["metric"] == "parity"
    ]
    assert verdict["is_passed"] is is_passed
    if not is_passed:
        message = "Version 2 of m must have parity on the compared data of at most 1e-15, but 0.001 was"
        assert message in failure("m", verdict)


def test_versions_without_parity_or_metrics_pass_nothing() -> None:
    assert passing(judged(version(1, 0.8, parity=None), version(2, 0.8, metrics=None))) == ()


WARN = {**AT_LEAST_70, "severity": "warn"}


@pytest.mark.parametrize(
    ("trained", "today", "auc", "may_score"),
    [
        ([AT_LEAST_70], [AT_LEAST_70], 0.8, True),
        ([AT_LEAST_70], [AT_LEAST_70], 0.6, False),
        ([AT_LEAST_70], [AT_LEAST_70], None, False),
        ([AT_LEAST_70], [{"metric": "roc_auc", "min": 0.9}], 0.8, True),
        ([AT_LEAST_70], [{"metric": "roc_auc", "min": 0.5}], 0.6, True),
        ([AT_LEAST_70], [], 0.6, True),
        ([], [AT_LEAST_70], 0.6, True),
        ([WARN], [WARN], 0.6, True),
        ([AT_LEAST_70], [WARN], 0.6, True),
        ([WARN, {"metric": "roc_auc", "min": 0.65}], [AT_LEAST_70], 0.6, False),
    ],
)
def test_a_version_may_score_that_met_the_gates_of_training_or_meets_those_of_today(
    trained: list[dict[str, Any]], today: list[dict[str, Any]], auc: float | None, may_score: bool
) -> None:
    verdicts = judged(version(1, auc, gates=trained), gates=today)
    assert passing(verdicts) == ((1,) if may_score else ())


def test_verdicts_have_one_order() -> None:
    """Else an unchanged model would seem to be judged anew."""
    gates = [AT_LEAST_70, WARN, {"metric": "roc_auc", "min": 0.7, "slices": "region", "min_rows": 5}]
    gates.append({**gates[-1], "min_rows": 6, "severity": "warn"})
    trained = version(1, 0.8, *SLICES, gates=gates[::-1])
    first = judged(trained, gates=gates)
    assert all(judged(trained, gates=turned) == first for turned in (gates[::-1], gates) for _ in range(5))
