"""Facts and features built by daily increments are those of one whole build, row for row."""

from __future__ import annotations

import csv
import random
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import feature_project
import pytest
from project import Project, Run

LAST_DAYS = [date(2013, 2, 11) + timedelta(days=n) for n in range(10)]
CUTOFF = "2013-02-14 12:00:00"
BUILD = ("build", "-s", "+flight_delay_features", "+fct_airport_days")
KILLED_AT = {3: "marts.fct_flights", 9: "features.route_history"}
"""By the number of the increment."""
NO_TESTS = ("--exclude", "resource_type:test", "resource_type:unit_test")

# A plugin of dbt-duckdb that kills its own process after an increment's statement, before it is committed.
KILLER = """
import os
import signal

from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        execute = DuckDBCursorWrapper.execute

        def killed(cursor, sql, bindings=None):
            result = execute(cursor, sql, bindings)
            if "delete from" in sql and "{table}" in sql:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        DuckDBCursorWrapper.execute = killed
"""

Row = dict[str, str]


class RawData:
    """The raw flights and weather of some weeks as they stand at the end of each day.

    One row in twenty comes up to four days late, one is there but corrected up to four days later, and one is
    withdrawn again.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.flights = self._read("flights", lambda row: int(row["flight"]) % 12 == 0)
        self.weather = self._read("weather", lambda row: True)

    def deliver(self, day: date) -> None:
        """Write the files of that day."""
        flights = []
        for number, row in self.flights:
            chance = random.Random(number)
            kind, days = chance.randrange(20), timedelta(days=chance.randint(1, 4))
            flown_on = _day(row)
            arrives_on = flown_on + days if kind == 0 else flown_on
            is_corrected = kind != 1 or day >= flown_on + days
            is_withdrawn = kind == 2 and day >= flown_on + days
            if arrives_on <= day and not is_withdrawn:
                flights.append(row if is_corrected else _uncorrected(row))
        weather = [
            row
            for number, row in self.weather
            if _day(row) + timedelta(days=2 * (random.Random(number).randrange(20) == 0)) <= day
        ]
        self._write("flights", flights)
        self._write("weather", weather)

    def _read(self, name: str, is_kept: Callable[[Row], bool]) -> list[tuple[int, Row]]:
        with (self.folder / f"{name}.csv").open(newline="") as file:
            rows = [(number, row) for number, row in enumerate(csv.DictReader(file)) if is_kept(row)]
        return [(number, row) for number, row in rows if _day(row) <= LAST_DAYS[-1]]

    def _write(self, name: str, rows: list[Row]) -> None:
        with (self.folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _day(row: Row) -> date:
    if "time_hour" in row:
        return date.fromisoformat(row["time_hour"][:10])
    return date(int(row["year"]), int(row["month"]), int(row["day"]))


def _uncorrected(row: Row) -> Row:
    """Return what is on record first: another delay, or a departure instead of a cancellation."""
    return {
        name: str(int(value) + 30) if value and name in ("dep_delay", "arr_delay") else value
        for name, value in row.items()
    }


def build(project: Project, **variables: str) -> Run:
    return project.dbt(*BUILD, *NO_TESTS, **variables)


def whole(project: Project, folder: Path, **variables: str) -> dict[str, tuple]:
    """Return what one whole build of the same raw data holds."""
    copy = project.copy_to(folder)
    copy.warehouse.unlink()
    run = build(copy, **variables)
    assert run.code == 0, run.output
    return copy.contents("marts", "features")


def killed_at(project: Project, table: str, **variables: str) -> Run:
    """Build with a process that dies at the increment of a table."""
    profile = (project.folder / "profiles.yml").read_text()
    (project.folder / "killer.py").write_text(KILLER.replace("{table}", table))
    project.replace(
        "profiles.yml",
        "plugins: &plugins",
        "module_paths: ['.']\n      plugins: &plugins\n        - module: killer",
    )
    run = build(project, **variables)
    (project.folder / "profiles.yml").write_text(profile)
    return run


@pytest.fixture(scope="module")
def incremented(sources: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after six weeks in one build and ten daily increments, two of them killed and run again."""
    project = sources.copy_to(tmp_path_factory.mktemp("incremented"))
    raw = RawData(project.folder / "seeds")
    raw.deliver(LAST_DAYS[0] - timedelta(days=1))
    run = build(project, lookback="7 day")
    assert run.code == 0, run.output
    for number, day in enumerate(LAST_DAYS):
        raw.deliver(day)
        if table := KILLED_AT.get(number):
            before = project.contents("marts", "features")[table]
            killed = killed_at(project, table.split(".")[1], lookback="7 day")
            assert killed.code == -signal.SIGKILL, killed.output
            assert project.contents("marts", "features")[table] == before
        run = build(project, lookback="7 day")
        assert run.code == 0, run.output
    return project


def test_ten_increments_are_one_whole_build(incremented: Project, tmp_path: Path) -> None:
    increments = incremented.contents("marts", "features")
    assert increments == whole(incremented, tmp_path)
    assert increments["features.flight_delay_features"][0] > 1900
    long_windows = "select count(*) from features.route_history where route_arrivals_28d > 1"
    assert incremented.query(long_windows)[0][0] > 100


def test_build_as_of_an_earlier_cutoff_forgets_what_came_later(incremented: Project, tmp_path: Path) -> None:
    project = incremented.copy_to(tmp_path / "earlier")
    run = build(project, lookback="7 day", as_of=CUTOFF)
    assert run.code == 0, run.output
    assert project.contents("marts", "features") == whole(incremented, tmp_path / "whole", as_of=CUTOFF)


def test_increment_leaves_what_is_older_than_the_lookback(incremented: Project, tmp_path: Path) -> None:
    project = incremented.copy_to(tmp_path)
    rows = "select count(*) from marts.fct_flights where flight_date < '2013-02-05'"
    before = project.query(rows)
    project.rewrite(
        "seeds/flights.csv", lambda lines: [line for line in lines if not line.startswith("2013,1,")]
    )
    run = build(project, lookback="7 day")
    assert run.code == 0, run.output
    assert project.query(rows) == before
    run = project.dbt(*BUILD, *NO_TESTS, "--full-refresh", lookback="7 day")
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
