"""A raw file that cannot be read as declared is refused before anything is replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from project import Lines, line

Change = Callable[[Lines], Lines]
# Several files at once, each broken in its way; files of less than a megabyte are read by dbt first, as UTF-8.
BUILDS: dict[str, dict[str, tuple[Change, str]]] = {
    "some of it": {
        "flights.csv": (
            line(1, lambda text: f"{text}\udce9"),
            "a header that is in another encoding; it must be UTF-8 text: save the file as UTF-8 and run again.",
        ),
        "weather.csv": (
            line(5000, lambda text: f'"{text}'),
            "but line 5000 has a quotation mark that is never closed (1 such line): correct the file and run",
        ),
        "aircraft.csv": (
            lambda lines: [text.rsplit(",", 1)[0] for text in lines],
            "header of seeds/aircraft.csv lacks engine; it must name every column once, exactly as column_types",
        ),
        "airlines.csv": (
            lambda lines: [],
            "is empty; it must have a header line and rows: restore it and run again.",
        ),
    },
    "most of it": {
        "flights.csv": (
            line(5000, lambda text: text.replace("EWR", "\udce9")),
            "but line 5000 has bytes that are not UTF-8 (1 such line): correct the file and run again.",
        ),
        "weather.csv": (
            lambda lines: lines[:1],
            "rows, but it holds a header only: restore it and run again.",
        ),
        "airports.csv": (
            line(1, lambda text: text.replace("alt", "height") + ","),
            "lacks alt and has columns without a name (column 9) and has undeclared columns (column 5);",
        ),
    },
}


@pytest.mark.parametrize("changes", BUILDS.values(), ids=BUILDS)
def test_files_are_refused_and_every_table_stays(
    assert_refused: Callable[..., None], changes: dict[str, tuple[Change, str]]
) -> None:
    assert_refused(changes, "raw", "marts", "features", "ml")
