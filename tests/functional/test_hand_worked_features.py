"""Features equal what a plain query finds among the facts known by the prediction time."""

from __future__ import annotations

import pytest
from project import Project


def mean_up_to_last(value: str, known_at: str, span: str, keys: str) -> str:
    """Return a query for the mean over a span that ends with the last fact known."""
    facts = (
        f"from marts.fct_flights where {keys} and {value} is not null and {known_at} <= spine.predicted_at"
    )
    return (
        f"select avg({value}) {facts} and {known_at} > (select max({known_at}) {facts}) - interval '{span}'"
    )


def in_six_hours(value: str) -> str:
    """Return a query for a value of the last hourly reading known and those of the five hours before it."""
    facts = (
        "from marts.fct_weather_observations where airport_id = spine.origin_airport_id "
        "and observation_known_at <= spine.predicted_at"
    )
    last = f"(select max(observed_at) {facts}) as last_at"
    hours = f"select unnest(generate_series(0, 5)) * interval '1 hour' as back, {last}"
    return f"select {value} {facts} and observed_at in (select last_at - back from ({hours}))"


SAME_CARRIER = "airline_id = spine.airline_id and origin_airport_id = spine.origin_airport_id"
FEATURES = {
    "carrier_mean_departure_delay_7d": mean_up_to_last(
        "departure_delay_minutes", "departure_known_at", "7 days", SAME_CARRIER
    ),
    "destination_mean_arrival_delay_12h": mean_up_to_last(
        "arrival_delay_minutes",
        "arrival_known_at",
        "12 hours",
        "destination_airport_id = spine.destination_airport_id",
    ),
    "aircraft_last_departure_delay": (
        "select departure_delay_minutes from marts.fct_flights where aircraft_id = spine.aircraft_id "
        "and departed_at <= spine.predicted_at order by departed_at desc, scheduled_duration_minutes limit 1"
    ),
    "carrier_overdue_departures": (
        f"select count(*) from marts.fct_flights where {SAME_CARRIER} "
        "and scheduled_departure_at between spine.predicted_at - interval '6 hours' + interval '1 second' "
        "and spine.predicted_at and coalesce(departure_known_at > spine.predicted_at, true)"
    ),
    "lowest_visibility_miles_6h": in_six_hours("min(visibility_miles)"),
    "precipitation_inches_6h": in_six_hours("round(sum(precipitation_inches), 2)"),
}


@pytest.mark.parametrize("feature", FEATURES)
def test_feature_is_what_a_plain_query_finds(yesterday: Project, feature: str) -> None:
    rows = yesterday.query(
        "with spine as materialized (from features.flight_delay_spine order by hash(flight_id) limit 300) "
        f"select {feature}, ({FEATURES[feature]}) from spine "
        "inner join features.flight_delay_features using (flight_id)"
    )
    assert sum(value is not None for value, _ in rows) > 200
    assert [row for row in rows if row[0] != row[1]] == []


def test_six_hours_of_hourly_readings_are_six(yesterday: Project) -> None:
    flight = "from features.flight_delay_features where flight_id = '2013-01-16-B6-1174-EWR'"
    assert yesterday.query(f"select precipitation_inches_6h {flight}") == [(0.35,)]
