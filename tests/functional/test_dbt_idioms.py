"""What dbt's users do every day works with models: two of them, each with predictions, in one project.

The tests are one story: each starts from where the one before it ended.
"""

from __future__ import annotations

import json
import shutil

import duckdb
import pytest
from ml_project import CONFIG, QUERY, declare, write, write_samples
from project import Project, Run, install

import scoring

PROJECT = """
name: idioms
version: 0.1.0
config-version: 2
profile: idioms
flags: {send_anonymous_usage_stats: false}
models:
  idioms: {+materialized: table, ml: {+schema: ml}}
"""
# Schemas are those of dbt itself: dev_alice, and dev_alice_ml for the models.
PROFILE = """
idioms:
  target: alice
  outputs:
    alice: &alice
      type: duckdb
      path: warehouse.duckdb
      schema: dev_alice
      threads: 2
      plugins: [{module: scoring.plugin, alias: warehouse_ml}]
    bob: {<<: *alice, schema: dev_bob}
    production: {<<: *alice, path: production.duckdb, schema: analytics}
    deferred: {<<: *alice, path: local.duckdb, schema: carol, attach: [{path: production.duckdb, read_only: true}]}
"""
MONITOR = """
    {{ config(
        materialized='ml_monitor',
        meta={'ml_monitor': {'model': 'a', 'key': 'sample_id', 'time': 'scored_at'}},
    ) }}
    select * from {{ ref('samples') }} inner join {{ ref('a_predictions') }} using (sample_id)
"""
PREDICTIONS = "{{{{ warehouse_ml.predict(ref('{0}'), ref('samples')) }}}}"
MODELS = {"a", "b", "a_predictions", "b_predictions"}
KEPT = ("pipeline_nodes", "retrain_decisions", "run_events")
"""What every run appends to, the second where it trains."""
VERSIONS = "select version from dev_alice_ml.{} order by version"
DECISIONS = "select model_name, version, action from dev_alice_ml.decisions order by sequence"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("idioms"))
    install(project)
    write(project, "dbt_project.yml", PROJECT.lstrip())
    write(project, "profiles.yml", PROFILE)
    write_samples(project)
    for name in ("a", "b"):
        declare(project, name=name)
        write(project, f"models/marts/{name}_predictions.sql", PREDICTIONS.format(name))
    return project


def nodes(project: Project) -> dict[str, str]:
    """Return what became of each node of the last run, tests and hooks aside."""
    results = json.loads((project.folder / "target/run_results.json").read_text())["results"]
    own = (
        result
        for result in results
        if result["unique_id"].split(".")[:2] in (["model", "idioms"], ["seed", "idioms"])
    )
    return {result["unique_id"].split(".")[2]: result["status"] for result in own}


def listed(project: Project, *arguments: str) -> set[str]:
    run = project.dbt("--quiet", "ls", "--output", "name", "--resource-type", "model", *arguments)
    assert run.code == 0, run.output
    return set(run.output.split())


def scored(project: Project, name: str) -> tuple:
    """Return which version the predictions are of, and since when."""
    return project.query(f"select distinct model_version, scored_at from dev_alice.{name}_predictions")[0]


def good(run: Run) -> Run:
    assert run.code == 0, run.output
    return run


def test_the_predictions_of_a_model_need_that_model_alone(project: Project) -> None:
    good(project.dbt("build", "--select", "+a_predictions"))
    assert nodes(project) == dict.fromkeys(("samples", "a", "a_predictions"), "success")
    tables = "select schema_name || '.' || table_name from duckdb_tables() order by 1"
    assert [name for (name,) in project.query(tables)] == [
        "dev_alice.a_predictions",
        "dev_alice.samples",
        "dev_alice_ml.a",
        "dev_alice_ml.decisions",
        *(f"dev_alice_monitoring.{name}" for name in KEPT),
    ]


def test_eight_threads_build_the_rest_and_train_nothing_anew(project: Project) -> None:
    good(project.dbt("build", "--select", "package:idioms", "--threads", "8"))
    assert nodes(project).keys() >= MODELS
    assert project.query(DECISIONS) == [("a", 1, "accept"), ("b", 1, "accept")]
    shutil.copytree(project.folder / "target", project.folder / "state")


def test_compile_and_show_read_a_model_as_any_node(project: Project) -> None:
    good(project.dbt("compile", "--select", "a", "a_predictions"))
    shown = good(project.dbt("show", "--select", "a", "--limit", "3"))
    assert "is_benign" in shown.output


