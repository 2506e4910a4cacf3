"""Raw tables in Parquet files, on a real S3 server and in a real Postgres keep contracts as seeds do."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from outside_tables import COMMAND, COPIES, OWNER, PAGE, Outside, serving
from project import Project
from servers import free_port, postgres

from scoring.raw_copies import RawCopies

QUERIES = re.findall(r"```sql\n([^`]*)```\n```text\n([^`]*)```", PAGE)
TYPES = """
create schema "Sales ""2024"" x";
create type mood as enum ('sad', 'ok');
create table "Sales ""2024"" x"."Order ""Lines"" x" (
    "ID" integer, "Amount ""net"" x" numeric, price numeric(12, 2), "select" numeric, "Größe €" timestamptz, d date,
    t timetz, u uuid, j jsonb, tags text[], m mood, b bytea, iv interval, ip inet
);
insert into "Sales ""2024"" x"."Order ""Lines"" x" values
    (1, 0.1234567890123456789, 1.10, 'NaN', '2024-01-01 00:00+02', 'infinity', '10:00+02', gen_random_uuid(),
        '{"a": 1}', '{a,b}', 'ok', '\\x00ff', '1 day', '10.0.0.1'),
    (-1, 'NaN', null, 12345678901234567890.5, '-infinity', '2024-01-01', null, gen_random_uuid(), '[]', '{}', 'sad',
        '\\x00ff', '1 month', null)
"""
LINES = (
    "ID",
    'Amount "net" x',
    "price",
    "select",
    "Größe €",
    "d",
    "t",
    "u",
    "j",
    "tags",
    "m",
    "b",
    "iv",
    "ip",
)
GROWN = {
    "a": "select 1 as order_id, timestamptz '2024-01-01 12:00:00+02' as seen_at",
    "b": "select 'new' as note, timestamptz '2024-02-01 12:00:00+02' as seen_at, 2 as order_id",
}
SOURCES: dict[str, Any] = {
    "sources": [
        {
            "name": "sales",
            "database": "crm",
            "schema": 'Sales "2024" x',
            "tables": [
                {
                    "name": "lines",
                    "identifier": 'Order "Lines" x',
                    "columns": [{"name": name} for name in LINES],
                    "config": {
                        "meta": {
                            "raw_contract": {
                                "types": {'Amount "net" x': "decimal(38, 19)"},
                                "key": ["ID", "select"],
                                "ranges": {"ID": {"min": 0}},
                                "max_bad_share": 0.5,
                            }
                        }
                    },
                }
            ],
        },
        {
            "name": "shop's",
            "tables": [
                {
                    "name": "grown",
                    "columns": [{"name": name} for name in ("ORDER_ID", "seen_at", "note")],
                    "config": {
                        "meta": {
                            "external_location": "data/it's grown/*.parquet",
                            "raw_contract": {"key": ["ORDER_ID"], "required": ["seen_at"]},
                        }
                    },
                },
                {
                    "name": "plain",
                    "config": {"meta": {"external_location": "data/plain.parquet"}},
                },
            ],
        },
    ]
}
ODD = {
    "models/odd/sources.yml": json.dumps(SOURCES),
    "models/odd/lines.sql": "select * from {{ warehouse_ml.accepted_rows(source('sales', 'lines')) }} as lines",
    "models/odd/same_lines.sql": "select * from {{ warehouse_ml.accepted_rows(source('sales', 'lines')) }} as lines",
    "models/odd/grown.sql": """select * from {{ warehouse_ml.accepted_rows(source("shop's", 'grown')) }} as grown
        where {{ warehouse_ml.is_known('seen_at') }}""",
    "models/odd/plain.sql": """select * from {{ source("shop's", 'plain') }}""",
}
AS_OF = "2024-02-10"
BUILD = ("build", "--select", "lines", "same_lines", "grown", "plain", "--threads", "2")


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with serving(tmp_path_factory.mktemp("servers")) as outside:
        yield outside


@pytest.fixture(scope="module")
def shop(outside: Outside, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the page, built as there as of a later instant, beside other sources, not built yet."""
    project = outside.make(tmp_path_factory.mktemp("shop"), ODD, as_of=AS_OF)
    outside.write_files(project.folder, *COPIES)
    run = outside.dbt(project, *COMMAND.split())
    assert run.code == 0, run.output
    return project


