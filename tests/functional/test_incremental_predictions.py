"""Incremental predictions score what has no score yet, and forget what is gone; explanations beside them."""

from __future__ import annotations

from pathlib import Path

import ml_project
import pytest
from project import Project

SCORED = "select sample_id, scored_at, model_version from marts.tumour_scores order by sample_id"
Scored = dict[int, tuple[object, int]]


@pytest.fixture
def built(small: Project, tmp_path: Path) -> Project:
    return small.copy_to(tmp_path / "project")


def scored(project: Project) -> Scored:
    return {key: (at, version) for key, at, version in project.query(SCORED)}


def score_again(project: Project) -> set[int]:
    """Build the predictions, and return the rows that were scored."""
    before = scored(project)
    run = project.dbt("run", "-s", "rows_to_ask", "tumour_scores")
    assert run.code == 0, run.output
    return {key for key, score in scored(project).items() if before.get(key) != score}


def test_only_new_and_changed_rows_are_scored_and_gone_ones_are_dropped(built: Project) -> None:
    assert scored(built).keys() == set(range(100))
    assert score_again(built) == set()
    other = ml_project.ROWS.format(first=10, last=120, changed=50)
    ml_project.write(built, "models/marts/rows_to_ask.sql", other)
    assert score_again(built) == {50, *range(100, 121)}
    assert scored(built).keys() == set(range(10, 121))


def test_rows_of_another_version_are_scored_again(built: Project) -> None:
    run = built.dbt("build", "-s", "tumour", "--full-refresh")
    assert run.code == 0, run.output
    assert score_again(built) == set(range(100))
    assert {version for _, version in scored(built).values()} == {2}
    run = built.dbt("run-operation", "rollback", "--args", "{model: tumour}")
    assert run.code == 0, run.output
    assert score_again(built) == set(range(100))
    assert {version for _, version in scored(built).values()} == {1}


def test_explanations_add_up_to_the_raw_score(small: Project) -> None:
    off = small.query(
        "select max(abs(1 / (1 + exp(-list_sum(map_values(explanation)))) - prediction)), count(*), "
        "min(cardinality(explanation)), max(cardinality(explanation)) "
        "from marts.tumour_explanations inner join marts.tumour_scores using (sample_id)"
    )
    ((difference, *sizes),) = off
    assert difference < 1e-12
    assert sizes == [100, 4, 4]


def test_a_table_that_cannot_be_added_to_is_reported_and_so_is_a_wrong_number_of_explanations(
    built: Project,
) -> None:
    built.replace("models/marts/tumour_scores.sql", "outputs=['prediction'], key='sample_id'", "")
    assert built.dbt("run", "-s", "tumour_scores", "--full-refresh").code == 0
    ml_project.write(built, "models/marts/tumour_scores.sql", ml_project.ADDED_TO["tumour_scores"])
    run = built.dbt("run", "-s", "tumour_scores")
    assert run.code == 1
    assert "the column 'row_hash' is missing" in run.output

    built.replace("models/marts/tumour_scores.sql", "unique_key='sample_id',", "")
    run = built.dbt("run", "-s", "tumour_scores")
    assert run.code == 1, run.output
    assert "tumour_scores has no unique_key: rows that have changed would be in it twice" in run.output

    built.replace("models/marts/tumour_explanations.sql", "k=2", "k=0")
    run = built.dbt("compile", "-s", "tumour_explanations")
    assert run.code == 2
    assert "The k of explain is '0': it must be a whole number from 1 on" in run.output
