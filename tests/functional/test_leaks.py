"""The comparison behind the as-of tests finds leaks: each of these is built into a copy of the project."""

from __future__ import annotations

import pytest
from leakage import CUTOFF, FEATURES, differences
from project import Project

LEAKS: dict[str, tuple[str, str, str, set[str]]] = {
    "departures known by schedule": (
        "models/features/origin_congestion.sql",
        "departure_known_at as known_at",
        "scheduled_departure_at as known_at",
        {"origin_departures_1h", "origin_mean_departure_delay_3h", "origin_late_share_3h"},
    ),
    "arrival delays known at departure": (
        "models/features/destination_congestion.sql",
        "arrived_at as event_at,\n        arrival_known_at as known_at",
        "departed_at as event_at,\n        departed_at as known_at",
        {"destination_mean_arrival_delay_3h", "destination_mean_arrival_delay_12h"},
    ),
    "mean over all times": (
        "models/features/route_history.sql",
        "* from rolled",
        "* replace (avg(route_late_share_28d) over (partition by origin_airport_id, destination_airport_id) "
        "as route_late_share_28d) from rolled",
        {"route_late_share_28d"},
    ),
    "cancellations known at once": (
        "models/intermediate/int_departures_queued.sql",
        "from {{ ref('fct_flights') }}",
        "from (select * replace (if(is_cancelled, scheduled_departure_at, departure_known_at) "
        "as departure_known_at) from {{ ref('fct_flights') }})",
        {"origin_overdue_departures", "carrier_overdue_departures"},
    ),
    "weather known within its hour": (
        "models/features/origin_weather.sql",
        "observation_known_at as known_at",
        "observed_at as known_at",
        {"temperature_f", "origin_weather_age_minutes"},
    ),
}


@pytest.fixture(scope="module")
def leaky(yesterday: Project, early: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """What the comparison finds when each of the leaks is in the project."""
    late, then = (project.copy_to(tmp_path_factory.mktemp("leaky")) for project in (yesterday, early))
    changed = [path.split("/")[-1].removesuffix(".sql") for path, *_ in LEAKS.values()]
    selected = [*changed, "origin_queue", "carrier_queue", "flight_delay_features"]
    for project, variables in ((late, {}), (then, {"as_of": CUTOFF})):
        for path, honest, leaking, _ in LEAKS.values():
            project.replace(path, honest, leaking)
        run = project.dbt("run", "-s", *selected, **variables)
        assert run.code == 0, run.output
    return differences(late, then, FEATURES, condition=f"predicted_at <= timestamp '{CUTOFF}'")


@pytest.mark.parametrize("columns", [leak[-1] for leak in LEAKS.values()], ids=LEAKS)
def test_comparison_finds_a_leak(leaky: dict[str, int], columns: set[str]) -> None:
    assert columns <= leaky.keys()
