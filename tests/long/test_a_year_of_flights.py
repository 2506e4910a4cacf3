"""The whole year that is read from the installed package passes every test on its way to the training set."""

from __future__ import annotations

from pathlib import Path

from project import UP_TO_TRAINING, Project
from test_full_year import COUNTS, counted

TO_TRAINING = {
    **COUNTS,
    "from features.flight_delay_features": 336_776,
    "from features.flight_delay_training": 327_346,
}


def test_a_year_of_flights_reaches_the_training_set(sources: Project, tmp_path: Path) -> None:
    year = sources.copy_to(tmp_path)
    run = year.dbt(*UP_TO_TRAINING, flights="full_year")
    assert run.code == 0, run.output
    assert counted(year, TO_TRAINING) == TO_TRAINING
