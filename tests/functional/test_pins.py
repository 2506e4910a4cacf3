"""A pin rules over gates; one that names a missing or altered version is refused and changes nothing."""

from __future__ import annotations

import duckdb
import pytest
from project import Project, Run
from registry import add_version, build, champions, make_project, measured, pin

GATES = [{"metric": "roc_auc", "min": 0.7}]
MODELS = ("held", "absent", "altered", "twice")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every model has two versions, of which the second is the champion."""
    project = make_project(tmp_path_factory.mktemp("pins"), dict.fromkeys(MODELS, GATES))
    for name in MODELS:
        for version in (1, 2):
            add_version(project, name, version, measured("roc_auc", 0.8), gates=GATES)
    run = build(project)
    assert run.code == 0, run.output
    assert champions(project) == dict.fromkeys(MODELS, (2, "gates"))
    return project


@pytest.fixture(scope="module")
def pinned(project: Project) -> Run:
    """The build after every model was pinned, all but one wrongly."""
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute("update ml.altered set artifact = 'other'::blob where version = 1")
    pin(project, [("held", 1, "audit"), ("absent", 7, "a typo"), ("altered", 1, "audit")])
    return build(project)


def test_pin_rules(project: Project, pinned: Run) -> None:
    assert champions(project)["held"] == (1, "pin: audit")
    assert "The pin of held" not in pinned.output


@pytest.mark.parametrize(
    ("model", "version", "reason"),
    [("absent", 7, "there is no such version"), ("altered", 1, "its artifact does not match its SHA-256")],
)
def test_wrong_pin_is_refused_and_the_champion_stays(
    project: Project, pinned: Run, model: str, version: int, reason: str
) -> None:
    assert pinned.code == 1
    assert (
        f"The pin of {model} to version {version} is refused, as {reason}: its champion stays;"
        in pinned.output
    )
    assert champions(project)[model] == (2, "gates")
    assert " ERROR=1 " in pinned.output
    assert " SKIP=0 " in pinned.output


@pytest.mark.usefixtures("pinned")
def test_pin_that_becomes_wrong_leaves_its_champion_and_a_pin_removed_gives_way_to_the_gates(
    project: Project,
) -> None:
    pin(project, [("held", 8, "a typo"), ("twice", 1, "one"), ("stranger", 1, "another project's")])
    run = build(project)
    assert "The pin of stranger to version 1 is refused, as there is no such model" in run.output
    assert champions(project)["held"] == (1, "pin: audit")
    assert champions(project)["twice"] == (1, "pin: one")
    pin(project, [])
    run = build(project)
    assert run.code == 0, run.output
    assert champions(project) == dict.fromkeys(MODELS, (2, "gates"))
    assert project.query(
        "select version, reason from ml.champion_history where model_name = 'held' order by live_from_at"
    ) == [(2, "gates"), (1, "pin: audit"), (2, "gates")]