@pytest.fixture(scope="module")
def odd(outside: Outside, shop: Project) -> Project:
    """The same project with the other sources built, too; tests change them from top to bottom."""
    outside.postgres.execute(TYPES)
    (shop.folder / "data/it's grown").mkdir(parents=True)
    write_grown(shop, **GROWN)
    with duckdb.connect() as connection:
        connection.execute(f"copy (select 1 as n) to '{shop.folder}/data/plain.parquet'")
    run = outside.dbt(shop, *BUILD)
    assert run.code == 0, run.output
    return shop


def write_grown(project: Project, **queries: str) -> None:
    with duckdb.connect() as connection:
        for name, query in queries.items():
            path = f"{project.folder}/data/it's grown/{name}.parquet".replace("'", "''")
            connection.execute(f"copy ({query}) to '{path}' (format parquet)")


@pytest.mark.parametrize(("query", "printed"), QUERIES, ids=[f"query {n}" for n, _ in enumerate(QUERIES)])
def test_queries_print_what_the_page_shows(shop: Project, query: str, printed: str) -> None:
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        assert str(connection.sql(query)).split() == printed.split()


def test_only_described_columns_are_copied(shop: Project) -> None:
    (columns,) = zip(
        *shop.query("select column_name from (describe staging.raw_crm__customers)"), strict=True
    )
    assert columns == ("customer_id", "country", "credit_limit")


def test_numbers_and_instants_of_postgres_are_exact(odd: Project) -> None:
    ((one, amount, price, number, instant, day),) = odd.query(
        'select "ID", "Amount ""net"" x", price, cast("select" as varchar), "Größe €", d::varchar from lines'
    )
    assert (one, amount) == (1, Decimal("0.1234567890123456789"))
    assert (price, number) == (Decimal("1.10"), "nan")  # DuckDB alone reads NaN as 0
    assert (instant, day) == (datetime(2023, 12, 31, 22), "infinity")


def test_a_broken_row_of_any_types_goes_to_quarantine_as_it_was(odd: Project) -> None:
    rows = odd.query(
        "select rule, raw_row from staging.quarantine where table_name = 'sales.lines' order by 1"
    )
    assert [rule for rule, _ in rows] == ["range_ID", 'type_Amount "net" x']
    row = json.loads(rows[0][1])
    assert (row["ID"], row['Amount "net" x'], row["m"], row["tags"]) == (-1, "NaN", "sad", [])


def test_files_of_several_releases_are_read_by_their_names(odd: Project) -> None:
    assert odd.query('select "ORDER_ID", seen_at, note from grown order by 1') == [
        (1, datetime(2024, 1, 1, 10), None),
        (2, datetime(2024, 2, 1, 10), "new"),
    ]


def test_a_table_is_read_once_for_two_models_on_two_threads(outside: Outside, odd: Project) -> None:
    log = outside.postgres.log.read_text()
    assert log.count('COPY (SELECT "ID"') == 1, log[-3000:]


def test_a_source_without_a_contract_is_left_alone(odd: Project) -> None:
    tables = odd.query("select table_name from duckdb_tables() where table_name like 'raw%' order by 1")
    assert [name for (name,) in tables if "plain" in name or "shop's" in name] == ["raw_shop's__grown"]
    assert odd.query("select n from plain") == [(1,)]


