"""The flights of some weeks, loaded and built day by day, as raw tables grow and are corrected."""

from __future__ import annotations

import csv
import random
import signal
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from project import WITHOUT_TESTS, Project, Run

FIRST_DAY = date(2013, 2, 11)
"""The first that is loaded by an increment."""
BUILD = ("build", "-s", "+flight_delay_features", "+fct_airport_days", *WITHOUT_TESTS)
LOOKBACK = "7 day"

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

    def __init__(self, folder: Path, last_day: date) -> None:
        self.folder, self.last_day = folder, last_day
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
        return [(number, row) for number, row in rows if _day(row) <= self.last_day]

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
    """Build facts and features, without their tests."""
    return project.dbt(*BUILD, **{"lookback": LOOKBACK, **variables})


def whole(project: Project, folder: Path, **variables: str) -> dict[str, tuple]:
    """Return what one whole build of the same raw data holds."""
    copy = project.copy_to(folder)
    copy.warehouse.unlink()
    run = build(copy, **variables)
    assert run.code == 0, run.output
    return copy.contents("marts", "features")


def killed_at(project: Project, table: str) -> Run:
    """Build with a process that dies at the increment of a table."""
    profile = (project.folder / "profiles.yml").read_text()
    (project.folder / "killer.py").write_text(KILLER.replace("{table}", table))
    project.replace(
        "profiles.yml",
        "plugins: &plugins",
        "module_paths: ['.']\n      plugins: &plugins\n        - module: killer",
    )
    run = build(project)
    (project.folder / "profiles.yml").write_text(profile)
    return run


def build_by_increments(project: Project, days: int, killed_before: Mapping[int, str]) -> None:
    """Build six weeks at once, and then each day.

    Parameters
    ----------
    days
        How many days are built by increments.
    killed_before
        Tables by the number of a day that is built again after a build that died at the increment of that table.
    """
    last_days: Sequence[date] = [FIRST_DAY + timedelta(days=number) for number in range(days)]
    raw = RawData(project.folder / "seeds", last_days[-1])
    raw.deliver(FIRST_DAY - timedelta(days=1))
    run = build(project)
    assert run.code == 0, run.output
    for number, day in enumerate(last_days):
        raw.deliver(day)
        if table := killed_before.get(number):
            before = project.contents("marts", "features")[table]
            killed = killed_at(project, table.split(".")[1])
            assert killed.code == -signal.SIGKILL, killed.output
            assert project.contents("marts", "features")[table] == before
        run = build(project)
        assert run.code == 0, run.output
