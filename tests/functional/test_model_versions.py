"""A build trains a version only when there is reason to, and scores with the one that passed its gates."""

from __future__ import annotations

import duckdb
from project import Project

YAML = "models/ml/flight_delay.yml"
SCORED = (
    "select model_version, count(*), sum(probability::decimal(18, 12)), max(scored_at) "
    "from marts.flight_delay_predictions group by 1"
)
FORGOTTEN = "flight_id like '2013-01-15-%'"
SCORED_LAST = (
    "select count(distinct scored_at), count(*), (select count(*) from marts.flight_delay_predictions where "
    f"{FORGOTTEN}) from marts.flight_delay_predictions "
    "where scored_at > (select min(scored_at) from marts.flight_delay_predictions)"
)


def test_a_second_build_trains_and_scores_nothing(project: Project) -> None:
    versions, scored = project.contents("ml"), project.query(SCORED)
    run = project.dbt("build")
    assert run.code == 0, run.output
    assert project.contents("ml") == versions
    assert project.query(SCORED) == scored


def test_a_refused_version_is_explained_and_the_champion_scores_on(project: Project) -> None:
    scored = project.query(SCORED)
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute(f"delete from marts.flight_delay_predictions where {FORGOTTEN}")
    project.replace(YAML, "params: {", "params: {num_iterations: 1, ")

    run = project.dbt("build", "-s", "flight_delay+")

    assert run.code == 1
    assert " ERROR=1 " in run.output
    failures = "from ml.gate_failures where metric = 'roc_auc' and comparison = 'min' and slice_value is null"
    ((version, observed),) = project.query(f"select version, round(observed, 6) {failures}")
    assert version == 2
    assert (
        f"Version 2 of flight_delay must have roc_auc on the test data of at least 0.74, but {observed} was "
        "observed: version 1 goes on scoring; improve the model or move the gate." in run.output
    )
    assert project.query("select version from ml.champions where model_name = 'flight_delay'") == [(1,)]
    (*same, rescored_at), *others = project.query(SCORED)
    assert (tuple(same), others) == (scored[0][:-1], [])
    assert rescored_at > scored[0][-1]
    ((builds, rows, forgotten),) = project.query(SCORED_LAST)
    assert (builds, rows) == (1, forgotten)
    assert rows > 0


def test_without_any_champion_nothing_is_predicted(project: Project) -> None:
    with duckdb.connect(str(project.warehouse)) as warehouse:
        for table in ("ml.flight_delay", "marts.flight_delay_predictions"):
            warehouse.execute(f"drop table {table}")
        warehouse.execute("delete from ml.champion_history where model_name = 'flight_delay'")
    project.replace(YAML, "{metric: roc_auc, min: 0.74}", "{metric: roc_auc, min: 0.99}")

    run = project.dbt("build", "-s", "flight_delay+")

    assert run.code == 1
    ((observed,),) = project.query("select round(observed, 6) from ml.gate_failures where threshold = 0.99")
    assert (
        f"Version 1 of flight_delay must have roc_auc on the test data of at least 0.99, but {observed} was "
        "observed: no version scores; improve the model or move the gate." in run.output
    )
    assert "'flight_delay' has no champion. Version 1 of flight_delay must have roc_auc" in run.output
    assert "marts.flight_delay_predictions" not in project.contents("marts", "ml")
    assert project.query("select version from ml.flight_delay") == [(1,)]
