"""A copy of the project with a few days of flights: those around the two changes of the clock in 2013."""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from project import NOT_COPIED, ROOT, Project

sys.path.append(str(ROOT / "seeds"))
from write_seeds import SEEDS, read_package_rows

DAYS = ((3, 8), (3, 9), (3, 10), (11, 1), (11, 2), (11, 3))
"""Month and day: three days before and with the change to summer time, and three with the one back."""
CARRIERS = ("DL", "B6", "EV")
# Departures in the hour that happens twice, in the one that is skipped, and arrivals there; one arrives a day late.
MADE_UP = (
    "2013,11,3,130,130,0,301,300,1,DL,9001,N101DL,JFK,ATL,110,760",
    "2013,11,3,159,155,4,345,330,15,B6,9002,N102B6,JFK,MCO,120,944",
    "2013,11,3,2350,130,1340,118,300,1338,EV,9003,N103EV,EWR,ORD,118,719",
    "2013,11,2,2315,2310,5,129,125,4,DL,9004,N104DL,LGA,DTW,90,502",
    "2013,3,10,300,230,30,430,400,30,DL,9005,N105DL,JFK,ATL,100,760",
    "2013,3,9,,2359,,,200,,B6,9006,,JFK,BQN,,1576",
    # Broken: no such day, no such carrier, a row twice, and two that contradict each other.
    "2013,2,30,800,800,0,900,900,0,DL,9007,N107DL,JFK,ATL,100,760",
    "2013,3,9,800,800,0,1000,1000,0,XX,9008,N108DL,JFK,ATL,100,760",
    "2013,3,9,810,810,0,1000,1000,0,DL,9009,N109DL,JFK,ATL,100,760",
    "2013,3,9,810,810,0,1000,1000,0,DL,9009,N109DL,JFK,ATL,100,760",
    "2013,3,9,820,820,0,1000,1000,0,DL,9010,N110DL,JFK,ATL,100,760",
    "2013,3,9,820,820,0,1000,1000,7,DL,9010,N110DL,JFK,ATL,100,760",
    "2013,3,9,eight,830,0,1000,1000,7,DL,9011,N110DL,JFK,ATL,100,760",
)


def make(folder: Path) -> Project:
    """Copy the project and write the few rows in place of its seeds."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED, dirs_exist_ok=True)
    for package in ("scoring", "training", "spark_adapter"):  # those installed are meant
        shutil.rmtree(folder / package)
    for name in ("flights", "weather"):
        _write(folder / "seeds" / f"{name}.csv", name)
    with (folder / "seeds/flights.csv").open("a", encoding="utf-8") as text:
        text.writelines(f"{row}\n" for row in MADE_UP)
    # Of so few rows a larger part is broken on purpose.
    for file in (folder / "seeds").glob("*.yml"):
        loosened = file.read_text().replace("max_bad_share: 0.01", "max_bad_share: 0.5")
        loosened = loosened.replace("reference_carrier: 0.001", "reference_carrier: 0.5").replace(
            "min_score: 0.99", "min_score: 0.5"
        )
        file.write_text(loosened)
    return Project(folder)


def _write(path: Path, name: str) -> None:
    _, derivable = SEEDS[name]
    with path.open("w", encoding="utf-8", newline="") as text:
        rows = list(_rows(name))
        columns = [column for column in rows[0] if column not in derivable]
        writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: "" if v == "NA" else v for k, v in row.items()} for row in rows)


def _rows(name: str) -> Iterator[dict[str, str]]:
    for row in read_package_rows(SEEDS[name][0].removeprefix("data/")):
        if (int(row["month"]), int(row["day"])) in DAYS and row.get("carrier", "DL") in CARRIERS:
            yield row
