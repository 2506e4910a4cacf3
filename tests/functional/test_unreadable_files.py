"""A raw file that cannot be read as declared is refused before anything is replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from project import Lines, line

CASES: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "column missing": (
        lambda lines: [text.rsplit(",", 1)[0] for text in lines],
        "header of seeds/flights.csv lacks distance; it must name every column once, exactly as column_types",
    ),
    "column renamed": (
        line(1, lambda text: text.replace("dep_delay", "delay") + ","),
        "lacks dep_delay and has columns without a name (column 17) and has undeclared columns (column 6);",
    ),
    "quote never closed": (
        line(5000, lambda text: f'"{text}'),
        "but line 5000 has a quotation mark that is never closed (1 such line): correct the file and run",
    ),
    "header not UTF-8": (
        line(1, lambda text: f"{text}\udce9"),
        "a header that is in another encoding; it must be UTF-8 text: save the file as UTF-8 and run again.",
    ),
    "line not UTF-8": (
        line(5000, lambda text: text.replace("EWR", "\udce9")),
        "but line 5000 has bytes that are not UTF-8 (1 such line): correct the file and run again.",
    ),
    "empty file": (
        lambda lines: [],
        "is empty; it must have a header line and rows: restore it and run again.",
    ),
    "header only": (
        lambda lines: lines[:1],
        "rows, but it holds a header only: restore it and run again.",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), CASES.values(), ids=CASES)
def test_file_is_refused_and_every_table_stays(
    assert_refused: Callable[..., None], change: Callable[[Lines], Lines], sentence: str
) -> None:
    assert_refused("flights.csv", change, sentence, "raw", "marts", "features", "ml")
