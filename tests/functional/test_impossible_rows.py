"""Rows that cannot be true end the build upstream of everything that is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from project import Lines, line


def values(**changed: str) -> Callable[[str], str]:
    """Return a change of values by their position in the line, as in v3="2575"."""
    return lambda text: ",".join(changed.get(f"v{n}", value) for n, value in enumerate(text.split(",")))


CASES: dict[str, tuple[str, Callable[[Lines], Lines], str]] = {
    "flight twice": (
        "flights.csv",
        lambda lines: [*lines, lines[4999]],
        "base_flights must have one row per flight_id, but found 1",
    ),
    "airline twice": (
        "airlines.csv",
        lambda lines: [*lines, lines[1]],
        "stg_airlines must have one row per airline_id, but found 1",
    ),
    "airport twice": (
        "airports.csv",
        lambda lines: [*lines, lines[1]],
        "stg_airports must have one row per airport_id, but found 1",
    ),
    "clock 2575": (
        "flights.csv",
        line(5000, values(v3="2575")),
        "base_flights must have clock numbers that are times of day, hours * 100 + minutes from 0 to 2400,",
    ),
    "30 February": (
        "flights.csv",
        line(5000, values(v1="2", v2="30")),
        "base_flights must name airline, airports, a possible date and scheduled clocks in every row, but",
    ),
    "weather hour 26": (
        "weather.csv",
        line(5000, values(v10="2013-03-01T26:00:00Z")),
        "base_weather must have an airport, an hour, percentages from 0 to 100",
    ),
    "origin unknown": (
        "flights.csv",
        line(5000, values(v12="XXX")),
        "base_flights must name as origin_airport_id only what stg_airports has, but found 1 row(s)",
    ),
    "destination unknown": (
        "flights.csv",
        line(5000, values(v13="XXX")),
        "base_flights must name as destination_airport_id only what stg_airports has, but found 1 row(s)",
    ),
    "airline unknown": (
        "flights.csv",
        line(5000, values(v9="XX")),
        "base_flights must name as airline_id only what stg_airlines has, but found 1 row(s) with another",
    ),
}


@pytest.mark.parametrize(("file", "change", "sentence"), CASES.values(), ids=CASES)
def test_build_ends_and_what_is_read_stays(
    assert_refused: Callable[..., None], file: str, change: Callable[[Lines], Lines], sentence: str
) -> None:
    assert_refused(file, change, sentence, "marts", "features", "ml")


def test_aircraft_listed_twice_is_told(assert_refused: Callable[..., None]) -> None:
    # Predictions do not read the registry of aircraft: they are made anew.
    sentence = "stg_aircraft must have one row per aircraft_id, but found 1"
    assert_refused("aircraft.csv", lambda lines: [*lines, lines[1]], sentence, "features")
