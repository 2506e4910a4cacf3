"""Raw tables of any project, just declared: sound rows are read, broken ones told with their reasons."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from project import Project
from shop import PAYMENTS, make_shop

ACCEPTED = ("build", "-s", "+accepted_customers", "+accepted_orders", "+accepted_payments")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The shop after its first build; not to be changed."""
    project = make_shop(tmp_path_factory.mktemp("shop"))
    run = project.build(*ACCEPTED[1:])
    assert run.code == 0, run.output
    return project


def rules(shop: Project, table: str) -> dict[str, set[str]]:
    """Return for each quarantined row of a table the rules that it breaks."""
    broken_rules: dict[str, set[str]] = {}
    broken = f"select raw_row, rule from staging.quarantine where table_name = '{table}' order by row_id"
    for row, rule in shop.query(broken):
        broken_rules.setdefault(row, set()).add(rule)
    return broken_rules


def test_each_broken_order_is_reported_with_all_its_rules(shop: Project) -> None:
    broken_rules = {
        row if "note" not in row else json.loads(row)["note"]: broken
        for row, broken in rules(shop, "orders").items()
    }
    assert broken_rules == {
        "negative": {"range_amount"},
        "paid too much": {"customer's_limit"},
        "customer in quarantine": {"reference_customer_id"},
        "nobody's and negative": {"reference_customer_id", "range_amount"},
        "no key": {"required_order_id"},
        "16,1,five,,not a number": {"type_amount"},
        "17,1,5": {"too_few_values"},
        "18,1,5,,a,b": {"too_many_values"},
        "twice": {"repeated_row"},
        "two tales": {"conflicting_key"},
        "twin of a sound row": {"range_amount"},
    }


def test_row_says_where_it_stood_and_what_must_hold(shop: Project) -> None:
    rows = shop.query(
        "select row_id, dimension, reason from staging.quarantine "
        "where rule in ('type_amount', 'range_amount', 'required_email') order by table_name, row_id"
    )
    assert rows == [
        ("row 3", "completeness", "email must have a value"),
        ("row 5", "completeness", "email must have a value"),
        ("line 8", "validity", "amount must be of type integer"),
        ("row 12", "accuracy", "amount must be at least 0 and at most 1000"),
        ("row 2", "accuracy", "amount must be at least 0 and at most 1000"),
        ("row 5", "accuracy", "amount must be at least 0 and at most 1000"),
    ]


def test_sound_orders_are_read_once_each(shop: Project) -> None:
    assert shop.query("select order_id, note from shop.accepted_orders order by 1") == [
        (10, "first"),
        (19, "twice"),
        (21, "sound"),
        (22, "of nobody"),
    ]
    # The key of a row in quarantine is free for a sound row.
    assert shop.query("select customer_id, email from shop.accepted_customers order by 1") == [
        (1, "a@example.org"),
        (2, "b@example.org\nb@example.com"),
        (3, "d@example.org"),
    ]


def test_text_of_a_source_is_typed_or_quarantined_as_it_stood(shop: Project) -> None:
    assert shop.query("select typeof(paid_on), payment_id, order_id from shop.accepted_payments") == [
        ("DATE", 1, 10)
    ]
    broken_rules = {
        tuple(json.loads(row).values()): broken for row, broken in rules(shop, "bank.payments").items()
    }
    assert broken_rules == {
        PAYMENTS[1]: {"type_paid_on"},
        PAYMENTS[2]: {"required_paid_on", "reference_order_id"},
        PAYMENTS[3]: {"type_payment_id"},
        PAYMENTS[4]: {"type_payment_id"},
    }


def test_source_without_a_declared_column_is_refused(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path / "shop")
    with duckdb.connect(str(other.warehouse)) as connection:
        connection.execute("alter table bank.payments drop paid_on")
        connection.execute("alter table bank.payments rename order_id to ordered")
    before = other.contents("shop")
    run = other.build(*ACCEPTED[1:])
    assert run.code != 0
    assert (
        "The raw table bank.payments must have the columns that its YAML describes, but it misses paid_on, "
        "order_id: restore them, or describe the table as it is." in run.output
    )
    assert other.contents("shop") == before


def test_mended_file_leaves_nothing_of_the_broken_one(shop: Project, tmp_path: Path) -> None:
    mended = shop.copy_to(tmp_path / "shop")
    mended.rewrite("seeds/orders.csv", lambda lines: [lines[0], lines[1]])
    run = mended.build(*ACCEPTED[1:])
    assert run.code == 0, run.output
    assert mended.query("select count(*) from staging.quarantine where table_name = 'orders'") == [(0,)]
    assert mended.query("select count(*) from duckdb_tables() where table_name = 'orders_rejects'") == [(0,)]


def test_model_that_reads_past_a_contract_is_refused(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path / "shop")
    (other.folder / "models/hasty.sql").write_text("select * from {{ ref('orders') }}\n")
    run = other.build("-s", "accepted_customers")
    assert run.code != 0
    assert (
        "models/hasty.sql: the model hasty reads orders past its contract: select from accepted_rows("
        in run.output
    )
