"""A small project of trips on routes, with leaky features of how late trips are, and the clean twin of each.

A trip's delay is predicted when it departs. It is reported when the trip arrives, before the next one
departs on the same route, and some reports are corrected a day and a half later.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from project import ROOT, Project, profile

CUTOFFS = ["2024-01-08 11:30:00", "2024-01-12 08:00:00"]
"""The first and the second are departures; a correction of what had arrived by the first comes after it."""

PROJECT = """
name: trips
version: 0.1.0
config-version: 2
profile: trips
flags: {send_anonymous_usage_stats: false}
models:
  warehouse_ml: {+enabled: false}
  trips: {+schema: trips, +materialized: table}
snapshots: {warehouse_ml: {+enabled: false}}
seeds: {trips: {+schema: raw}}
"""
# Far from UTC, where a timestamp is taken for local time wherever it meets one with a time zone.
PROFILE = profile("trips", settings={"TimeZone": "America/New_York"})
STAGING = {
    "trips": "select * from {{ ref('raw_trips') }} where {{ warehouse_ml.is_known('departed_at') }}",
    "reports": "select * from {{ ref('raw_reports') }} where {{ warehouse_ml.is_known('known_at') }}",
    "first_reports": """
        select * from {{ ref('reports') }}
        qualify row_number() over (partition by trip_id order by known_at) = 1
    """,
}
MEAN_OF_REPORTS = """
    select
        trips.trip_id,
        trips.departed_at as predicted_at,
        avg(reports.delay_minutes) as mean_delay_minutes,
        max(reports.known_at) as last_known_at
    from {{{{ ref('trips') }}}} as trips
    left join {{{{ ref('first_reports') }}}} as reports on {condition}
    group by 1, 2
"""
WINDOW_OF_TRIPS = """
    select
        trips.trip_id,
        trips.departed_at as predicted_at,
        avg(reports.delay_minutes) over last_day as mean_delay_minutes,
        max(reports.known_at) over last_day as last_known_at
    from {{{{ ref('trips') }}}} as trips
    left join {{{{ ref('first_reports') }}}} as reports on trips.trip_id = reports.trip_id
    window last_day as (
        partition by trips.route_id order by trips.departed_at
        range between interval 1 day preceding and {end}
    )
"""
LAST_REPORTED = """
    with counted as (
        select trips.departed_at as predicted_at, trips.trip_id as of_trip_id, reports.*
        from {{{{ ref('trips') }}}} as trips
        inner join {{{{ ref('reports') }}}} as reports on {condition}
        qualify row_number() over (partition by of_trip_id, reports.trip_id order by known_at desc) = 1
    )
    select
        of_trip_id as trip_id,
        predicted_at,
        avg(delay_minutes) as mean_delay_minutes,
        max(known_at) as last_known_at
    from counted
    group by 1, 2
"""
LEAKS: Mapping[str, tuple[str, str]] = {
    "arrival_as_if_known_at_departure": (
        MEAN_OF_REPORTS.format(condition="reports.departed_at <= trips.departed_at"),
        MEAN_OF_REPORTS.format(condition="reports.known_at <= trips.departed_at"),
    ),
    "window_with_the_row_itself": (
        WINDOW_OF_TRIPS.format(end="current row"),
        WINDOW_OF_TRIPS.format(end="interval 1 second preceding"),
    ),
    "mean_over_the_whole_table": (
        MEAN_OF_REPORTS.format(condition="trips.route_id = reports.route_id"),
        MEAN_OF_REPORTS.format(
            condition="trips.route_id = reports.route_id and reports.known_at <= trips.departed_at"
        ),
    ),
    "late_correction": (
        LAST_REPORTED.format(condition="reports.arrived_at <= trips.departed_at"),
        LAST_REPORTED.format(condition="reports.known_at <= trips.departed_at"),
    ),
}
"""By what leaks: the leaky model and its clean twin."""

Outcomes = dict[str, tuple[str, str]]
"""Of each test, by its name and its model's: what it came to, and what it said."""

