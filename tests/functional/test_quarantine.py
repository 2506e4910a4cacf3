"""Raw tables of any project, just declared: sound rows are read, broken ones told with their reasons."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from project import Project
from shop import CONTRACTS, PAYMENTS, declare_contracts, make_shop

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
    found: dict[str, set[str]] = {}
    broken = f"select raw_row, rule from staging.quarantine where table_name = '{table}' order by row_id"
    for row, rule in shop.query(broken):
        found.setdefault(row, set()).add(rule)
    return found


def test_each_broken_order_is_told_with_all_its_rules(shop: Project) -> None:
    found = {
        row if "note" not in row else json.loads(row)["note"]: broken
        for row, broken in rules(shop, "orders").items()
    }
    assert found == {
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
    told = shop.query(
        "select row_id, dimension, reason from staging.quarantine "
        "where rule in ('type_amount', 'range_amount', 'required_email') order by table_name, row_id"
    )
    assert told == [
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
    found = {tuple(json.loads(row).values()): broken for row, broken in rules(shop, "bank.payments").items()}
    assert found == {
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
    assert "the model hasty reads orders past its contract" in run.output
    assert "select from accepted_rows(ref('orders'))" in run.output


WRONG = {
    "customers": {
        "key": ["id"],
        "types": {"customer_id": "integer"},
        "max_bad_shares": 0.1,
        "weights": {"completeness": 0},
    },
    "orders": {
        "ranges": {"amount": {"least": 0}},
        "references": {
            "customer_id": "bank.refunds.order_id",
            "note": "customers",
            "order_id": ["customers.customer_id", "customers.mail"],
        },
        "rules": [{"name": "cheap", "condition": "amount < 10"}],
        "max_bad_share": 2,
    },
    "bank.payments": {
        "like": "payers",
        "key": "payment_id",
        "required": None,
        "ranges": ["order_id"],
        "rules": ["order_id > 0", {"name": "x", "condition": "true", "reason": "x", "columns": "order_id"}],
    },
}
SENTENCES = (
    "The raw tables must have contracts that can be kept, but ",
    "the contract of customers has the unknown key 'max_bad_shares': use one of like, types, key,",
    "the contract of customers names in key the column 'id', which it does not have: its columns are ",
    "the contract of customers must weigh completeness, accuracy and validity with numbers from 0 up, "
    "not all of them 0, but found",
    "the contract of orders must give amount a range of min, max or both, numbers, but found {'least': 0};",
    "the contract of orders refers from customer_id to bank.refunds.order_id, but must refer to "
    "<table>.<column> of a table with a contract: bank.payments, customers;",
    "the contract of orders refers from note to customers, but must refer to <table>.<column> of a table ",
    "the contract of orders refers from order_id to customers.mail, a column that is not there: those of "
    "customers are customer_id, email;",
    "the contract of orders has a rule without name, condition or reason",
    "the contract of orders must give max_bad_share a share from 0 to 1, but found 2",
    "the contract of customers gives types, but a seed is typed as it is loaded: write them in its "
    "column_types;",
    "the contract of bank.payments is like 'payers', which is no seed with a contract: name one;",
    "the contract of bank.payments is of a table without columns: describe them under columns;",
    "the contract of bank.payments must give key as a list, but found payment_id;",
    "the contract of bank.payments must give required as a list, but found None;",
    "the contract of bank.payments must give ranges as a mapping, but found ['order_id'];",
    "the contract of bank.payments must give each of its rules as a mapping, but found order_id > 0;",
    "the contract of bank.payments must give the columns of the rule x as a list, but found order_id",
)


def test_wrong_contracts_are_told_all_at_once(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path / "shop")
    declare_contracts(other, WRONG)
    columns = ", ".join(f'{{"name": "{name}"}}' for name in ("payment_id", "paid_on", "order_id"))
    other.replace("models/sources.yml", columns, "")
    run = other.build("-s", "accepted_customers")
    assert run.code != 0
    assert [sentence for sentence in SENTENCES if sentence not in run.output] == []


def test_threshold_for_an_unknown_rule_is_refused(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path / "shop")
    orders = {**CONTRACTS["orders"], "max_bad_share_by_rule": {"range_paid": 0}}
    declare_contracts(other, {**CONTRACTS, "orders": orders})
    run = other.build("-s", "accepted_customers")
    assert run.code != 0
    assert (
        "the contract of orders has a threshold for the rule 'range_paid', which it does not have: its"
        in run.output
    )
