"""Blocks of feature views and raw contracts: what is wrong with them, all at once, each with its place."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

import scoring.plugin
from training.declared.blocks import problems_of_blocks

COLUMNS = {"shop_id": None, "amount": "never", "remark": "not applicable", "event_at": None, "known_at": None}
VIEW: dict[str, Any] = {"entity": "shop", "keys": ["shop_id"], "ttl": "1 day", "owner": "shops"}
TYPES = {"order_id": "integer", "customer_id": "integer", "amount": "integer", "note": "varchar"}


def view(
    block: Any, columns: dict[str, str | None] | None = None, *, name: str = "sales", **fields: Any
) -> dict[str, Any]:
    described = {
        column: {"description": "Said.", "nulls": nulls} for column, nulls in (columns or COLUMNS).items()
    }
    place = {"file": "models/sales.yml", "kind": "model", "materialized": "view", "columns": described}
    return {"name": name, **place, "blocks": {"feature_view": block}, **fields}


def seed(block: Any, *, name: str = "orders", **fields: Any) -> dict[str, Any]:
    place = {"file": "seeds/orders.yml", "kind": "seed", "materialized": "seed", "column_types": TYPES}
    return {"name": name, **place, "blocks": {"raw_contract": block}, **fields}


def source(block: Any, **fields: Any) -> dict[str, Any]:
    columns = {name: {"description": "", "nulls": None} for name in ("payment_id", "order_id")}
    return (
        seed(
            block,
            name="bank.payments",
            file="models/bank.yml",
            kind="source",
            column_types={},
            columns=columns,
        )
        | fields
    )


def problems(*nodes: dict[str, Any]) -> list[str]:
    return problems_of_blocks(json.dumps(nodes))


WRONG_VIEWS: list[tuple[dict[str, Any], list[str]]] = [
    (view("shop"), ["models/sales.yml: sales: feature_view is 'shop'; it must be a mapping"]),
    (view(VIEW | {"ownr": "a"}), ["feature_view.ownr is not a key. Did you mean 'owner'?"]),
    (view(VIEW | {"owner": " "}), ["feature_view.owner is ' '; it must be text"]),
    (view(VIEW | {"owner": None}), ["feature_view.owner is null; it must be text"]),
    (view(VIEW | {"owner": True}), ["feature_view.owner is true", "yes, no, on and off", "owner: '<name>'"]),
    (view(VIEW | {"ttl": "2 dayz"}), ["ttl is '2 dayz'; it must be", "(second, minute, hour, day or week)"]),
    (view(VIEW | {"ttl": 1}), ["feature_view.ttl is 1; it must be a whole number above 0 and a unit"]),
    (
        view(VIEW | {"keys": ["shop_ids"]}),
        ["feature_view.keys is 'shop_ids'", "columns described, shop_id", "Did you mean 'shop_id'?"],
    ),
    (view(VIEW | {"keys": ["shop_id", "shop_id"]}), ["feature_view.keys is [shop_id, shop_id]", "different"]),
    (view({"entity": "shop", "owner": "shops"}), ["feature_view.keys is missing", "keys: [customer_id]"]),
    (view(VIEW | {"event_at": "shop_id"}), ["feature_view.event_at is 'shop_id'", "an instant and no key"]),
    (
        view(VIEW | {"known_at": "knwon_at"}),
        ["feature_view.known_at is 'knwon_at'", "Did you mean 'known_at'?"],
    ),
    (view(VIEW | {"known_at": 2024}), ["feature_view.known_at is 2024; it must be text"]),
    (view(VIEW | {"entity": "The Shop"}), ["feature_view.entity is 'The Shop'; it must be a name of small"]),
    (view(VIEW, dict.fromkeys(("shop_id", "event_at", "known_at"))), ["columns has no feature"]),
    (view(VIEW, materialized="ephemeral"), ["materialized is 'ephemeral'", "table, view"]),
    (
        view(VIEW, COLUMNS | {"amount": None}),
        ["columns.amount.config.meta.nulls is missing", "one of never, "],
    ),
    (
        view(VIEW, COLUMNS | {"remark": "not aplicable"}),
        ["columns.remark.config.meta.nulls is 'not aplicable'", "Did you mean 'not applicable'?"],
    ),
    (
        view(VIEW, columns={"shop_id": "unknown"} | COLUMNS) | {"columns": {}},
        ["feature_view.keys is 'shop_id'"],
    ),
    (
        view(VIEW, kind="source"),
        ["feature_view has no effect on a source", "a model or a seed or a snapshot"],
    ),
]


@pytest.mark.parametrize(("node", "facts"), WRONG_VIEWS)
def test_a_wrong_view_is_reported(node: dict[str, Any], facts: list[str]) -> None:
    assert any(all(fact in text for fact in facts) for text in problems(node)), problems(node)


def test_columns_without_a_description_are_reported() -> None:
    node = view(VIEW)
    node["columns"]["amount"]["description"] = " "
    assert problems(node) == [
        "models/sales.yml: sales: columns.amount.description is missing: write what the column holds"
    ]


def test_views_of_one_entity_have_the_same_keys() -> None:
    other = view(VIEW | {"keys": "remark"}, COLUMNS | {"shop_id": "unknown", "remark": None}, name="visits")
    (text,) = problems(view(VIEW), other)
    assert "visits: feature_view.keys is [remark]; it must be [shop_id] as in sales" in text


RULE = {"name": "cheap", "condition": "amount < 10", "reason": "an order must be cheap"}
CUSTOMERS = seed({"key": ["customer_id"]}, name="customers", column_types={"customer_id": "integer"})
WRONG_CONTRACTS: list[tuple[dict[str, Any], list[str]]] = [
    (seed(True), ["seeds/orders.yml: orders: raw_contract is true; it must be a mapping"]),
    (seed({"max_bad_shares": 0.1}), ["raw_contract.max_bad_shares is not a key", "'max_bad_share'?"]),
    (seed({"key": ["id"]}), ["raw_contract.key is 'id'", "the columns order_id, customer_id, amount, note"]),
    (seed({"key": "order_id"}), ["raw_contract.key is 'order_id'; it must be a list"]),
    (seed({"required": None}), ["raw_contract.required is null; it must be a list"]),
    (
        seed({"types": {"order_id": "date"}}),
        ["types is {order_id: date}", "a seed", "write the types in column_types"],
    ),
    (seed({"weights": {"completeness": 0}}), ["raw_contract.weights.accuracy is missing"]),
    (
        seed({"weights": dict.fromkeys(("completeness", "accuracy", "validity"), 0)}),
        ["raw_contract.weights is {completeness: 0", "above 0"],
    ),
    (
        seed({"weights": {"completeness": -1}}),
        ["weights.completeness is -1; it must be a number of at least 0"],
    ),
    (
        seed({"ranges": {"amount": {"least": 0}}}),
        ["raw_contract.ranges.amount.least is not a key", "min, max"],
    ),
    (seed({"ranges": {"amount": {}}}), ["raw_contract.ranges.amount is {}", "min, max or both"]),
    (
        seed({"ranges": {"amount": {"min": "0"}}}),
        ["raw_contract.ranges.amount.min is '0'; it must be a number"],
    ),
    (seed({"ranges": ["amount"]}), ["raw_contract.ranges is [amount]; it must be a mapping"]),
    (seed({"ranges": {"price": {"min": 0}}}), ["raw_contract.ranges is 'price'", "columns order_id"]),
    (seed({"references": {"note": "customers"}}), ["references.note is 'customers'", "<table>.<column>"]),
    (
        seed({"references": {"customer_id": "people.id"}}),
        ["references.customer_id is 'people.id'", "customers, "],
    ),
    (
        seed({"references": {"customer_id": ["customers.customer_id", "customers.mail"]}}),
        ["references.customer_id is 'customers.mail'", "one of customers.customer_id"],
    ),
    (seed({"references": {"order_id": "orders.note"}}), ["'orders.note'; it leads back to orders"]),
    (seed({"rules": [{"name": "cheap", "condition": "true"}]}), ["raw_contract.rules[0].reason is missing"]),
    (seed({"rules": ["amount < 10"]}), ["raw_contract.rules[0] is 'amount < 10'; it must be a mapping"]),
    (seed({"rules": [RULE | {"columns": "amount"}]}), ["rules[0].columns is 'amount'; it must be a list"]),
    (seed({"rules": [RULE | {"columns": ["price"]}]}), ["raw_contract.rules is 'price'", "columns order_id"]),
    (seed({"rules": [RULE, RULE]}), ["raw_contract.rules is 'cheap'", "rename one"]),
    (seed({"max_bad_share": 2}), ["raw_contract.max_bad_share is 2; it must be a number between 0 and 1"]),
    (seed({"max_bad_share_by_rule": {"range_paid": 0}}), ["by_rule is 'range_paid'", "type_order_id"]),
    (seed({"max_bad_share_by_rule": {"cheap": 9}}), ["max_bad_share_by_rule.cheap is 9", "between 0 and 1"]),
    (seed({}, column_types={}), ["column_types is missing"]),
    (
        source({"like": "payers"}),
        ["models/bank.yml: bank.payments: raw_contract.like is 'payers'", "customers"],
    ),
    (source({}, columns={}), ["bank.payments: columns is missing"]),
    (source({"types": {"paid_on": "date"}}), ["raw_contract.types is 'paid_on'", "payment_id, order_id"]),
    (source({"like": "customers"}), ["raw_contract.key is 'customer_id'", "columns payment_id, order_id"]),
    (seed({}, kind="model"), ["raw_contract has no effect on a model", "a seed or a source"]),
]


@pytest.mark.parametrize(("node", "facts"), WRONG_CONTRACTS)
def test_a_wrong_contract_is_reported(node: dict[str, Any], facts: list[str]) -> None:
    texts = problems(CUSTOMERS, node)
    assert any(all(fact in text for fact in facts) for text in texts), texts


def test_references_that_lead_in_a_circle_are_reported() -> None:
    first = seed({"references": {"order_id": "second.order_id"}}, name="first")
    second = seed({"references": {"order_id": "third.order_id"}}, name="second")
    third = seed({"references": {"order_id": "first.order_id"}}, name="third")
    assert [text.split(": ")[1] for text in problems(first, second, third)] == ["first", "second", "third"]


def test_sound_blocks_have_no_problems() -> None:
    contract = {
        "key": ["order_id"],
        "required": ["amount"],
        "ranges": {"amount": {"min": 0}},
        "references": {"customer_id": "customers.customer_id"},
        "rules": [RULE, RULE | {"name": "positive", "condition": "{column} > 0", "columns": ["amount"]}],
        "max_bad_share_by_rule": dict.fromkeys(
            (
                "too_few_values",
                "required_order_id",
                "type_amount",
                "range_amount",
                "positive_amount",
                "cheap",
            ),
            0.1,
        )
        | {"reference_customer_id": 1, "repeated_row": 0},
    }
    payments = source({"types": {"payment_id": "integer"}, "key": ["payment_id"]})
    like = source({"like": "orders"}, name="bank.orders", columns={name: {} for name in TYPES})
    assert problems(CUSTOMERS, seed(contract), payments, like, view(VIEW)) == []


def test_all_problems_of_all_blocks_come_at_once() -> None:
    wrong = {"key": "order_id", "types": {"a": "date"}, "like": "payers", "max_bad_share": 2, "colour": 1}
    texts = problems(view({"entity": 1}, materialized="ephemeral"), seed(wrong, column_types={}))
    for place in (
        *("sales: feature_view.entity", "sales: feature_view.keys", "sales: feature_view.owner"),
        *("sales: materialized", "orders: raw_contract.key", "orders: raw_contract.types"),
        *("orders: raw_contract.like", "orders: raw_contract.max_bad_share", "orders: raw_contract.colour"),
        "orders: column_types",
    ):
        assert any(f"{place} is" in text for text in texts), place


def test_every_connection_of_dbt_has_the_check() -> None:
    with duckdb.connect() as connection:
        scoring.plugin.BasePlugin.create("scoring.plugin", alias="warehouse_ml").configure_connection(
            connection
        )
        ((texts,),) = connection.execute(
            "select ml_block_problems(?)", [json.dumps([view("shop"), seed(True)])]
        ).fetchall()
    assert len(texts) == 2
