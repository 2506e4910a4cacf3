"""Raw tables in Parquet files, on a real S3 server and in a real Postgres keep contracts as seeds do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from outside_tables import COMMAND, COPIES, PAGE, SECRETS, Outside, serving
from project import Project

from scoring.duckdb_extensions import load_extension
from scoring.rebuilding import rebuild
from scoring.registry import resolve
from scoring.warehouse import Warehouse

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
                    "name": "people",
                    "columns": [
                        *({"name": name} for name in ("person_id", "age", "is_late")),
                        {"name": "email", "config": {"meta": {"pii": True}}},
                    ],
                    "config": {
                        "meta": {
                            "external_location": "data/people.parquet",
                            "raw_contract": {"key": ["person_id"]},
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
LEARNT = "{{{{ config(materialized='ml_model') }}}} select {} from {{{{ ref('people') }}}}"
BLOCK = {
    "task": "binary",
    "label": "is_late",
    "key": "person_id",
    "split": {"method": "random", "test": 0.3},
    "params": {"num_iterations": 5, "min_data_in_leaf": 5},
}
PEOPLE = """
select i as person_id, i * 37 % 100 as age, i * 37 % 100 > 50 as is_late, 'a@b' as email
from range(300) as t(i)
"""
ODD = {
    "models/odd/sources.yml": json.dumps(SOURCES),
    "models/odd/lines.sql": "select * from {{ warehouse_ml.accepted_rows(source('sales', 'lines')) }} as lines",
    "models/odd/same_lines.sql": "select * from {{ warehouse_ml.accepted_rows(source('sales', 'lines')) }} as lines",
    "models/odd/grown.sql": """select * from {{ warehouse_ml.accepted_rows(source("shop's", 'grown')) }} as grown
        where {{ warehouse_ml.is_known('seen_at') }}""",
    "models/odd/people.sql": """select * from {{ warehouse_ml.accepted_rows(source("shop's", 'people')) }} as people""",
    "models/odd/late.sql": LEARNT.format("person_id, age, is_late"),
    "models/odd/leaky.sql": LEARNT.format("*"),
    "models/odd/learnt.yml": json.dumps(
        {"models": [{"name": name, "config": {"meta": {"ml": BLOCK}}} for name in ("late", "leaky")]}
    ),
    "models/odd/plain.sql": """select * from {{ source("shop's", 'plain') }}""",
}
AS_OF = "2024-02-10"
AGAIN = ("build", "--select", "lines", "grown")
BUILD = ("build", "--select", "lines", "same_lines", "grown", "plain", "late", "people", "--threads", "2")


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
        connection.execute(f"copy ({PEOPLE}) to '{shop.folder}/data/people.parquet'")
    run = outside.dbt(shop, *BUILD)
    assert run.code == 0, run.output
    return shop


def write_grown(project: Project, **queries: str) -> None:
    with duckdb.connect() as connection:
        for name, query in queries.items():
            path = f"{project.folder}/data/it's grown/{name}.parquet".replace("'", "''")
            connection.execute(f"copy ({query}) to '{path}' (format parquet)")


def places_with_secrets(project: Project, output: str = "") -> list[str]:
    """Return what holds a secret, in any form that dbt or DuckDB may write it in."""
    forms = {
        form.encode()
        for secret in SECRETS
        for form in (
            secret,
            secret.replace("'", "''"),
            secret.replace("\\", "\\\\"),
            json.dumps(secret)[1:-1],
        )
    }
    contents = {
        str(path.relative_to(project.folder)): path.read_bytes()
        for path in project.folder.rglob("*")
        if path.is_file() and "dbt_packages" not in path.parts
    }
    contents["output"] = output.encode()
    return [name for name, content in contents.items() if any(form in content for form in forms)]


@pytest.mark.parametrize(("query", "printed"), QUERIES, ids=[f"query {n}" for n, _ in enumerate(QUERIES)])
def test_queries_print_what_the_page_shows(shop: Project, query: str, printed: str) -> None:
    with duckdb.connect(str(shop.warehouse), read_only=True) as connection:
        assert str(connection.sql(query)).split() == printed.split()


def test_only_described_columns_are_copied(shop: Project) -> None:
    (columns,) = zip(
        *shop.query("select column_name from (describe staging.raw_crm__customers)"), strict=True
    )
    assert columns == ("customer_id", "country", "credit_limit")


def test_no_file_and_no_output_holds_a_secret(outside: Outside, shop: Project) -> None:
    run = outside.dbt(shop, "debug")
    assert places_with_secrets(shop, run.output) == []
    assert {"shop.duckdb", "logs", "target"} <= {path.name for path in shop.folder.iterdir()}


def test_secrets_are_gone_with_the_process(shop: Project) -> None:
    with duckdb.connect(str(shop.warehouse)) as connection:
        load_extension(connection, "httpfs")
        assert connection.sql("select name from duckdb_secrets()").fetchall() == []


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
    assert "raw_shop's__grown" in {name for (name,) in tables}
    assert [name for (name,) in tables if "plain" in name] == []
    assert odd.query("select n from plain") == [(1,)]


def test_a_training_set_is_built_again_without_the_files(odd: Project) -> None:
    (odd.folder / "data/people.parquet").unlink()
    with duckdb.connect(str(odd.warehouse), read_only=True) as connection:
        warehouse = Warehouse(connection)
        assert rebuild(warehouse, resolve(warehouse, "late@1")).rows == 300


def test_personal_data_are_followed_through_a_copy(outside: Outside, odd: Project) -> None:
    run = outside.dbt(odd, "build", "--select", "leaky")
    assert run.code != 0
    assert "email" in run.output and "raw_shop's__people.email" in run.output, run.output


def test_what_is_written_meanwhile_is_read_by_the_next_build_as_of_its_instant(
    outside: Outside, odd: Project
) -> None:
    write_grown(
        odd, a="select 3 as order_id, timestamptz '2024-01-03 12:00:00+02' as seen_at, 'changed' as note"
    )
    outside.postgres.execute(
        'insert into "Sales ""2024"" x"."Order ""Lines"" x" ("ID", "select") values (2, 1), (3, 1)'
    )
    run = outside.dbt(odd, *AGAIN)
    assert run.code == 0, run.output
    assert odd.query('select "ORDER_ID", note from grown order by 1') == [(2, "new"), (3, "changed")]
    assert odd.query('select "ID" from lines order by 1') == [(1,), (2,), (3,)]


def test_with_empty_nothing_is_copied(outside: Outside, odd: Project) -> None:
    kept = """select sum(hash(copied)::hugeint), (select count(*) from monitoring.data_quality)
        from staging.raw_crm__customers as copied"""
    before = odd.query(kept)
    run = outside.dbt(odd, "run", "--select", "orders", "--empty")
    assert run.code == 0, run.output
    assert odd.query("select count(*) from orders") == [(0,)]
    assert odd.query(kept) == before


@pytest.mark.parametrize(
    ("changed", "facts"),
    [
        ({"DBT_ENV_SECRET_CRM_PASSWORD": "wr0ng Gehe1m"}, ["database crm", "cannot be attached", "reader"]),
        ({"DBT_ENV_SECRET_S3_SECRET": "wr0ng+Gehe1m"}, ["provider.payments", "403", "s3://shop/payments/"]),
    ],
    ids=["wrong password", "wrong key"],
)
def test_a_server_that_cannot_be_used_ends_in_a_sentence(
    outside: Outside, shop: Project, changed: dict[str, str], facts: list[str]
) -> None:
    before = shop.query("from payments")
    run = outside.dbt(shop, *COMMAND.split(), **changed)
    assert run.code != 0
    assert [fact for fact in facts if fact not in run.output] == [], run.output
    assert "Traceback" not in run.output
    assert shop.query("from payments") == before
    assert places_with_secrets(shop, run.output) == []
    assert "Gehe1m" not in run.output + (shop.folder / "logs/dbt.log").read_text()


def test_a_model_in_the_place_of_a_copy_is_rejected(outside: Outside, shop: Project) -> None:
    model = shop.folder / "models/raw_crm__customers.sql"
    model.write_text("{{ config(schema='staging') }} select 1 as n")
    run = outside.dbt(shop, *COMMAND.split())
    model.unlink()
    assert run.code != 0
    assert (
        "the source crm.customers conflicts with raw_crm__customers, as its copy would be staging.raw_crm__customers"
        in run.output
    )
