"""A raw file that cannot be read as declared is refused before anything is replaced."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from project import Lines, line

CASES: dict[str, tuple[Callable[[Lines], Lines], str]] = {
    "column missing": (
        lambda lines: [text.rsplit(",", 1)[0] for text in lines],
        "exactly the columns that its column_types declare, but its header misses distance: correct",
    ),
    "column renamed": (
        line(1, lambda text: text.replace("dep_delay", "delay") + ","),
        "misses dep_delay and has the undeclared delay and has a column without a name: correct the header",
    ),
    "quote never closed": (
        line(5000, lambda text: f'"{text}'),
        "but line 5000 has a quotation mark that is never closed (1 such line): correct the file and run",
    ),
    "header not UTF-8": (
        line(1, lambda text: f"{text}\udce9"),
        "must be UTF-8 text, but its header is not: save the file as UTF-8 and run again.",
    ),
    "line not UTF-8": (
        line(5000, lambda text: text.replace("EWR", "\udce9")),
        "but line 5000 has bytes that are not UTF-8 (1 such line): correct the file and run again.",
    ),
    "empty file": (
        lambda lines: [],
        "a header line and rows, but it is empty: restore it and run again.",
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
