"""The flights around both changes of the clock, built by increments on both engines: the same rows, in every column."""

from __future__ import annotations

from collections.abc import Iterator

import flights_sample
import pytest
from project import Project
from spark_process import SparkProcess

ROWS_ONLY = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
FLIGHTS = ("+flight_delay_training", "+fct_airport_days", "+dim_dates")
# What no cutoff changes is not built again.
OF_ANY_CUTOFF = ("resource_type:seed", "path:models/staging/base", "stg_airports")
BEFORE_THE_CHANGE = "{as_of: '2013-11-02 18:00:00', lookback: '2 day'}"
AFTERWARDS = "{lookback: '2 day'}"


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, SparkProcess]]:
    """The flights around both changes of the clock, built as of the day before, and then by an increment."""
    project = flights_sample.make(tmp_path_factory.mktemp("flights"))
    with SparkProcess(project.folder) as spark:
        for variables, left_out in ((BEFORE_THE_CHANGE, ()), (AFTERWARDS, ("--exclude", *OF_ANY_CUTOFF))):
            selected = (*ROWS_ONLY, "--vars", variables, "-s", *FLIGHTS, *left_out)
            for run in (project.build(*selected), spark.build(*selected)):
                assert run.code == 0, run.output
        yield project, spark


def test_increments_of_the_days_when_clocks_change_give_the_same_rows(
    flights: tuple[Project, SparkProcess],
) -> None:
    _, spark = flights
    run = spark.parity()
    assert run.code == 0, run.output
    assert "features.flight_delay_features: 2,481 rows, 52 columns, equal." in run.output
    assert "16 tables are equal in dev and spark." in run.output


def test_the_hour_that_happens_twice_is_the_later_one(flights: tuple[Project, SparkProcess]) -> None:
    project, spark = flights
    query = (
        "select flight_number, cast(scheduled_departure_at as {}) from marts.fct_flights "
        "where flight_number in (9001, 9005) order by 1"
    )
    expected = [(9001, "2013-11-03 06:30:00"), (9005, "2013-03-10 07:30:00")]
    assert spark.rows(query.format("string")) == project.query(query.format("varchar")) == expected
