"""Incremental predictions score what has no score yet, and forget what is gone; explanations beside them."""

from __future__ import annotations

from pathlib import Path

import ml_project
import pytest
from project import Project

ROWS = """
select
    sample_id,
    mean_radius + case when sample_id = {{ var('changed', -1) }} then 1e0 else 0e0 end as mean_radius,
    mean_texture,
    mean_area,
    mean_concavity
from {{ ref('samples') }}
where sample_id between {{ var('first', 0) }} and {{ var('last', 99) }}
"""
PREDICTIONS = """
{{ config(
    materialized='incremental',
    unique_key='sample_id',
    post_hook="{{ warehouse_ml.drop_gone_rows(ref('rows_to_ask'), key='sample_id') }}"
) }}

{{ warehouse_ml.predict(ref('tumour'), ref('rows_to_ask'), outputs=['prediction'], key='sample_id') }}
"""
EXPLANATIONS = "{{ warehouse_ml.explain(ref('tumour'), ref('rows_to_ask'), k=2) }}"
SCORED = "select sample_id, scored_at, model_version from marts.tumour_predictions order by sample_id"
Scored = dict[int, tuple[object, int]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = ml_project.make(tmp_path_factory.mktemp("incremental"))
    ml_project.write(project, "models/marts/rows_to_ask.sql", ROWS)
    ml_project.write(project, "models/marts/tumour_predictions.sql", PREDICTIONS)
    ml_project.write(project, "models/marts/tumour_explanations.sql", EXPLANATIONS)
    run = project.dbt("build")
    assert run.code == 0, run.output
    return project


@pytest.fixture
def built(project: Project, tmp_path: Path) -> Project:
    return project.copy_to(tmp_path / "project")


def scored(project: Project) -> Scored:
    return {key: (at, version) for key, at, version in project.query(SCORED)}


def score_again(project: Project, **variables: str) -> set[int]:
    """Build the predictions, and return the rows that were scored."""
    before = scored(project)
    run = project.dbt("run", "-s", "rows_to_ask", "tumour_predictions", **variables)
    assert run.code == 0, run.output
    return {key for key, found in scored(project).items() if before.get(key) != found}


def test_only_new_and_changed_rows_are_scored_and_gone_ones_are_dropped(built: Project) -> None:
    assert scored(built).keys() == set(range(100))
    assert score_again(built) == set()
    assert score_again(built, first="10", last="120", changed="50") == {50, *range(100, 121)}
    assert scored(built).keys() == set(range(10, 121))


def test_rows_of_another_version_are_scored_again(built: Project) -> None:
    run = built.dbt("build", "-s", "tumour+", "--full-refresh", "--exclude", "tumour_predictions")
    assert run.code == 0, run.output
    assert score_again(built) == set(range(100))
    assert {version for _, version in scored(built).values()} == {2}
    run = built.dbt("run-operation", "rollback", "--args", "{model: tumour}")
    assert run.code == 0, run.output
    assert score_again(built) == set(range(100))
    assert {version for _, version in scored(built).values()} == {1}


def test_a_table_that_cannot_be_added_to_is_told(built: Project) -> None:
    built.replace("models/marts/tumour_predictions.sql", "outputs=['prediction'], key='sample_id'", "")
    assert built.dbt("run", "-s", "tumour_predictions", "--full-refresh").code == 0
    ml_project.write(built, "models/marts/tumour_predictions.sql", PREDICTIONS)
    run = built.dbt("run", "-s", "tumour_predictions")
    assert run.code == 1
    assert "but found no 'row_hash': select it, and build once with --full-refresh" in run.output


def test_explanations_add_up_to_the_raw_score(built: Project) -> None:
    off = built.query(
        "select max(abs(1 / (1 + exp(-list_sum(map_values(explanation)))) - prediction)), count(*), "
        "min(cardinality(explanation)), max(cardinality(explanation)) "
        "from marts.tumour_explanations inner join marts.tumour_predictions using (sample_id)"
    )
    ((difference, *sizes),) = off
    assert difference < 1e-12
    assert sizes == [100, 4, 4]


def test_a_wrong_number_of_explanations_is_told(built: Project) -> None:
    built.replace("models/marts/tumour_explanations.sql", "k=2", "k=0")
    run = built.dbt("compile", "-s", "tumour_explanations")
    assert run.code == 2
    assert "The k of explain must be a whole number from 1 on" in run.output
