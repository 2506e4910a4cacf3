"""The registry shows every version; promote, rollback and release act at once, or are refused."""

from __future__ import annotations

import json
import subprocess
import sys

import duckdb
import pytest
from project import Project, Run
from registry import add_version, build, champions, make_project, measured, pin

import scoring

GATES = [{"metric": "roc_auc", "min": 0.7}]
MODELS = ("rain", "pinned", "fresh", "altered")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A model with two champions so far, and others of one version."""
    project = make_project(tmp_path_factory.mktemp("operations"), dict.fromkeys(MODELS, GATES))
    for name in MODELS:
        south = measured("roc_auc", 0.7, slice_column="region", slice_value="south")
        add_version(project, name, 1, measured("roc_auc", 0.8), south, gates=GATES)
    pin(project, [("pinned", 1, "audit")])
    run = build(project)
    assert run.code == 0, run.output
    add_version(project, "rain", 2, measured("roc_auc", 0.9), gates=GATES)
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute("update ml.altered set artifact = 'other'::blob")
    add_version(project, "rain", 3, measured("roc_auc", 0.1), gates=GATES)
    assert build(project).code == 1
    return project


def operate(project: Project, operation: str, **arguments: object) -> Run:
    return project.dbt("run-operation", operation, "--args", json.dumps(arguments))


def live(project: Project) -> list[tuple]:
    return project.query(
        "select version, reason, live_until_at is null from ml.champion_history where model_name = 'rain' "
        "order by live_from_at"
    )


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("select estimator, changes, artifact_bytes from ml.model_versions", ("lightgbm", ["first"], 7)),
        (
            "select dataset, predictor, metric, metric_value from ml.model_metrics",
            ("test", "model", "roc_auc", 0.8),
        ),
        (
            "select slice_column, slice_value, metric_value, overall_value from ml.model_slices",
            ("region", "south", 0.7, 0.8),
        ),
        ("select feature, feature_number, gain, splits, mean from ml.model_features", ("x", 1, 3.5, 2, 2.0)),
        (
            "select feature, feature_number, reason, measured_value from ml.model_feature_selection",
            ("z", 3, "uninformative", 0.5),
        ),
        ("select feature_count, offered_feature_count, version from ml.model_versions", (2, 3, 1)),
        ("select trial_number, estimator, metric_value from ml.model_trials", (0, "lightgbm", 0.5)),
        ("select curve, point_number, x, y, threshold from ml.model_curves", ("roc", 1, 0.0, 0.5, 0.9)),
        ("select actual, predicted, row_count from ml.model_confusion", ("no", "yes", 3)),
    ],
    ids=lambda value: value.split("ml.")[-1] if isinstance(value, str) else "",
)
def test_views_show_what_a_version_row_holds(project: Project, view: str, expected: tuple) -> None:
    assert expected in project.query(f"{view} where model_name = 'fresh' and version = 1")


def test_model_left_off_the_list_is_an_error_that_names_it(project: Project) -> None:
    run = project.dbt("compile", "--select", "model_versions", ml_models=["rain"])
    assert run.code != 0
    for name in ("altered", "fresh", "pinned"):
        assert f"leaves out '{name}'" in run.output
    assert "ml_models in dbt_project.yml" in run.output


def test_decisions_take_effect_at_once_and_are_recorded(project: Project) -> None:
    assert live(project) == [(1, "gates", False), (2, "gates", True)]

    run = operate(project, "rollback", model="rain")
    assert run.code == 0, run.output
    assert "The champion of rain is version 1 (rollback: from version 2)." in run.output
    assert champions(project)["rain"] == (1, "rollback: from version 2")

    run = operate(project, "promote", model="rain", version=3, reason="the owner's word", force=True)
    assert run.code == 0, run.output
    assert champions(project)["rain"] == (3, "promote (forced): the owner's word")
    with scoring.connect(str(project.warehouse)) as warehouse:
        resolved = scoring.registry.resolve(warehouse, "rain")
    assert resolved.version == 3

    before = live(project)
    assert build(project).code == 1  # version 3 fails its gate, and is held all the same
    assert live(project) == before

    run = operate(project, "release", model="rain")
    assert run.code == 0, run.output
    assert live(project) == [
        (1, "gates", False),
        (2, "gates", False),
        (1, "rollback: from version 2", False),
        (3, "promote (forced): the owner's word", False),
        (2, "gates", True),
    ]
    decisions = "select action, version, reason, is_forced from ml.model_promotions order by decided_at"
    assert project.query(decisions) == [
        ("rollback", 1, "from version 2", False),
        ("promote", 3, "the owner's word", True),
        ("release", None, "back to the gates", False),
    ]


def test_history_tells_which_version_was_live_at_an_instant(project: Project) -> None:
    history = "from ml.champion_history where model_name = 'rain'"
    periods = project.query(f"select version, live_from_at, live_until_at {history} order by live_from_at")
    assert len(periods) > 2
    for version, since, _ in periods:
        at = f"live_from_at <= '{since}' and coalesce(live_until_at > '{since}', true)"
        assert project.query(f"select version {history} and {at}") == [(version,)]
    assert [until for _, _, until in periods] == [*(since for _, since, _ in periods[1:]), None]


REFUSED = [
    ("promote", {"model": "altered", "version": 1}, ("promote changes nothing", "'altered@1'", "SHA-256")),
    ("promote", {"model": "rain", "version": 3}, ("version 3 of 'rain'", "ml.model_gates", "force: true")),
    ("promote", {"model": "rain", "version": 9}, ("found 9", "1, 2, 3")),
    ("promote", {"model": "snow", "version": 1}, ("'snow'", "ml_models: rain, pinned, fresh, altered")),
    ("rollback", {"model": "fresh"}, ("'fresh'", "version 1 only", "name a version")),
    ("release", {"model": "pinned"}, ("'pinned'", "model_pins.csv pins it to version 1", "remove the pin")),
]
RUN_OPERATIONS = """
import json, sys
from dbt.cli.main import dbtRunner

for operation, arguments, _ in json.loads(sys.argv[1]):
    command = ["--no-use-colors", "run-operation", operation, "--args", json.dumps(arguments)]
    done = dbtRunner().invoke(command)
    assert not done.success, operation
    print("END OF OPERATION")
"""


def test_impossible_decisions_are_refused(project: Project) -> None:
    before = project.contents("ml")
    done = subprocess.run(
        [sys.executable, "-c", RUN_OPERATIONS, json.dumps(REFUSED)],
        cwd=project.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    outputs = " ".join(done.stdout.split()).split("END OF OPERATION")[:-1]
    for output, (_, _, facts) in zip(outputs, REFUSED, strict=True):
        for fact in facts:
            assert fact in output
    assert project.contents("ml") == before
