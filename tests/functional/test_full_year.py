"""The whole year is read from the installed package instead of the seeds."""

from __future__ import annotations

from pathlib import Path

from project import UP_TO_TRAINING, Project

COUNTS = {
    "from marts.fct_flights": 336_776,
    "from marts.fct_flights where is_cancelled": 8_255,
    "from marts.fct_flights where flight_date = '2013-12-31'": 776,
    "from marts.fct_weather_observations": 26_115,
    "from features.flight_delay_features": 336_776,
    "from features.flight_delay_training": 327_346,
}


def test_a_year_of_flights_reaches_the_training_set(sources: Project, tmp_path: Path) -> None:
    year = sources.copy_to(tmp_path)
    run = year.dbt(*UP_TO_TRAINING, flights="full_year")
    assert run.code == 0, run.output
    assert {rows: year.query(f"select count(*) {rows}")[0][0] for rows in COUNTS} == COUNTS
