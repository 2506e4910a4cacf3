"""Champions follow gates: one project, several models, each with a story of two versions."""

from __future__ import annotations

from typing import Any

import pytest
from project import Project, Run
from registry import add_version, build, champions, declare, make_project, measured

from scoring.registry import SCHEMA

AT_LEAST_70: dict[str, Any] = {"metric": "roc_auc", "min": 0.7}
COMPARED: list[dict[str, Any]] = [
    {"metric": "log_loss", "min_gain_over_baseline": 0.05},
    {"metric": "roc_auc", "min_gain_over_baseline": 0.05},
    {"metric": "roc_auc", "min_gain_over_baseline": 0.3, "baseline": "constant"},
    {"metric": "roc_auc", "min_gain_over_champion": 0.01, "severity": "warn"},
    {"metric": "log_loss", "max_vs_champion": 1.01},
    {"metric": "roc_auc", "min": 0.6, "slices": ["region"]},
    {"metric": "brier", "max": 0.2, "dataset": "validation", "slices": "region"},
]
SLICED: list[dict[str, Any]] = [
    {"metric": "roc_auc", "min": 0.6, "slices": ["region"], "min_rows": 10},
    {"metric": "brier", "max": 0.2, "slices": ["region"], "min_rows": 500},
]
BEATEN: list[dict[str, Any]] = [
    {"metric": "log_loss", "max_vs_champion": 1.01},
    {"metric": "roc_auc", "min_gain_over_champion": 0.01},
    {"metric": "roc_auc", "min_gain_over_baseline": 0.1},
    {"metric": "brier", "max": 0.2},
]
MODELS: dict[str, Any] = {
    "refused": [AT_LEAST_70],
    "warned": [{**AT_LEAST_70, "severity": "warn"}],
    "tightened": [AT_LEAST_70],
    "loosened": [AT_LEAST_70],
    "inexact": [],
    "unmeasured": [AT_LEAST_70],
    "compared": COMPARED,
    "sliced": SLICED,
    "nan_champion": BEATEN,
    "misdeclared": "roc_auc",
    "asked_since": {"task": "binary"},
    "excused_since": {"task": "binary", "must_beat_constant": False},
    "no_number": [{"metric": "roc_auc", "max": float("nan")}, {"metric": "roc_auc", "min": "it's"}],
}
ALIKE = ("refused", "warned", "tightened", "loosened", "inexact", "unmeasured")
"""The models whose first version is the same."""
LATER = {"tightened": [{"metric": "roc_auc", "min": 0.9}], "loosened": [{"metric": "roc_auc", "min": 0.6}]}


NAN = float("nan")
WITH_NAN = [
    measured(metric, value, predictor)
    for metric, values in {
        "log_loss": {"model": 0.5, "champion": NAN},
        "roc_auc": {"model": 0.8, "champion": NAN, "constant": 0.5, "linear": NAN},
        "brier": {"model": NAN},
    }.items()
    for predictor, value in values.items()
]
MUST_BEAT_CONSTANT = {"metric": "brier", "must_beat_constant": 0.0}


