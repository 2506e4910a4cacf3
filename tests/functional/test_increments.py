"""Facts and features built by daily increments are those of one whole build, row for row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import feature_project
import pytest
from daily_flights import BUILD, LOOKBACK, build, build_by_increments, whole
from project import Project, Run

DAYS = 3
KILLED_BEFORE = {1: "marts.fct_flights", 2: "features.route_history"}
CUTOFF = "2013-02-12 12:00:00"
"""Before the last increment."""


@pytest.fixture(scope="module")
def incremented(sources: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after six weeks in one build and daily increments, two of them killed and run again."""
    project = sources.copy_to(tmp_path_factory.mktemp("incremented"))
    build_by_increments(project, DAYS, KILLED_BEFORE)
    return project


def test_increments_are_one_whole_build(incremented: Project, tmp_path: Path) -> None:
    increments = incremented.contents("marts", "features")
    assert increments == whole(incremented, tmp_path)
    assert increments["features.flight_delay_features"][0] > 1600
    long_windows = "select count(*) from features.route_history where route_arrivals_28d > 1"
    assert incremented.query(long_windows)[0][0] > 100


def test_build_as_of_an_earlier_cutoff_forgets_what_came_later(incremented: Project, tmp_path: Path) -> None:
    project = incremented.copy_to(tmp_path / "earlier")
    run = build(project, as_of=CUTOFF)
    assert run.code == 0, run.output
    assert project.contents("marts", "features") == whole(incremented, tmp_path / "whole", as_of=CUTOFF)


def test_increment_leaves_what_is_older_than_the_lookback(incremented: Project, tmp_path: Path) -> None:
    project = incremented.copy_to(tmp_path)
    rows = "select count(*) from marts.fct_flights where flight_date < '2013-02-05'"
    before = project.query(rows)
    project.rewrite(
        "seeds/flights.csv", lambda lines: [line for line in lines if not line.startswith("2013,1,")]
    )
    run = build(project)
    assert run.code == 0, run.output
    assert project.query(rows) == before
    run = project.dbt(*BUILD, "--full-refresh", lookback=LOOKBACK)
    assert run.code == 0, run.output
    assert project.query(rows) < before


EVENTS = """
{{ warehouse_ml.by_increments('happened_at') }}
select
    cast(event_id as integer) as event_id,
    cast(happened_at as timestamp) as happened_at
from {{ ref('raw_events') }}
where {{ warehouse_ml.in_increment('cast(happened_at as timestamp)') }}
"""


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., tuple[Run, list[tuple]]]:
    """Builds the model above from rows, in a project that installs this one, and returns its events."""
    project = feature_project.make(tmp_path_factory.mktemp("events"))
    (project.folder / "models/events.sql").write_text(EVENTS)

    def build(rows: str, *arguments: str, lookback: str = "2 day") -> tuple[Run, list[tuple]]:
        (project.folder / "seeds/raw_events.csv").write_text(f"event_id,happened_at\n{rows}")
        run = project.dbt("build", "-s", "raw_events", "events", *arguments, lookback=lookback)
        return run, project.query("select event_id from features.events order by 1")

    return build


def test_a_project_that_installs_this_one_builds_by_increments(
    events: Callable[..., tuple[Run, list[tuple]]],
) -> None:
    def built(rows: str, *arguments: str) -> list[tuple]:
        run, rows = events(rows, *arguments)
        assert run.code == 0, run.output
        return rows

    misdated = "6,2999-01-01 08:00:00\n"
    assert built(f"1,2024-01-01 08:00:00\n2,2024-01-08 08:00:00\n{misdated}") == [(1,), (2,), (6,)]
    # The second is withdrawn; the third comes late, the fourth too late, the fifth in time.
    later = f"3,2024-01-06 09:00:00\n4,2024-01-05 09:00:00\n5,2024-01-09 08:00:00\n{misdated}"
    assert built(later) == [(1,), (3,), (5,), (6,)]
    assert built(later, "--full-refresh") == [(3,), (4,), (5,), (6,)]


def test_rows_without_instant_and_a_wrong_lookback_are_refused(
    events: Callable[..., tuple[Run, list[tuple]]],
) -> None:
    run, rows = events("1,2024-01-01 08:00:00\n2,\n", "--full-refresh")
    assert (run.code, rows) == (0, [(1,), (2,)]), run.output
    run, rows = events("1,2024-01-01 08:00:00\n2,2024-01-01 09:00:00\n")
    assert (run.code, rows) == (1, [(1,), (2,)]), run.output
    sentence = (
        "The column happened_at, by which events is built by increments, must never be null, but 1 of its "
        "rows have none: leave them out in its query and build it with --full-refresh."
    )
    assert sentence in run.output
    run, _ = events("1,2024-01-01 08:00:00\n", lookback="two days")
    assert "The var lookback must be a number above 0 and a unit" in run.output


BOOKINGS = """
{{ warehouse_ml.by_increments('starts at', known_at='from') }}
select booking_id::integer as booking_id, starts_at::timestamp as "starts at", booked_at::timestamp as "from"
from {{ ref('raw_bookings') }}
where {{ warehouse_ml.in_increment('starts_at::timestamp') }}
"""


def test_a_lookback_counts_back_from_what_was_known_where_own_time_runs_ahead(tmp_path: Path) -> None:
    project = feature_project.make(tmp_path)
    (project.folder / "models/bookings.sql").write_text(BOOKINGS)
    ahead = "1,2024-01-05 08:00:00,2024-01-01 07:00:00\n"
    loads = (
        f"{ahead}2,2024-01-01 06:00:00,2023-12-30 06:00:00\n9,2023-12-29 06:00:00,2023-12-28 06:00:00\n",
        f"{ahead}3,2024-01-02 06:00:00,2024-01-01 08:00:00\n",
    )
    for rows, bookings in zip(loads, ([(1,), (2,), (9,)], [(1,), (3,), (9,)]), strict=True):
        (project.folder / "seeds/raw_bookings.csv").write_text(f"booking_id,starts_at,booked_at\n{rows}")
        run = project.dbt("build", "-s", "raw_bookings", "bookings", lookback="90 minute")
        assert run.code == 0, run.output
        assert project.query("select booking_id from features.bookings order by 1") == bookings