def test_a_change_of_one_model_selects_what_depends_on_it_alone(project: Project) -> None:
    modified = ("--select", "state:modified+", "--state", "state")
    declare(project, {**CONFIG, "seed": 7}, name="a")
    assert listed(project, *modified) == {"a", "a_predictions"}
    declare(project, query=f"{QUERY} where mean_area > 200", name="a")
    assert listed(project, *modified) == {"a", "a_predictions"}


def test_runs_without_data_end_well_and_decide_nothing(project: Project) -> None:
    before = project.contents("dev_alice_ml")
    for option in (["--empty"], ["--sample", "1 day"]):
        good(project.dbt("build", "--select", "package:idioms", *option))
        assert nodes(project).keys() >= MODELS
        assert project.contents("dev_alice_ml") == before


def test_a_broken_model_stops_no_other_nor_its_own_champion(project: Project) -> None:
    before = [scored(project, name) for name in ("a", "b")]
    declare(project, query="select * from nowhere", name="a")

    run = project.dbt("build", "--select", "package:idioms", "--fail-fast")

    assert run.code == 1
    assert run.output.count("Table with name nowhere") == 1
    assert nodes(project) == dict.fromkeys([*MODELS, "samples"], "success")
    after = [scored(project, name) for name in ("a", "b")]
    assert [version for version, _ in after] == [1, 1]
    assert all(new > old for (_, old), (_, new) in zip(before, after, strict=True))


def test_retry_goes_on_where_a_build_failed(project: Project) -> None:
    declare(project, name="a")
    write(project, "models/marts/b_predictions.sql", "select error('no disk') as broken")
    run = project.dbt("build", "--select", "package:idioms")
    assert run.code == 1
    assert nodes(project)["b_predictions"] == "error"

    write(project, "models/marts/b_predictions.sql", PREDICTIONS.format("b"))
    good(project.dbt("retry"))
    assert nodes(project) == {"b_predictions": "success"}


def test_two_developers_have_a_model_each_in_one_file(project: Project) -> None:
    alice = scored(project, "a")
    declare(project, {**CONFIG, "params": {**CONFIG["params"], "num_iterations": 3}}, name="a")
    good(project.dbt("build", "--select", "+a_predictions", "--target", "bob"))

    assert scored(project, "a") == alice
    assert project.query("select distinct model_version from dev_bob.a_predictions") == [(1,)]
    with scoring.connect(str(project.warehouse)) as warehouse:
        for schema, predictions in (("dev_alice_ml", "dev_alice"), ("dev_bob_ml", "dev_bob")):
            differing = warehouse.sql(
                f"select count(*) filter (where prediction <> ml_predict('{schema}.a', samples)), count(*) "
                f"from {predictions}.a_predictions inner join {predictions}.samples as samples using (sample_id)"
            )
            assert differing.fetchall() == [(0, 569)]
        with pytest.raises(duckdb.Error, match=r"dev_alice_ml\.a.*dev_bob_ml\.a"):
            warehouse.sql("select ml_predict('a', samples) from dev_bob.samples as samples").fetchall()


def test_a_deferred_model_scores_and_is_monitored_with_the_champion_of_production(project: Project) -> None:
    write(project, "models/marts/a_monitor.sql", MONITOR)
    good(
        project.dbt(
            "build", "--select", "package:idioms", "--target", "production", "--target-path", "released"
        )
    )
    good(
        project.dbt(
            *(
                "build",
                "--select",
                "a_predictions",
                "a_monitor",
                "--defer",
                "--state",
                "released",
                "--target",
                "deferred",
            )
        )
    )
    with duckdb.connect(str(project.folder / "local.duckdb"), read_only=True) as carol:
        carol.execute(f"attach '{project.folder}/production.duckdb' as production (read_only)")
        tables = carol.sql(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'local'"
        )
        kept = {(f"carol_monitoring.{name}",) for name in KEPT if name != "retrain_decisions"}
        assert set(tables.fetchall()) == {("carol.a_predictions",), ("carol.a_monitor",), *kept}
        monitored = carol.sql(
            "select distinct model_schema, model_name, version, row_count from carol.a_monitor"
        )
        assert monitored.fetchall() == [("analytics_ml", "a", 1, 569)]
        compared = carol.sql(
            "select count(*), count(*) filter (where own.prediction = published.prediction), max(own.model_version) "
            "from carol.a_predictions as own inner join production.analytics.a_predictions as published "
            "using (sample_id)"
        )
        assert compared.fetchall() == [(569, 569, 1)]


def test_a_clone_reads_what_it_was_cloned_from(project: Project) -> None:
    good(project.dbt("clone", "--select", "b", "b_predictions", "--state", "state", "--target", "bob"))
    assert project.query("select version from dev_bob_ml.b") == [(1,)]
    good(project.dbt("build", "--select", "b+", "--target", "bob"))
