"""Features and predictions in an attached DuckLake, models in the warehouse's own file."""

from __future__ import annotations

import duckdb
import pytest
from ml_project import ADDED_TO, declare, write, write_samples
from project import Project, install, profile

from scoring.duckdb_extensions import load_extension

PROJECT = """
name: lakeside
version: 0.1.0
config-version: 2
profile: lakeside
flags: {send_anonymous_usage_stats: false}
models:
  lakeside:
    +materialized: table
    features: {+database: lake, +schema: features}
    ml: {+schema: ml}
    marts: {+database: lake, +schema: marts}
"""
PROFILE = profile(
    "lakeside",
    config={"extensions": ["ducklake"]},
    attach=[{"path": "ducklake:lake.ducklake", "alias": "lake"}],
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("lakeside"))
    install(project)
    write(project, "dbt_project.yml", PROJECT.lstrip())
    write(project, "profiles.yml", PROFILE)
    write_samples(project)
    write(project, "models/features/sample_features.sql", "select * from {{ ref('samples') }}")
    declare(project, query="select * from {{ ref('sample_features') }}")
    write(
        project,
        "models/marts/tumour_predictions.sql",
        "{{ warehouse_ml.predict(ref('tumour'), ref('sample_features')) }}",
    )
    for name in ("rows_to_ask", "tumour_scores"):
        write(
            project,
            f"models/marts/{name}.sql",
            ADDED_TO[name].replace("ref('samples')", "ref('sample_features')"),
        )
    run = project.dbt("build", "--select", "package:lakeside")
    assert run.code == 0, run.output
    return project


def in_lake(project: Project, query: str) -> list[tuple]:
    """Return what another process reads of the lake alone."""
    with duckdb.connect() as connection:
        load_extension(connection, "ducklake")
        connection.execute(f"attach 'ducklake:{project.folder}/lake.ducklake' as lake (read_only)")
        return connection.sql(query).fetchall()


def test_predictions_lie_in_the_lake(project: Project) -> None:
    ((rows, version),) = in_lake(
        project, "select count(prediction), max(model_version) from lake.main_marts.tumour_predictions"
    )
    assert (rows, version) == (569, 1)
    assert project.query("select version from main_ml.decisions") == [(1,)]


def test_a_second_build_trains_nothing_and_adds_nothing(project: Project) -> None:
    scores = "select sample_id, prediction, scored_at from lake.main_marts.tumour_scores order by 1"
    before = in_lake(project, scores)
    run = project.dbt("build", "--select", "package:lakeside")
    assert run.code == 0, run.output
    assert in_lake(project, scores) == before
    assert project.query("select count(*) from main_ml.tumour") == [(1,)]


def test_increments_reach_the_lake(project: Project) -> None:
    project.replace("models/marts/rows_to_ask.sql", "between 0 and 99", "between 10 and 109")
    run = project.dbt("build", "--select", "rows_to_ask", "tumour_scores")
    assert run.code == 0, run.output
    ids = in_lake(
        project, "select min(sample_id), max(sample_id), count(*) from lake.main_marts.tumour_scores"
    )
    assert ids == [(10, 109, 100)]


def test_an_extension_that_is_not_installed_is_named(project: Project) -> None:
    project.replace("profiles.yml", '["ducklake"]', '["ducklake", "nothing_such"]')
    run = project.dbt("build")
    assert run.code != 0
    assert "'nothing_such' is missing" in run.output
    assert f"pip install duckdb-extension-nothing-such=={duckdb.__version__}" in run.output
    assert "Traceback" not in run.output