def test_what_is_written_meanwhile_is_read_by_the_next_build_as_of_its_instant(
    outside: Outside, odd: Project
) -> None:
    write_grown(
        odd, a="select 3 as order_id, timestamptz '2024-01-03 12:00:00+02' as seen_at, 'changed' as note"
    )
    outside.postgres.execute(
        'insert into "Sales ""2024"" x"."Order ""Lines"" x" ("ID", "select") values (2, 1), (3, 1)'
    )
    run = outside.dbt(odd, *BUILD)
    assert run.code == 0, run.output
    assert odd.query('select "ORDER_ID", note from grown order by 1') == [(2, "new"), (3, "changed")]
    assert odd.query('select "ID" from lines order by 1') == [(1,), (2,), (3,)]


@pytest.mark.parametrize(
    "option", [("--empty",), ("--sample", "{'start': '2024-01-01', 'end': '2024-01-02'}")]
)
def test_without_data_nothing_is_copied(outside: Outside, odd: Project, option: tuple[str, ...]) -> None:
    kept = """select sum(hash(copied)::hugeint), (select count(*) from monitoring.data_quality)
        from staging.raw_crm__customers as copied"""
    before = odd.query(kept)
    run = outside.dbt(odd, "run", "--select", "orders", "payments", *option)
    assert run.code == 0, run.output
    assert odd.query("select count(*) from orders") == [(0 if option == ("--empty",) else 2,)]
    assert odd.query(kept) == before


SLOW = """
create table pace (seconds float);
insert into pace values (0);
create view slow as
select i as n, repeat('x', 1000) as text, pg_sleep((select seconds from pace))::text as waited
from generate_series(1, 300) as i
"""
COPYING = """
import sys
import duckdb
from scoring.duckdb_extensions import load_extension
from scoring.raw_copies import RawCopies

path, place, request = sys.argv[1:]
connection = duckdb.connect(path)
load_extension(connection, "postgres_scanner")
connection.execute(f"attach '{place}' as crm (type postgres, read_only)")
connection.execute("create schema if not exists staging")
print(RawCopies(connection).copy(request))
"""


def test_a_copy_that_is_killed_leaves_the_one_before(outside: Outside, tmp_path: Path) -> None:
    outside.postgres.execute(SLOW)
    source = {
        "table": "crm.slow",
        "database": "crm",
        "schema": "public",
        "identifier": "slow",
        "engine": "postgres",
    }
    request = {
        "invocation": "1",
        "source": source,
        "columns": ["n", "text", "waited"],
        "copy": ["warehouse", "staging", "raw_crm__slow"],
    }
    place = f"{outside.postgres.connection_string} password={OWNER}"
    file = tmp_path / "warehouse.duckdb"
    command = [sys.executable, "-c", COPYING, str(file), place, json.dumps(request)]
    assert "problem" not in subprocess.run(command, check=True, capture_output=True, text=True).stdout

    outside.postgres.execute("update pace set seconds = 0.05")
    with subprocess.Popen(command) as process:
        deadline = time.monotonic() + 60
        while not outside.postgres.query(
            "select pid from pg_stat_activity where query like 'COPY%slow%' and wait_event = 'PgSleep'"
        ):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)

    with duckdb.connect(str(file), read_only=True) as connection:
        assert connection.sql("select count(*), max(n) from staging.raw_crm__slow").fetchall() == [(300, 300)]
        assert connection.sql("select table_name from duckdb_tables()").fetchall() == [("raw_crm__slow",)]


NOWHERE = f"127.0.0.1:{free_port()}"
UNREADABLE: dict[str, tuple[dict[str, str], dict[str, object], list[str]]] = {
    "no files": ({"location": "'{folder}/none/*.parquet'"}, {}, ["must have a file", "/none/*.parquet"]),
    "a folder": ({"location": "'{folder}'"}, {}, ["is a folder", "/**/*.parquet"]),
    "no Parquet": ({"location": "'{folder}/text.parquet'"}, {}, ["cannot be read", "No magic bytes"]),
    "no bucket": ({"location": "'s3://nobody/*.parquet'"}, {}, ["s3://nobody/*.parquet", "404"]),
    "wrong key": ({"location": "'s3://shop/*.parquet'"}, {"secret": "wr0ng+Gehe1m"}, ["403"]),
    "no S3 server": ({"location": "'s3://shop/*.parquet'"}, {"endpoint": NOWHERE}, ["Could not connect"]),
    "a password": ({"location": "postgres_scan('host=a password=Gehe1m', 'b', 'c')"}, {}, ["has a password"]),
    "no such table": ({"identifier": "nothing"}, {}, ["no crm.public.nothing that this user may see"]),
    "a value that fits no type": ({"identifier": "prices"}, {}, ["crm.public.prices", "declare the column"]),
}


