"""Whoever reads an instant converts its offset to UTC, or sets the row apart: nobody drops the offset."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

import duckdb
import own_project
import pytest
from project import Project

READ: dict[str, datetime] = {
    "2024-01-01": datetime(2024, 1, 1),
    "2024-01-01T00:00:00+02:00": datetime(2023, 12, 31, 22),
    "2024-01-01 00:00:00Z": datetime(2024, 1, 1),
    "2024-01-01 00:00:00 UTC": datetime(2024, 1, 1),
    "2024-01-01T00:00:00+0530": datetime(2023, 12, 31, 18, 30),
    "2024-01-01T00:00:00-08": datetime(2024, 1, 1, 8),
    "2024-01-01T00:00:00.123456+02:00": datetime(2023, 12, 31, 22, 0, 0, 123_456),
    "2024-01-01 24:00:00": datetime(2024, 1, 2),
}
SET_APART = [
    "2024-01-01t00:00:00z",
    "2024-01-01 00:00:00 Europe/Berlin",
    "2024-01-01 00:00:00 CET",
    "2016-12-31 23:59:60",
    "2024-01-01 00:00:00+25:00",
    "2024-02-30",
    "31.01.2024",
    "1704067200",
    "infinity",
    "-infinity",
    "Epoch",
]
TEXTS = [*READ, *SET_APART]
# By declared type: what is read of a text, and texts that would be read as something else.
OTHER_TYPES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "date": (
        {"2024-01-31": date(2024, 1, 31), "2024-01-31 00:00:00": date(2024, 1, 31)},
        ["2024-01-31 10:00:00", "2024-01-31T00:00:00+02:00", "2024-01-31 at noon", "epoch", "inf"],
    ),
    "time": ({"10:00": time(10), "10:00:00.5": time(10, 0, 0, 500_000)}, ["10:00:00+02", "2024-01-31"]),
    "timestamp_s": (
        {"2024-01-31 00:00:01": datetime(2024, 1, 31, 0, 0, 1)},
        ["2024-01-31 00:00:01.5", "infinity"],
    ),
    "timestamp_ns": (
        {"2024-01-31T00:00:00+02": datetime(2024, 1, 30, 22)},
        ["2024-01-31 10:00 CET", "epoch"],
    ),
    "integer": ({"7": 7, "7.0": 7}, ["7.5", "x"]),
    "double": ({"7.5": 7.5, "inf": float("inf")}, ["1e400"]),
}
CONTRACT = {"key": ["n"], "max_bad_share": 0.9}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same texts in seeds and in sources, all under contracts, and instants of a Parquet file."""
    folder = tmp_path_factory.mktemp("instants")
    tables = {"timestamp": TEXTS} | {
        kind: [*read, *set_apart] for kind, (read, set_apart) in OTHER_TYPES.items()
    }
    seeds, seed_blocks, source_blocks = {}, [], []
    for kind, texts in tables.items():
        seeds[f"seed_{kind}"] = "n,v\n" + "".join(f"{n},{text}\n" for n, text in enumerate(texts))
        config = {"column_types": {"n": "integer", "v": kind}, "meta": {"raw_contract": CONTRACT}}
        seed_blocks.append({"name": f"seed_{kind}", "config": config})
        source_blocks.append(source(f"text_{kind}", {"n": "integer", "v": kind}))
    parquet = source("parquet_instants", {"n": "integer", "v": "timestamp"})
    parquet["config"]["meta"]["external_location"] = f"read_parquet('{folder / 'instants.parquet'}')"
    names = [*seeds, *(f"bank.{block['name']}" for block in (*source_blocks, parquet))]
    sources = {"sources": [{"name": "bank", "tables": [*source_blocks, parquet]}]}
    files = {"seeds/own.yml": json.dumps({"seeds": seed_blocks}), "models/sources.yml": json.dumps(sources)}
    for name in names:
        raw = f"source('bank', '{name.removeprefix('bank.')}')" if "." in name else f"ref('{name}')"
        sql = f"select * from {{{{ warehouse_ml.accepted_rows({raw}) }}}}\n"
        files[f"models/accepted_{name.removeprefix('bank.')}.sql"] = sql
    project = own_project.make(folder, seeds, {}, files=files)
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("create schema bank")
        for kind, texts in tables.items():
            connection.execute(f"create table bank.text_{kind} (n varchar, v varchar)")
            connection.executemany(f"insert into bank.text_{kind} values (?, ?)", list(enumerate(texts)))
        connection.execute(
            "copy (select 1 as n, timestamptz '2024-01-01 00:00:00+02' as v) "
            f"to '{folder / 'instants.parquet'}' (format parquet)"
        )
    run = project.build("-s", *(f"+{path.stem}" for path in folder.glob("models/accepted_*.sql")))
    assert run.code == 0, run.output
    return project


def source(name: str, types: dict[str, str]) -> dict[str, Any]:
    contract = {"raw_contract": {**CONTRACT, "types": types}}
    return {"name": name, "config": {"meta": contract}, "columns": [{"name": column} for column in types]}


@pytest.mark.parametrize("table", ["seed_timestamp", "text_timestamp"])
def test_offsets_are_converted(built: Project, table: str) -> None:
    rows = built.query(f"select typeof(v), v from accepted_{table} order by n")
    assert rows == [("TIMESTAMP", instant) for instant in READ.values()]


def test_instants_of_a_parquet_file_are_utc(built: Project) -> None:
    rows = built.query("select typeof(v), v from accepted_parquet_instants")
    assert rows == [("TIMESTAMP", datetime(2023, 12, 31, 22))]


@pytest.mark.parametrize("kind", OTHER_TYPES)
@pytest.mark.parametrize("reader", ["seed", "text"])
def test_what_is_read_exactly_is_accepted(built: Project, reader: str, kind: str) -> None:
    rows = built.query(f"select v from accepted_{reader}_{kind} order by n")
    assert rows == [(value,) for value in OTHER_TYPES[kind][0].values()]


@pytest.mark.parametrize("kind", ["timestamp", *OTHER_TYPES])
def test_what_is_not_read_exactly_is_set_apart(built: Project, kind: str) -> None:
    read, set_apart = OTHER_TYPES.get(kind, (READ, SET_APART))
    rejected = "select row_id, raw_row, rule from staging.quarantine where table_name = '{}' order by all"
    lines = built.query(rejected.format(f"seed_{kind}"))
    assert sorted(lines) == sorted(
        (f"line {n + 2}", f"{n},{text}", "type_v") for n, text in enumerate(set_apart, start=len(read))
    )
    rows = built.query(rejected.format(f"bank.text_{kind}"))
    assert {(json.loads(row)["v"], rule) for _, row, rule in rows} == {(text, "type_v") for text in set_apart}