def auc(value: float | None) -> dict[str, Any]:
    return measured("roc_auc", value)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every model has one good version."""
    project = make_project(tmp_path_factory.mktemp("gates"), MODELS)
    for name in ALIKE:
        add_version(project, name, 1, auc(0.8), gates=[AT_LEAST_70])
    add_version(
        project,
        "compared",
        1,
        *(
            measured("roc_auc", value, predictor)
            for predictor, value in {"model": 0.8, "linear": 0.7}.items()
        ),
        gates=[],
    )
    south, north, west = ({"slice_column": "region", "slice_value": name} for name in ("s", "n", "w"))
    add_version(
        project,
        "sliced",
        1,
        *(measured("roc_auc", value, **where) for value, where in ((0.1, south), (0.9, north), (None, west))),
        *(measured("rows", rows, **where) for rows, where in ((9, south), (10, north), (400, west))),
        *(measured("brier", 0.1, **where) for where in (south, north)),
        gates=[],
    )
    add_version(project, "nan_champion", 1, *WITH_NAN, gates=[], champion_version=7)
    for name, severity in {"asked_since": "off", "excused_since": "error"}.items():
        values = [measured("brier", 0.3, predictor) for predictor in ("model", "constant")]
        add_version(project, name, 1, *values, gates=[{**MUST_BEAT_CONSTANT, "severity": severity}])
    add_version(project, "misdeclared", 1, auc(0.8), gates=[])
    add_version(project, "no_number", 1, auc(0.8), gates=[])
    build(project)
    return project


@pytest.fixture(scope="module")
def second(first: Project) -> Run:
    """The build after every model got another version, and two models other gates."""
    add_version(first, "refused", 2, auc(0.6), gates=[AT_LEAST_70])
    add_version(first, "warned", 2, auc(0.6), gates=MODELS["warned"])
    add_version(first, "loosened", 2, auc(0.65), gates=[AT_LEAST_70])
    add_version(
        first,
        "inexact",
        2,
        gates=[],
        parity={"max_relative_difference": 1e-3, "largest_allowed": 1e-15, "rows_compared": 100},
    )
    add_version(first, "unmeasured", 2, auc(None), gates=[AT_LEAST_70])
    add_version(
        first,
        "compared",
        2,
        *(
            measured(metric, value, predictor)
            for metric, values in {
                "log_loss": {"model": 0.5, "constant": 0.6, "linear": 0.52, "champion": 0.49},
                "roc_auc": {"model": 0.85, "constant": 0.5, "linear": 0.7, "champion": 0.845},
            }.items()
            for predictor, value in values.items()
        ),
        measured("roc_auc", 0.9, slice_column="Region", slice_value="north"),
        measured("roc_auc", 0.5, slice_column="Region", slice_value="south"),
        gates=[],
        champion_version=1,
    )
    declare(first, LATER)
    return build(first)


def test_good_versions_are_champions(first: Project) -> None:
    expected = dict.fromkeys(ALIKE, (1, "gates"))
    assert {name: champions(first)[name] for name in expected} == expected


def test_refused_challenger_leaves_the_champion_and_fails_the_build(first: Project, second: Run) -> None:
    assert second.code == 1
    assert (
        "Version 2 of refused must have roc_auc on the test data of at least 0.7, but 0.6 was observed: "
        "version 1 goes on scoring; improve the model or move the gate."
    ) in second.output
    assert champions(first)["refused"] == (1, "gates")
    assert " ERROR=1 " in second.output
    assert " SKIP=0 " in second.output


def test_gate_of_severity_warn_is_only_told(first: Project, second: Run) -> None:
    assert " WARN=1 " in second.output
    assert (
        "Version 2 of warned must have roc_auc on the test data of at least 0.7, but 0.6 was observed: "
        "it goes on scoring;"
    ) in second.output
    assert champions(first)["warned"] == (2, "gates")


def test_tightened_gate_leaves_the_champion(first: Project, second: Run) -> None:
    assert "Version 1 of tightened must have roc_auc on the test data of at least 0.9" in second.output
    assert champions(first)["tightened"] == (1, "gates")


def test_loosened_gate_promotes_the_newest(first: Project, second: Run) -> None:
    assert " of loosened must " not in second.output
    assert champions(first)["loosened"] == (2, "gates")


def test_parity_is_always_a_gate(first: Project, second: Run) -> None:
    assert (
        "Version 2 of inexact must have parity on the compared data of at most 1e-15, but 0.001 was observed"
    ) in second.output
    assert champions(first)["inexact"] == (1, "gates")


def test_undefined_metric_cannot_pass(first: Project, second: Run) -> None:
    assert "Version 2 of unmeasured must have roc_auc" in second.output
    assert "but nothing was observed" in second.output
    assert champions(first)["unmeasured"] == (1, "gates")


@pytest.mark.usefixtures("second")
def test_every_comparison_is_decided(first: Project) -> None:
    found = first.query(
        f"select metric, comparison, slice_value, round(observed, 6), is_passed from {SCHEMA}.model_gates "
        "where model_name = 'compared' and version = 2 and metric <> 'parity' order by all"
    )
    assert found == [
        ("brier", "max", None, None, False),
        ("log_loss", "max_vs_champion", None, round(0.5 / 0.49, 6), False),
        ("log_loss", "min_gain_over_baseline", None, 0.02, False),
        ("roc_auc", "min", "north", 0.9, True),
        ("roc_auc", "min", "south", 0.5, False),
        ("roc_auc", "min_gain_over_baseline", None, 0.15, True),
        ("roc_auc", "min_gain_over_champion", None, 0.005, False),
        ("roc_auc", "min_gain_over_constant", None, 0.35, True),
    ]
    messages = [message for (message,) in first.query("select message from ml.gate_failures")]
    for part in (
        "must have a gain over the better baseline in log_loss on the test data of at least 0.05, but 0.02",
        "must have a gain over the champion in roc_auc on the test data of at least 0.01, but 0.005 was",
        "must have a ratio to the champion's in log_loss on the test data of at most 1.01, but 1.020408 was",
        "must have roc_auc on the test data where region is south of at least 0.6, but 0.5 was",
        "must have brier on the validation data for every region of at most 0.2, but nothing was",
    ):
        assert any(part in message for message in messages), part


@pytest.mark.usefixtures("second")
def test_first_version_has_no_champion_to_beat(first: Project) -> None:
    found = first.query(
        "select comparison, is_passed from ml.model_gates where model_name = 'compared' and version = 1 "
        "and comparison in ('min_gain_over_champion', 'max_vs_champion') order by 1"
    )
    assert found == [("max_vs_champion", True), ("min_gain_over_champion", True)]


@pytest.mark.usefixtures("second")
def test_slices_that_are_small_or_undefined_are_left_out_unless_all_are(first: Project) -> None:
    found = first.query(
        "select metric, slice_value, is_passed, left_out from ml.model_gates "
        "where model_name = 'sliced' and slice_column = 'region' order by all"
    )
    assert [(*row[:3], row[3] is None) for row in found] == [
        ("brier", "n", False, False),
        ("brier", "s", False, False),
        ("roc_auc", "n", True, True),
        ("roc_auc", "s", True, False),
        ("roc_auc", "w", True, False),
    ]
    assert "9 rows, and min_rows is 10" in found[3][3]
    assert "roc_auc is not defined" in found[4][3]


@pytest.mark.usefixtures("second")
def test_nan_passes_no_gate_and_a_champion_of_nan_stands_in_nobodys_way(first: Project) -> None:
    found = first.query(
        "select metric, comparison, is_passed from ml.model_gates "
        "where model_name = 'nan_champion' and metric <> 'parity' order by all"
    )
    assert found == [
        ("brier", "max", False),
        ("log_loss", "max_vs_champion", True),
        ("roc_auc", "min_gain_over_baseline", True),
        ("roc_auc", "min_gain_over_champion", True),
    ]


@pytest.mark.usefixtures("second")
def test_gates_that_are_none_stop_no_other_model_and_thresholds_that_are_none_pass_nothing(
    first: Project,
) -> None:
    found = first.query(
        "select model_name, comparison, is_passed from ml.model_gates "
        "where model_name in ('misdeclared', 'no_number') and metric <> 'parity' order by all"
    )
    assert found == [("no_number", "max", False), ("no_number", "min", False)]


@pytest.mark.usefixtures("second")
def test_the_block_of_today_says_whether_a_version_must_beat_the_constant(first: Project) -> None:
    found = first.query(
        "select model_name, is_passed, is_declared_today, is_declared_at_training from ml.model_gates "
        "where comparison = 'must_beat_constant' order by all"
    )
    assert found == [("asked_since", False, True, False), ("excused_since", False, False, True)]
    assert champions(first)["excused_since"] == (1, "gates")
    assert "Version 1 of asked_since must be better than the constant baseline in brier" in str(
        first.query("select message from ml.gate_failures where model_name = 'asked_since'")
    )