def request_of(place: Mapping[str, str], columns: Sequence[str] = ("price",), invocation: str = "1") -> str:
    source = {"table": "shop.some", **place}
    if "location" not in place:
        source |= {"database": "crm", "schema": "public", "engine": "postgres"}
    copy = ["memory", "main", "copied"]
    return json.dumps({"invocation": invocation, "source": source, "columns": columns, "copy": copy})


@pytest.mark.parametrize(("place", "changed", "facts"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_table_that_cannot_be_read_ends_in_a_sentence(
    outside: Outside, tmp_path: Path, place: dict[str, str], changed: dict[str, object], facts: list[str]
) -> None:
    (tmp_path / "text.parquet").write_text("Gehe1m is a value")
    outside.postgres.execute("create table if not exists prices as select 'NaN'::numeric(12, 2) as price")
    with outside.connected(**changed) as connection:
        connection.execute("create table copied as select 1 as price")
        named = {key: text.replace("{folder}", str(tmp_path)) for key, text in place.items()}
        problem = json.loads(RawCopies(connection).copy(request_of(named)))["problem"]
        assert connection.sql("select price from copied").fetchall() == [(1,)]
    assert [fact for fact in ["The raw table shop.some", *facts] if fact not in problem] == [], problem
    assert "Gehe1m" not in problem and "NaN" not in problem
    assert "\n" not in problem


def test_a_server_that_goes_away_is_named_without_its_password(outside: Outside) -> None:
    with outside.connected() as connection:
        with postgres("g0neGehe1m") as server:
            place = f"{server.connection_string} password={server.password}"
            connection.execute(f"attach '{place}' as gone (type postgres)")
        source = {"identifier": "prices", "database": "gone", "schema": "public", "engine": "postgres"}
        request = json.loads(request_of({})) | {"source": {"table": "shop.some", **source}}
        problem = json.loads(RawCopies(connection).copy(json.dumps(request)))["problem"]
    assert "The raw table shop.some cannot be read from gone.public.prices" in problem
    assert "Gehe1m" not in problem


def test_an_extension_that_is_not_loaded_is_named() -> None:
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        answer = RawCopies(connection).copy(request_of({"location": "'s3://shop/*.parquet'"}))
    assert "extensions: [httpfs]" in json.loads(answer)["problem"]


def test_files_are_read_by_any_function(outside: Outside, tmp_path: Path) -> None:
    (location,) = re.findall(r"`(read_csv\(.*?\))`", PAGE)
    (tmp_path / "data/refunds").mkdir(parents=True)
    (tmp_path / "data/refunds/1.csv").write_text("price,by\nNA,a\n")
    place = {"location": location.replace("data/", f"{tmp_path}/data/")}
    with outside.connected() as connection:
        answer = json.loads(RawCopies(connection).copy(request_of(place)))
        assert answer == {"columns": ["price", "by"]}
        assert connection.sql("select * from copied").fetchall() == [("NA",)]


def test_a_table_that_lacks_a_column_is_not_copied(outside: Outside, tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text("Price,by\n1,a\n")
    place = {"location": f"'{tmp_path}/prices.csv'"}
    with outside.connected() as connection:
        copies = RawCopies(connection)
        answer = json.loads(copies.copy(request_of(place, ["price", "day"])))
        assert answer == {"columns": ["Price", "by"]}
        assert connection.sql("show tables").fetchall() == []
        copies.copy(request_of(place, invocation="2"))
        assert connection.sql("select * from copied").columns == ["price"]
