"""The seeds are the package's data, written the same every time, with nothing lost."""

import csv
import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from zoneinfo import ZoneInfo

import pytest

SEEDS = Path(__file__).parents[2] / "seeds"
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_seeds", SEEDS / "write_seeds.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["flights", "weather", "aircraft", "airports", "airlines"])
def test_the_script_writes_the_same_bytes(script: ModuleType, name: str, tmp_path: Path) -> None:
    script.write_seed(tmp_path, name)
    assert (tmp_path / f"{name}.csv").read_bytes() == (SEEDS / f"{name}.csv").read_bytes()


def test_the_quarter_has_all_its_flights() -> None:
    with (SEEDS / "flights.csv").open() as text:
        assert sum(1 for _ in csv.DictReader(text)) == 80_789


def test_columns_left_out_of_flights_can_be_derived(script: ModuleType) -> None:
    for row in script.read_package_rows("flights.csv.zip"):
        hour, minute = divmod(int(row["sched_dep_time"]), 100)
        assert (int(row["hour"]), int(row["minute"])) == (hour, minute)
        local = datetime(int(row["year"]), int(row["month"]), int(row["day"]), hour, tzinfo=NEW_YORK)
        assert datetime.fromisoformat(row["time_hour"]) == local.astimezone(UTC)


def test_columns_left_out_of_weather_can_be_derived(script: ModuleType) -> None:
    for row in script.read_package_rows("weather.csv"):
        local = datetime.fromisoformat(row["time_hour"]).astimezone(NEW_YORK)
        recorded = (int(row["year"]), int(row["month"]), int(row["day"]), int(row["hour"]))
        assert recorded == (local.year, local.month, local.day, local.hour)
