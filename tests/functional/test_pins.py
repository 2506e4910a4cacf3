"""A pin rules over gates; one that names a missing or altered version is refused and changes nothing."""

from __future__ import annotations

import duckdb
import pytest
from project import Project, Run
from registry import add_version, build, champions, make_project, measured, pin

GATES = [{"metric": "roc_auc", "min": 0.7}]
MODELS = ("held", "absent", "altered")
WRONG = [
    ("held", 8, "a typo", "there is no such version"),
    ("absent", 7, "a typo", "there is no such version"),
    ("altered", 1, "audit", "its artifact does not match its SHA-256"),
    ("stranger", 1, "another project's", "there is no such model"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every model has two versions; one is pinned to its first."""
    project = make_project(tmp_path_factory.mktemp("pins"), dict.fromkeys(MODELS, GATES))
    for name in MODELS:
        for version in (1, 2):
            add_version(project, name, version, measured("roc_auc", 0.8), gates=GATES)
    pin(project, [("held", 1, "audit")])
    run = build(project)
    assert run.code == 0, run.output
    return project


@pytest.fixture(scope="module")
def wrong(project: Project) -> Run:
    """The build after every model was pinned wrongly."""
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute("update ml.altered set artifact = 'other'::blob where version = 1")
    pin(project, [(model, version, why) for model, version, why, _ in WRONG])
    return build(project)


def test_pin_rules(project: Project) -> None:
    assert champions(project) == {"held": (1, "pin: audit"), "absent": (2, "gates"), "altered": (2, "gates")}


@pytest.mark.parametrize(("model", "version", "why", "refusal"), WRONG)
def test_wrong_pin_is_refused(wrong: Run, model: str, version: int, why: str, refusal: str) -> None:
    assert wrong.code == 1
    assert f"The pin of {model} to version {version} is refused, as {refusal}: its champion" in wrong.output
    assert " ERROR=1 " in wrong.output
    assert " SKIP=0 " in wrong.output


@pytest.mark.usefixtures("wrong")
def test_wrong_pins_leave_the_champions_and_without_pins_the_gates_rule(project: Project) -> None:
    test_pin_rules(project)
    pin(project, [])
    run = build(project)
    assert run.code == 0, run.output
    assert champions(project) == dict.fromkeys(MODELS, (2, "gates"))
    assert project.query(
        "select version, reason from ml.champion_history where model_name = 'held' order by live_from_at"
    ) == [(1, "pin: audit"), (2, "gates")]
