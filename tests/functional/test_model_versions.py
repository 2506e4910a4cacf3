"""A build trains a version only when there is reason to, and scores with the one that passed its gates."""

from __future__ import annotations

from pathlib import Path

from project import Project

YAML = "python_models/ml/flight_delay.yml"
SCORED = (
    "select model_version, count(*), sum(probability::decimal(18, 12)), max(scored_at) "
    "from marts.flight_delay_predictions group by 1"
)


def test_a_second_build_trains_nothing_and_predicts_the_same(project: Project) -> None:
    versions, scored = project.contents("ml"), project.query(SCORED)
    run = project.dbt("build")
    assert run.code == 0, run.output
    assert project.contents("ml") == versions
    (*same, rescored_at), *others = project.query(SCORED)
    assert (tuple(same), others) == (scored[0][:-1], [])
    assert rescored_at > scored[0][-1]


def test_a_refused_version_is_explained_and_the_champion_scores_on(project: Project) -> None:
    scored = project.query(SCORED)
    project.replace(YAML, "params: {", "params: {num_iterations: 1, ")

    run = project.dbt("build")

    assert run.code == 1
    assert " ERROR=1 " in run.output
    failures = "from ml.gate_failures order by metric"
    (asked, observed), _ = project.query(f"select threshold, round(observed, 6) {failures}")
    assert (
        f"Version 2 of flight_delay must have log_loss on the test data of at most {asked}, "
        f"but {observed} was observed (2 of its gates failed): it is refused as champion; "
        "improve the model or move the gate." in run.output
    )
    assert project.query(f"select version, metric {failures}") == [(2, "log_loss"), (2, "roc_auc")]
    assert project.query("select version from ml.champions") == [(1,)]
    (*same, rescored_at), *others = project.query(SCORED)
    assert (tuple(same), others) == (scored[0][:-1], [])
    assert rescored_at > scored[0][-1]


def test_without_any_champion_nothing_is_predicted(sources: Project, tmp_path: Path) -> None:
    project = sources.copy_to(tmp_path)
    project.replace(YAML, "{metric: roc_auc, min: 0.74}", "{metric: roc_auc, min: 0.99}")

    run = project.dbt("build")

    assert run.code == 1
    (observed,) = project.query("select round(observed, 6) from ml.gate_failures")[0]
    assert (
        f"must have roc_auc on the test data of at least 0.99, but {observed} was observed (1 of"
        in run.output
    )
    assert (
        "The model flight_delay must have a version that passed its gates before it can score, "
        "but it has none: see ml.gate_failures, then improve the model or move the gate." in run.output
    )
    assert "marts.flight_delay_predictions" not in project.contents("marts", "ml")
    assert project.query("select version from ml.flight_delay") == [(1,)]
