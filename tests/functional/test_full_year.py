"""The whole year is read from the installed package instead of the seeds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from project import WITHOUT_TESTS, Project

MARTS = ("+fct_flights", "+fct_weather_observations")
COUNTS = {
    "from marts.fct_flights": 336_776,
    "from marts.fct_flights where is_cancelled": 8_255,
    "from marts.fct_flights where flight_date = '2013-12-31'": 776,
    "from marts.fct_weather_observations": 26_115,
}


def counted(year: Project, counts: Mapping[str, int]) -> dict[str, int]:
    """Return how many rows there are where counts are known."""
    return {rows: year.query(f"select count(*) {rows}")[0][0] for rows in counts}


def test_a_year_of_flights_reaches_the_marts(sources: Project, tmp_path: Path) -> None:
    year = sources.copy_to(tmp_path)
    run = year.dbt("build", "-s", *MARTS, *WITHOUT_TESTS, flights="full_year")
    assert run.code == 0, run.output
    assert counted(year, COUNTS) == COUNTS
