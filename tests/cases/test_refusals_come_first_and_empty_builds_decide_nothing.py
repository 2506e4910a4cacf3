"""A refused training is reported once, by what it concerns; `--empty` trains and decides nothing."""

from __future__ import annotations

import json

import own_project
import pytest
from project import REGISTRY, Project, Run

ROWS = "".join(f"{n},{n % 7},{n % 5},{(n % 7) * 2 + n % 5}\n" for n in range(300))
TYPES = {"id": "integer", "rooms": "integer", "floor": "integer", "price": "double"}
GOOD = {
    "task": "regression",
    "label": "price",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "params": {"num_iterations": 20, "min_data_in_leaf": 5},
}
NEVER = {**GOOD, "gates": [{"metric": "rmse", "max": 0.0}]}
MODELS = {"good": GOOD, "without_label": {**GOOD, "label": "prise"}, "gated": NEVER}
SELECTED = ("package:own", REGISTRY)
CAUSE = "'prise', the model's label"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    predictions = "{{{{ warehouse_ml.predict(ref('{}'), ref('houses')) }}}}"
    return own_project.make(
        tmp_path_factory.mktemp("own"),
        {"houses": f"id,rooms,floor,price\n{ROWS}"},
        MODELS,
        files={
            "seeds/houses.yml": json.dumps(
                {"seeds": [{"name": "houses", "config": {"column_types": TYPES}}]}
            ),
            **{f"models/marts/{name}_scores.sql": predictions.format(name) for name in MODELS},
        },
    )


@pytest.fixture(scope="module")
def built(project: Project) -> Run:
    return project.build("-s", *SELECTED)


def errors(run: Run) -> str:
    """Return what dbt lists at the end."""
    return run.output.partition("Completed with")[2]


def test_cause_is_listed_once_and_by_what_it_concerns(built: Run) -> None:
    assert built.code == 1
    assert errors(built).count(CAUSE) == 1
    assert "Failure in model without_label_scores" in errors(built).partition(CAUSE)[0]


def test_predictions_say_which_gates_their_model_does_not_meet(built: Run) -> None:
    assert (
        "Model 'gated' has no champion. Version 1 of gated must have rmse on the test data of at most 0"
        in errors(built)
    )


@pytest.mark.usefixtures("built")
def test_other_models_score(project: Project) -> None:
    assert project.query("select count(*) from marts.good_scores") == [(300,)]
    decisions = "select model_name, version, action from ml.decisions order by all"
    assert project.query(decisions) == [
        ("gated", None, "refuse"),
        ("good", 1, "accept"),
        ("without_label", None, "refuse"),
    ]


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize("option", [["--empty"], ["--sample", "1 day"]])
def test_build_without_data_is_green_and_decides_nothing(project: Project, option: list[str]) -> None:
    registry = "select model_name, version from ml.champions"
    decisions = "select count(*), max(sequence) from ml.decisions"
    before, decided = project.query(registry), project.query(decisions)

    run = project.dbt("build", "-s", *SELECTED, *option)

    assert run.code == 0, run.output
    assert "Completed successfully" in run.output
    assert project.query(registry) == before == [("good", 1)]
    assert project.query(decisions) == decided
    assert project.query("select count(*) from ml.good") == [(1,)]
    assert project.query("select count(*) from ml.model_metrics where model_name = 'gated'") != [(0,)]
    assert project.query("select count(*) from marts.good_scores") == [(0 if "--empty" in option else 300,)]
