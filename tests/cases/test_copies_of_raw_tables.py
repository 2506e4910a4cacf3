"""A raw table outside of the warehouse is copied as a whole or not at all, and what hinders that has a sentence."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt.adapters.duckdb.credentials import Attachment
from outside_tables import OWNER, PAGE, READER, Outside, serving
from servers import free_port, postgres

from scoring.profile_connections import connect
from scoring.profile_secrets import problems
from scoring.raw_copies import RawCopies


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outside]:
    with serving(tmp_path_factory.mktemp("servers")) as outside:
        yield outside


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


def test_partitioned_tables_and_views_are_read_in_any_case_of_their_names(outside: Outside) -> None:
    outside.postgres.execute(
        """
        create table "Parted" ("Price" integer) partition by range ("Price");
        create table first_part partition of "Parted" for values from (0) to (10);
        create table second_part partition of "Parted" for values from (10) to (20);
        insert into "Parted" values (1), (11);
        create materialized view seen as select "Price" as price from "Parted"
        """
    )
    with outside.connected() as connection:
        for number, name in enumerate(("parted", "seen")):
            RawCopies(connection).copy(request_of({"identifier": name}, invocation=str(number)))
            assert connection.sql("select price from copied order by 1").fetchall() == [(1,), (11,)]


def test_a_profile_without_a_secret_will_do_for_postgres(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    (text,) = re.findall(r"`attach: (\[.*?\])`", PAGE, re.DOTALL)
    (database,) = yaml.safe_load(text)
    assert problems({"attach": [database]}, {}) == []
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", str(outside.postgres.port))
    monkeypatch.setenv("PGPASSWORD", READER)
    with duckdb.connect() as connection:
        connect(connection, ["postgres_scanner"], [], [("crm", Attachment(**database).to_sql())])
        assert connection.sql("select count(*) from crm.public.customers").fetchall() == [(3,)]
