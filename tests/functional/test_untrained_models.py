"""A training that breaks a rule ends the build non-zero, and stops neither its champion nor other models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ml_project import CONFIG, PREDICTIONS, QUERY, declare, make, write
from project import Project, Run

MODELS = ("tumour", "changed", "unborn")
SCORED = "select distinct model_version, scored_at from marts.{}_predictions"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two models in SQL, trained and scoring."""
    project = make(tmp_path_factory.mktemp("untrained") / "project")
    declare(project, name="changed")
    write(project, "models/marts/changed_predictions.sql", PREDICTIONS.replace("tumour", "changed"))
    project.replace("dbt_project.yml", "ml_models: [tumour]", "ml_models: [tumour, changed]")
    run = project.dbt("build")
    assert run.code == 0, run.output
    return project


@pytest.fixture(scope="module")
def before(project: Project) -> dict[str, tuple]:
    return {name: project.query(SCORED.format(name))[0] for name in ("tumour", "changed")}


@pytest.fixture(scope="module")
def broken(project: Project, before: dict[str, tuple]) -> Run:
    """The build after one model was broken, one changed, and one came that breaks a rule from the start."""
    declare(project, {**CONFIG, "seed": -1, "labl": "x"})
    declare(project, {**CONFIG, "seed": 7}, name="changed")
    declare(project, query=f"{QUERY} limit 40", name="unborn")
    project.replace("dbt_project.yml", "[tumour, changed]", json.dumps(MODELS))
    return project.dbt("build")


def test_build_ends_with_the_sentences(broken: Run) -> None:
    assert broken.code == 1
    assert "Model 'tumour' has 2 problems under config: meta: ml: 1. ml.seed is -1;" in broken.output
    assert "Model 'unborn' has 1 problem in its training data: there must be at least 50" in broken.output
    assert " SKIP=0 " in broken.output
    assert "Traceback" not in broken.output


@pytest.mark.usefixtures("broken")
def test_other_models_are_trained_gated_and_scored(project: Project) -> None:
    assert project.query("select version, changes from ml.changed order by 1") == [
        (1, ["first"]),
        (2, ["config"]),
    ]
    assert [version for version, _ in project.query(SCORED.format("changed"))] == [2]


@pytest.mark.usefixtures("broken")
def test_old_champion_goes_on_scoring(project: Project, before: dict[str, tuple]) -> None:
    assert project.query("select version from ml.tumour") == [(1,)]
    ((version, scored_at),) = project.query(SCORED.format("tumour"))
    assert version == 1
    assert scored_at > before["tumour"][1]


@pytest.mark.usefixtures("broken")
def test_model_that_was_never_trained_has_no_version(project: Project) -> None:
    assert project.query("select * from ml.unborn") == []
    assert project.query("select model_name, version from ml.champions order by 1") == [
        ("changed", 2),
        ("tumour", 1),
    ]


@pytest.mark.usefixtures("broken")
def test_run_results_say_which_model_was_not_trained(project: Project) -> None:
    results = json.loads((Path(project.folder) / "target/run_results.json").read_text())["results"]
    messages = {result["unique_id"].split(".")[-1]: result["message"] for result in results}
    assert messages["unborn"].startswith("NOT TRAINED: Model 'unborn' has 1 problem")
    assert messages["changed"] == "OK"


@pytest.mark.usefixtures("broken")
def test_run_of_one_model_alone_ends_non_zero(project: Project) -> None:
    run = project.dbt("run", "--select", "unborn")
    assert run.code == 1
    assert "Model 'unborn' has 1 problem in its training data" in run.output
