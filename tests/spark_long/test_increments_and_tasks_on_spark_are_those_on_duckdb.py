"""Increments of scores, a model that tasks of Spark fit, and a second process, in the project of people on both."""

from __future__ import annotations

from collections.abc import Iterator

import own_project
import pytest
from people_project import BLOCK, Both, on_both

KEPT = "select person_id, prediction, model_version from marts.kept_scores order by person_id"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    with on_both(tmp_path_factory.mktemp("own")) as both:
        yield both


def test_increments_score_new_rows_and_drop_those_that_are_gone(both: Both) -> None:
    scored_at = (
        "select person_id, scored_at from marts.kept_scores where person_id between 200 and 499 order by 1"
    )
    before: list[tuple] = []
    for first in (0, 200, 200):
        arguments = ("build", "-s", "some_people", "kept_scores", "--vars", f"first_person: {first}")
        for run in (both.duckdb.plain(*arguments), both.spark.dbt(*arguments)):
            assert run.code == 0, run.output
        duckdb, spark = both.rows(KEPT)
        assert duckdb == spark
        assert [key for key, *_ in spark] == list(range(first, first + 500))
        before = before or both.spark.rows(scored_at)
        assert both.spark.rows(scored_at) == before  # which were not scored again


def test_a_second_process_waits_for_the_metastore_in_a_sentence(both: Both) -> None:
    run = both.duckdb.plain("run", "-s", "scores", "--target", "spark")
    assert run.code != 0
    assert "one process at a time" in run.output and "spark-warehouse" in run.output
    assert "Traceback" not in run.output


# Enough rows for two tasks.
MANY_PEOPLE = """
select person_id + 900 * copies.number as person_id, seen_at, age, income, plan, is_gone
from {{ ref('people') }}
cross join (select explode(sequence(0, 3)) as number) as copies
"""


def test_tasks_of_spark_fit_a_model_together(both: Both) -> None:
    own_project.declare(both.duckdb, {**BLOCK, "distributed": True}, MANY_PEOPLE, "together")
    run = both.spark.dbt("build", "-s", "together")
    assert run.code == 0, run.output  # it has passed its gates
    ((notices, difference),) = both.spark.rows(
        "select array_join(notices, ' '), parity.max_absolute_difference from ml.together"
    )
    assert "in 2 tasks of Spark" in notices
    assert difference == 0
