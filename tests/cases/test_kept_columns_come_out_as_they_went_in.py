"""What `warehouse-ml score` keeps of its input comes out as it went in, whatever its type and format."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import scored_project
from scored_project import Warehouse

TYPES = {
    "ubigint": ["18446744073709551615"],
    "hugeint": ["9007199254740993", "-99999999999999999999999999999999999999"],
    "uhugeint": ["9007199254740993", "99999999999999999999999999999999999999"],
    "decimal(38, 10)": ["9999999999999999999999999999.0123456789"],
    "bignum": ["123456789012345678901234567890123456789012345678901234567890"],
    "uuid": ["00000000-0000-0000-0000-0000000000ff"],
    "bit": ["10101", "0"],
    "blob": ["", "\\xAA\\x00b"],
    "time": ["23:59:59.999999"],
    "timetz": ["23:59:59.999999+02:30"],
    "time_ns": ["00:00:00.000000001"],
    "timestamp_ns": ["2024-01-01 00:00:00.123456789"],
    "timestamptz": ["2024-01-01 00:00:00.123456+02", "infinity"],
    "interval": ["-1 month 3 days 00:00:00.000001", "3000000:00:00"],
    "enum('a', 'b')": ["b"],
    "json": ['{"a": [1, null]}'],
    "varchar": ["", " ", "NULL", '""', "a,b", "two\nlines"],
    "hugeint[]": ["[9007199254740993, null]"],
    "struct(a hugeint, b interval, c uuid)": [
        "{'a': 9007199254740993, 'b': 00:00:01, 'c': 00000000-0000-0000-0000-0000000000ff}"
    ],
    "map(varchar, bit)": ["{x=10101}"],
}
TEXT_IN_PARQUET = ("bignum", "bit", "timetz", "time_ns", "interval", "enum('a', 'b')")
LONGEST = "170141183460469231731687303715884105727"


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Rows with a column of every type, named after its place; each has null as well."""
    made = scored_project.make(tmp_path_factory.mktemp("kept"))
    columns = []
    for place, (kind, values) in enumerate(TYPES.items()):
        whens = " ".join(f"when {row} then {literal(value)}::{kind}" for row, value in enumerate(values))
        columns.append(f"case id {whens} end as c{place}")
    made.query(f"create table raw.odd as select *, {', '.join(columns)} from raw.rows")
    return made


@pytest.mark.parametrize("target", ["raw.kept", "kept.parquet", "kept.csv", "kept.csv.gz"])
def test_every_type_is_kept(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    monkeypatch.chdir(warehouse.path.parent)
    assert warehouse.score("raw.odd", target)[0] == 0
    source = {
        "raw.kept": target,
        "kept.parquet": f"'{target}'",
    }.get(target, f"read_csv('{target}', header = true, all_varchar = true, allow_quoted_nulls = false)")
    for place, kind in enumerate(TYPES):
        same = f"a.c{place}::varchar is not distinct from b.c{place}::varchar"
        query = f"select bool_and({same}), any_value(typeof(a.c{place}) = typeof(b.c{place})) "
        joined = f"from raw.odd as a inner join {source} as b on a.id::varchar = b.id::varchar"
        is_same, has_type = warehouse.query(query + joined)[0]
        assert is_same, kind
        assert has_type or target != "raw.kept", kind


def test_huge_integers_are_decimals_in_parquet(warehouse: Warehouse) -> None:
    target = warehouse.path.parent / "wide.parquet"
    assert warehouse.score("raw.odd", target, "--keep", "c1", "--keep", "c17")[0] == 0
    types = warehouse.query(f"select column_type from (describe from '{target}')")
    assert types[:2] == [("DECIMAL(38,0)",), ("DECIMAL(38,0)[]",)]


@pytest.mark.parametrize(
    ("value", "facts"),
    [
        (f"{LONGEST}::hugeint", ["'odd'", "38 digits", "varchar"]),
        ("md5_number('a')", ["'odd'", "38 digits"]),
        (f"[{LONGEST}::hugeint]", ["'odd'", "38 digits"]),
        ("union_value(num := 2)", ["'odd'", "UNION(num INTEGER)", "CSV"]),
    ],
)
def test_what_parquet_cannot_hold_is_refused(warehouse: Warehouse, value: str, facts: list[str]) -> None:
    warehouse.query(f"create or replace table raw.wide as select *, {value} as odd from raw.rows")
    folder = warehouse.path.parent
    code, printed = warehouse.score("raw.wide", folder / "no.parquet")
    assert code == 1 and printed.count("\n") == 1
    assert all(fact in printed for fact in facts)
    assert not list(folder.glob("*no.parquet*"))
    for target in ("raw.wide_out", folder / "wide_out.csv"):
        assert warehouse.score("raw.wide", target)[0] == 0


def test_a_wide_feature_need_not_be_kept(warehouse: Warehouse) -> None:
    target = warehouse.path.parent / "narrow.parquet"
    assert warehouse.score("raw.rows", target, "--keep", "id", "--keep", "id")[0] == 0
    assert warehouse.query(f"select count(distinct id), count(prediction) from '{target}'") == [(400, 400)]


def test_the_file_can_be_opened_again_after_a_failure(warehouse: Warehouse) -> None:
    """Nothing of the failed call waits for the garbage collector, for which `duckdb.connect` would wait."""
    warehouse.query("create table raw.parent (id integer primary key)")
    warehouse.query("create table raw.child (id integer references raw.parent (id))")
    warehouse.query("create table raw.text as select * replace ('x' as amount) from raw.rows")
    gc.disable()
    try:
        for source, target in (("raw.rows", "raw.parent"), ("raw.text", "raw.new"), ("raw.none", "raw.new")):
            code, printed = warehouse.score(source, target)
            assert (code, printed.count("\n")) == (1, 1)
            assert warehouse.query("select 1") == [(1,)]
    finally:
        gc.enable()


def test_sql_scores_huge_integers_under_either_setting(warehouse: Warehouse, tmp_path: Path) -> None:
    import scoring

    with scoring.connect(warehouse.path, read_only=True) as connection:
        scores = []
        for setting in ("false", "true"):
            connection.execute(f"set arrow_lossless_conversion = {setting}")
            query = "select ml_predict('late', if(id % 3 = 0, null, r)) from raw.rows as r order by id"
            scores.append(connection.sql(query).fetchall())
    assert scores[0] == scores[1]
