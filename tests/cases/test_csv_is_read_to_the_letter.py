"""A CSV file to score: nothing is null, `""` is empty text, offsets count, and other files are refused."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import scored_project
from scored_project import Warehouse

HEADER = "id,wide,amount,region,seen_at\n"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return scored_project.make(tmp_path_factory.mktemp("csv"))


@pytest.mark.parametrize("name", ["rows.csv", "rows.csv.gz"])
def test_scores_of_a_copy_are_those_of_the_table(warehouse: Warehouse, tmp_path: Path, name: str) -> None:
    warehouse.query(
        "create or replace table raw.noted as select *, nullif(region, 'south') as note from raw.rows"
    )
    warehouse.query(f"copy raw.noted to '{tmp_path / name}'")
    assert warehouse.score(tmp_path / name, "raw.from_file")[0] == 0
    assert warehouse.score("raw.noted", "raw.from_table")[0] == 0
    differing = """
        select count(*) filter (
            f.prediction is distinct from t.prediction
            or f.region is distinct from t.region
            or f.note is distinct from t.note
        ), count(*), count(distinct f.note)
        from raw.from_file as f inner join raw.from_table as t on f.id = t.id::varchar
    """
    assert warehouse.query(differing) == [(0, 400, 2)]
    assert warehouse.score(tmp_path / name, tmp_path / "out.csv")[0] == 0
    kept = (
        f"read_csv('{tmp_path / 'out.csv'}', header = true, all_varchar = true, allow_quoted_nulls = false)"
    )
    notes = "select count(*) filter (note = ''), count(*) filter (note is null) from "
    assert warehouse.query(notes + kept) == warehouse.query(notes + "raw.noted") == [(100, 200)]


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        ("2024-01-01T02:00:00+02:00", "2024-01-01 00:00:00"),
        ("2024-01-01 02:00:00+0200", "2024-01-01 00:00:00"),
        ("2023-12-31 19:00:00-05", "2024-01-01 00:00:00"),
        ("2024-01-01T00:00:00Z", "2024-01-01 00:00:00"),
        ("2024-01-01 00:00:00", "2024-01-01 00:00:00"),
        ("2024-01-01", "2024-01-01 00:00:00"),
        ("", None),
        ('""', None),
    ],
)
def test_instants_are_in_utc(warehouse: Warehouse, tmp_path: Path, value: str, instant: str | None) -> None:
    (tmp_path / "in.csv").write_text(f"{HEADER}1,2,3,x,{value}\n")
    assert warehouse.score(tmp_path / "in.csv", "raw.instants")[0] == 0
    moved = f"select * replace ({instant and repr(instant)}::timestamp as seen_at) from raw.rows limit 1"
    moved = moved.replace("None", "null")
    warehouse.query(f"create or replace table raw.moved as {moved}")
    warehouse.query("update raw.moved set wide = 2, amount = 3, region = 'x'")
    assert warehouse.score("raw.moved", "raw.moved_scores")[0] == 0
    scores = [warehouse.query(f"select prediction from raw.{name}") for name in ("instants", "moved_scores")]
    assert scores[0] == scores[1]


def test_numbers_may_be_quoted_and_missing(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(f'{HEADER}"007","","2","",""\n"8",,2,,\n')
    assert warehouse.score(tmp_path / "in.csv", "raw.quoted")[0] == 0
    assert warehouse.query("select id, wide, amount, region from raw.quoted") == [
        ("007", "", "2", ""),
        ("8", None, "2", None),
    ]


@pytest.mark.parametrize("target", ["out.csv", "raw.letters", "out.parquet"])
def test_features_are_kept_letter_for_letter(warehouse: Warehouse, tmp_path: Path, target: str) -> None:
    row = ("0", "9007199254740993", "1", "x", "2024-01-01T02:00:00+02:00")
    (tmp_path / "in.csv").write_text(f"{HEADER}{','.join(row)}\n1,1e1,-0,y,2024-01-01\n2,007, 1.50,,\n")
    place = target if target.startswith("raw") else tmp_path / target
    assert warehouse.score(tmp_path / "in.csv", place)[0] == 0
    source = target if target.startswith("raw") else f"'{place}'"
    source = source if "csv" not in source else f"read_csv({source}, all_varchar = true)"
    kept = warehouse.query(f"select id, wide, amount, region, seen_at from {source} order by id")
    assert kept == [row, ("1", "1e1", "-0", "y", "2024-01-01"), ("2", "007", " 1.50", None, None)]
    plain = (tmp_path / "in.csv").read_text().replace("9007199254740993,1,", "9007199254740993.0,1.0,")
    (tmp_path / "plain.csv").write_text(plain)
    assert warehouse.score(tmp_path / "plain.csv", "raw.plain")[0] == 0
    query = "select prediction::double from {} order by id"
    assert warehouse.query(query.format(source)) == warehouse.query(query.format("raw.plain"))


def test_kept_text_conflicts_with_no_column(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("wide,amount,region,seen_at,Amount as text\n2,1,x,,mine\n")
    assert warehouse.score(tmp_path / "in.csv", tmp_path / "out.csv")[0] == 0
    header, row = (tmp_path / "out.csv").read_text().splitlines()
    assert header.startswith("wide,amount,region,seen_at,Amount as text,prediction,model_version")
    assert row.startswith("2,1,x,,mine,0.")


SECRET = "Ada Lovelace"
REFUSED = {
    "empty": (b"", ["is empty"]),
    "byte order mark alone": (b"\xef\xbb\xbf", ["is empty"]),
    "no header": (f"17,2,3,{SECRET},2024-01-01\n".encode(), ["line 1", "5 fields", "'amount'"]),
    "misspelt header": (b"id,broad,amont,place,time\n", ["line 1", "'amount'"]),
    "blank first line": (f"\n{HEADER}".encode(), ["line 1", "1 fields"]),
    "repeated column": (b"id,wide,amount,region,seen_at,Amount\n", ["'amount', 'Amount'", "rename"]),
    "missing column": (b"id,wide,amount,region\n", ["'seen_at'"]),
    "UTF-16": (HEADER.encode("utf-16"), ["line 1", "UTF-8"]),
    "mixed line ends": (b"id,wide,amount,seen_at,region\r\n1,2,3,,a\n2,3,4,,b\r\n", ["CR LF"]),
    "value": (f"{HEADER}1,2,3,a,\n1,2,x,a,\n".encode(), ["line 3", "'amount'", "'x'"]),
    "instant": (f"{HEADER}1,2,3,a,\n1,2,3,a,31.01.2024\n".encode(), ["line 3", "'seen_at'", "'31.01.2024'"]),
    "semicolons": (b"id;wide;amount;region;seen_at\n1;2;3;a;\n", ["line 1", "semicolons", "commas"]),
    "semicolons and a comma": (b'"id";"wide";"amount";"region,x";"seen_at"\n', ["semicolons"]),
    "tabs": (b"id\twide\tamount\tregion\tseen_at\n1\t2\t3\ta\t\n", ["line 1", "tabs", "commas"]),
    "bars": (b"wide|amount\n", ["vertical bars"]),
    "quote": (f'{HEADER}1,2,3,"{SECRET}"x,\n'.encode(), ["line 2"]),
    "fields": (f"{HEADER}1,2,{SECRET}\n".encode(), ["line 2", "Number of Columns: 5 Found: 3"]),
    "50,000 columns": ((",".join(f"c{n}" for n in range(50_000)) + ",amount\n").encode(), ["49,971 more"]),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_such_file_ends_in_one_short_sentence(
    warehouse: Warehouse, tmp_path: Path, kind: str
) -> None:
    content, facts = REFUSED[kind]
    (tmp_path / "in.csv").write_bytes(content)
    code, printed = warehouse.score(tmp_path / "in.csv", tmp_path / "out.csv")
    assert code == 1 and printed.count("\n") == 1, printed
    assert all(fact in printed for fact in facts), printed
    assert SECRET not in printed and len(printed) < 1_500
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize(
    "value",
    [
        "infinity",
        "-infinity",
        "Infinity",
        " inf",
        "epoch",
        "2024-01-01T00:00:00+25:00",
        "2024-01-01 00:00:00-16",
        "2024-01-01 00:00:00+0260",
    ],
)
@pytest.mark.parametrize("name", ["2.csv", "2.csv.gz"])
def test_no_word_and_no_impossible_offset_is_an_instant(
    warehouse: Warehouse, tmp_path: Path, name: str, value: str
) -> None:
    packed = gzip.open if name.endswith("gz") else open
    for path, seen_at in ((tmp_path / f"1{name[1:]}", ""), (tmp_path / name, value)):
        with packed(path, "wt") as file:
            file.write(f'{HEADER}1,2,3,"two\nlines",\n\n1,2,3,a,2024-01-01\n1,2,3,a,{seen_at}\n')
    for source in (tmp_path / name, tmp_path / f"*{name[1:]}"):
        code, printed = warehouse.score(source, tmp_path / "out.csv")
        assert code == 1 and printed.count("\n") == 1
        assert f"{name}, line 6, column 'seen_at'" in printed and f"'{value}'" in printed
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize("name", ["in.parquet", "in.csv.gz"])
def test_an_empty_file_of_any_format_is_refused(warehouse: Warehouse, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    code, printed = warehouse.score(tmp_path / name, tmp_path / "out.csv")
    assert (code, printed.count("\n")) == (1, 1) and "is empty" in printed


def test_files_read_together_have_one_header(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(f"{HEADER}1,2,3,a,\n")
    (tmp_path / "2.csv").write_text("id,amount,wide,region,seen_at\n1,2,3,a,\n")
    code, printed = warehouse.score(tmp_path / "*.csv", "raw.both")
    assert code == 1 and "2.csv" in printed and "same order" in printed


def test_header_without_rows_is_scored(warehouse: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER)
    assert warehouse.score(tmp_path / "in.csv", tmp_path / "out.csv")[0] == 0