REPLAYS = {
    "warehouse_ml.replays_as_of": {"arguments": {"cutoff": CUTOFFS, "at": "predicted_at", "key": "trip_id"}}
}
CLOCKS = {"warehouse_ml.known_before_prediction": {"arguments": {"at": "predicted_at"}}}


def make(folder: Path, models: Mapping[str, str] = STAGING) -> Project:
    """Write the project with its raw data and these models; nothing is built yet."""
    project = Project(folder)
    for path in ("seeds", "models", "dbt_packages"):
        (folder / path).mkdir(parents=True)
    (folder / "dbt_packages" / "warehouse_ml").symlink_to(ROOT)  # as `dbt deps` does
    write(project, "packages.yml", json.dumps({"packages": [{"local": str(ROOT)}]}))
    write(project, "dbt_project.yml", PROJECT)
    write(project, "profiles.yml", PROFILE)
    write(project, "macros/seed.sql", (ROOT / "dbt_project/macros/seed.sql").read_text())
    write(
        project,
        "macros/generate_schema_name.sql",
        (ROOT / "dbt_project/macros/generate_schema_name.sql").read_text(),
    )
    write_raw_data(project)
    for name, query in models.items():
        write_model(project, name, query)
    return project


def write_model(project: Project, name: str, query: str, *tests: Mapping[str, Any]) -> None:
    """Write a model and the tests on it."""
    write(project, f"models/{name}.sql", query)
    block = {"name": name, "data_tests": list(tests)}
    write(project, f"models/{name}.yml", json.dumps({"models": [block]}))  # JSON is YAML


def build_and_test(project: Project, **variables: str) -> Outcomes:
    """Build everything, and return what the tests came to."""
    run = project.dbt("build", **variables)
    target = project.folder / "target"
    nodes = json.loads((target / "manifest.json").read_text())["nodes"]
    results = json.loads((target / "run_results.json").read_text())["results"]
    tests = [(nodes[result["unique_id"]], result) for result in results]
    assert all(r["status"] == "success" for node, r in tests if node["resource_type"] != "test"), run.output
    return {
        f"{node['test_metadata']['name']}_{node['attached_node'].split('.')[-1]}": (
            result["status"],
            " ".join((result["message"] or "").split()),
        )
        for node, result in tests
        if node["resource_type"] == "test"
    }


def write_raw_data(project: Project) -> None:
    """Write trips every three and a half hours on each of two routes, and the reports of their delays."""
    chance = random.Random(7)
    trips, reports = [], []
    for route, start in (("north", datetime(2024, 1, 1, 8)), ("south", datetime(2024, 1, 1, 9, 30))):
        for number in range(100):
            departed_at = start + timedelta(hours=3.5 * number)
            trip = [f"{route}-{number}", route, departed_at]
            arrived_at = departed_at + timedelta(minutes=chance.randint(100, 180))
            trips.append(trip)
            reports.append([*trip, arrived_at, arrived_at, chance.randint(-5, 60)])
            if number % 5 == 0:
                reports.append([*trip, arrived_at, arrived_at + timedelta(hours=36), chance.randint(60, 90)])
    _write_seed(
        project, "raw_trips", {"trip_id": "varchar", "route_id": "varchar", "departed_at": "timestamp"}, trips
    )
    types = {
        "trip_id": "varchar",
        "route_id": "varchar",
        "departed_at": "timestamp",
        "arrived_at": "timestamp",
        "known_at": "timestamp",
        "delay_minutes": "double",
    }
    _write_seed(project, "raw_reports", types, reports)


def write(project: Project, path: str, text: str) -> None:
    file = project.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def _write_seed(project: Project, name: str, types: Mapping[str, str], rows: Iterable[list[Any]]) -> None:
    lines = [",".join(types), *(",".join(map(str, row)) for row in rows)]
    write(project, f"seeds/{name}.csv", "".join(f"{line}\n" for line in lines))
    seed = {"name": name, "config": {"column_types": dict(types)}}
    write(project, f"seeds/{name}.yml", json.dumps({"seeds": [seed]}))
