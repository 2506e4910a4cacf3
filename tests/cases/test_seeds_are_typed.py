"""A seed's columns are typed by all their values, and what a type would change stays text."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import own_project
import pytest
from project import Project, Run

# By name: the values of a column, the type that they have, and how they are read.
COLUMNS: dict[str, tuple[list[str], str, list[Any]]] = {
    "whole numbers": (["1", "-2", ""], "BIGINT", [1, -2, None]),
    "zero and one": (["0", "1", "0"], "BIGINT", [0, 1, 0]),
    "fractions": (["0.5", "-0.5", "2"], "DOUBLE", [0.5, -0.5, 2.0]),
    "exponents": (["1e5", "1E-3", ".5"], "DOUBLE", [1e5, 0.001, 0.5]),
    "infinite": (["1", "inf", "-inf"], "DOUBLE", [1.0, float("inf"), float("-inf")]),
    "spaces around": ([" 1", "2 ", " "], "BIGINT", [1, 2, None]),
    "NA among numbers": (["1", "NA", "null"], "BIGINT", [1, None, None]),
    "true and false": (["true", "FALSE", "NA"], "BOOLEAN", [True, False, None]),
    "dates": (["2024-01-31", "2024-02-01", ""], "DATE", [date(2024, 1, 31), date(2024, 2, 1), None]),
    "dates and instants": (
        ["2024-01-31", "2024-01-31T10:00:00", "2024-01-31 10:00:00.5"],
        "TIMESTAMP",
        [datetime(2024, 1, 31), datetime(2024, 1, 31, 10), datetime(2024, 1, 31, 10, 0, 0, 500_000)],
    ),
    "offsets": (
        ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00Z", "2024-01-01 00:00:00-0530"],
        "TIMESTAMP",
        [datetime(2023, 12, 31, 22), datetime(2024, 1, 1), datetime(2024, 1, 1, 5, 30)],
    ),
    "leading zeros": (["007", "7", "10"], "VARCHAR", ["007", "7", "10"]),
    "beyond 2^53": (["9007199254740993", "1", "2"], "VARCHAR", ["9007199254740993", "1", "2"]),
    "up to 2^53": (["9007199254740992", "1", "2"], "BIGINT", [9007199254740992, 1, 2]),
    "beyond double": (["1e400", "1", "2"], "VARCHAR", ["1e400", "1", "2"]),
    "plus signs": (["+49", "1", "2"], "VARCHAR", ["+49", "1", "2"]),
    "hexadecimal": (["0x1f", "1", "2"], "VARCHAR", ["0x1f", "1", "2"]),
    "thousands": (["1,234", "1", "2"], "VARCHAR", ["1,234", "1", "2"]),
    "points": (["1.970", "12.300", ""], "DOUBLE", [1.97, 12.3, None]),
    "several points": (["1.970", "1.234.567", "-3.000"], "VARCHAR", ["1.970", "1.234.567", "-3.000"]),
    "three decimals": (["0.970", "12.300", "1.000"], "DOUBLE", [0.97, 12.3, 1.0]),
    "underscores": (["1_000", "1", "2"], "VARCHAR", ["1_000", "1", "2"]),
    "yes and no": (["yes", "no", "yes"], "VARCHAR", ["yes", "no", "yes"]),
    "t and f": (["t", "f", "t"], "VARCHAR", ["t", "f", "t"]),
    "NA among text": (["NA", "DE", "null"], "VARCHAR", ["NA", "DE", "null"]),
    "German dates": (["31.01.2024", "01.02.2024", ""], "VARCHAR", ["31.01.2024", "01.02.2024", None]),
    "ambiguous dates": (["03/04/2024", "05/06/2024", ""], "VARCHAR", ["03/04/2024", "05/06/2024", None]),
    "no such date": (["2024-02-30", "2024-02-01", ""], "VARCHAR", ["2024-02-30", "2024-02-01", None]),
    "times": (["10:00", "11:00", ""], "VARCHAR", ["10:00", "11:00", None]),
    "nothing": (["", "", ""], "VARCHAR", [None, None, None]),
    "select": (["1", "2", "3"], "BIGINT", [1, 2, 3]),
    'a "quoted", name': (["1", "2", "3"], "BIGINT", [1, 2, 3]),
    "größe": (["1", "2", "3"], "BIGINT", [1, 2, 3]),
    "0": (["1", "2", "3"], "BIGINT", [1, 2, 3]),
    # Declared below.
    "declared text": (["1", "2", "3"], "VARCHAR", ["1", "2", "3"]),
    "declared integer": (["1", "2", ""], "INTEGER", [1, 2, None]),
}
DECLARED = {"declared text": "varchar", "declared integer": "integer"}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(zip(*(values for values, *_ in COLUMNS.values()), strict=True))
    late = "".join(f"{number}\n" for number in range(30_000)) + "last\n"
    seeds = {
        "typed": text.getvalue(),
        "late": f"id\n{late}",
        "quoted": 'text,number\n"",""\n,\n"x","1"\n',
        "wide": f"{','.join(f'x{n}' for n in range(2000))}\n{','.join('1' for _ in range(2000))}\n",
        "windows": "\ufeffa;b\r\n1;x,y\r\n",
    }
    blocks = [
        {"name": "typed", "config": {"column_types": DECLARED}},
        {"name": "windows", "config": {"delimiter": ";"}},
    ]
    files = {"seeds/own.yml": json.dumps({"seeds": blocks})}
    project = own_project.make(tmp_path_factory.mktemp("typed"), seeds, {}, files=files)
    run = project.build("--resource-type", "seed")
    assert run.code == 0, run.output
    return project, run


@pytest.mark.parametrize("name", COLUMNS)
def test_column_has_the_type_of_all_its_values(loaded: tuple[Project, Run], name: str) -> None:
    _, kind, values = COLUMNS[name]
    column = '"' + name.replace('"', '""') + '"'
    rows = loaded[0].query(f"select typeof({column}), {column} from raw.typed order by rowid")
    assert rows == [(kind, value) for value in values]


def test_last_of_many_values_counts(loaded: tuple[Project, Run]) -> None:
    assert loaded[0].query("select distinct typeof(id) from raw.late") == [("VARCHAR",)]


def test_empty_text_is_not_null_and_an_empty_number_is(loaded: tuple[Project, Run]) -> None:
    assert loaded[0].query("from raw.quoted order by rowid") == [("", None), (None, None), ("x", 1)]


def test_delimiter_byte_order_mark_and_line_ends_of_windows_are_read(loaded: tuple[Project, Run]) -> None:
    assert loaded[0].query("select a, b from raw.windows") == [(1, "x,y")]


def test_types_are_logged_and_declared_ones_and_thousands_of_names_are_not(
    loaded: tuple[Project, Run],
) -> None:
    output = loaded[1].output
    assert "seed late: id varchar (inferred; override with column_types)" in output
    assert "declared integer integer" not in output
    assert "x19 bigint and 1,980 more (inferred" in output
    assert "x20 bigint" not in output


def test_points_that_may_separate_thousands_are_noticed(loaded: tuple[Project, Run]) -> None:
    noticed = "every value of points double, several points varchar has three digits after each point"
    assert noticed in loaded[1].output and "replace(<column>, '.', '')" in loaded[1].output


def test_changed_types_replace_the_table(loaded: tuple[Project, Run], tmp_path: Path) -> None:
    other = loaded[0].copy_to(tmp_path / "changed")
    (other.folder / "seeds/late.csv").write_text("id,since\n1,2024-01-31\n")
    run = other.build("-s", "late")
    assert run.code == 0, run.output
    assert other.query("from raw.late") == [(1, date(2024, 1, 31))]
