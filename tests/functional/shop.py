"""A small project that installs this one, with raw tables under contracts: two seeds and a source of text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from project import ROOT, Project, install, profile

PROJECT = """
name: shop
version: 0.1.0
config-version: 2
profile: shop
flags: {send_anonymous_usage_stats: false}
models: {shop: {+schema: shop, +materialized: table}}
seeds: {shop: {+schema: raw}}
"""
# Saved by a spreadsheet: lines end as on Windows, and one within a value ends otherwise.
CUSTOMERS = """customer_id,email
1,a@example.org
2,"b@example.org|b@example.com"
3,
3,d@example.org
4,
"""
ORDERS = """order_id,customer_id,amount,paid,note
10,1,5,5,first
11,1,-5,,negative
12,2,5,9,paid too much
13,4,5,,customer in quarantine
14,9,-1,,nobody's and negative
,1,5,,no key
16,1,five,,not a number
17,1,5
18,1,5,,a,b
19,1,5,,twice
19,1,5,,twice
20,1,5,,two tales
20,1,6,,two tales
21,2,5,,sound
21,2,-7,,twin of a sound row
22,,5,,of nobody
"""
PAYMENTS = [
    ("1", "2013-01-01", "10"),
    ("2", "2013-02-30", "10"),
    ("3", None, "11"),
    ("x", "2013-01-02", None),
    ("4.6", "2013-01-03", None),
]
WEIGHTS = {"completeness": 1, "accuracy": 2, "validity": 3}
CONTRACTS: Mapping[str, dict[str, Any]] = {
    "customers": {"key": ["customer_id"], "required": ["email"], "max_bad_share": 0.5},
    "orders": {
        "key": ["order_id"],
        "ranges": {"amount": {"min": 0, "max": 1000}},
        "references": {"customer_id": "customers.customer_id"},
        "rules": [
            {
                "name": "customer's_limit",
                "condition": "paid <= amount",
                "reason": "what is paid must be at most the amount, see \\\\server\\new\\",
            }
        ],
        "max_bad_share": 0.9,
        "weights": WEIGHTS,
    },
    "bank.payments": {
        "types": {"payment_id": "integer", "paid_on": "date", "order_id": "integer"},
        "key": ["payment_id"],
        "required": ["paid_on"],
        "references": {"order_id": "orders.order_id"},
        "max_bad_share": 1,
    },
}
READ = {
    "customers": "ref('customers')",
    "orders": "ref('orders'), refers_to=[ref('customers')]",
    "payments": "source('bank', 'payments'), refers_to=[ref('orders'), ref('customers')]",
}
TYPES = {
    "customers": {"customer_id": "integer", "email": "varchar"},
    "orders": {
        "order_id": "integer",
        "customer_id": "integer",
        "amount": "integer",
        "paid": "integer",
        "note": "varchar",
    },
}


def make_shop(folder: Path) -> Project:
    """Write the project and, as a bank would, the payments; nothing is built yet."""
    project = Project(folder)
    shutil.copytree(ROOT / "dbt_project" / "macros", folder / "macros")
    for name, text in (
        ("dbt_project.yml", PROJECT),
        ("profiles.yml", profile("shop")),
    ):
        (folder / name).write_text(text)
    for name in ("seeds", "models"):
        (folder / name).mkdir()
    install(project)
    spreadsheet = CUSTOMERS.replace("\n", "\r\n").replace("|", "\n")
    (folder / "seeds/customers.csv").write_bytes(spreadsheet.encode())
    (folder / "seeds/orders.csv").write_text(ORDERS)
    for table, arguments in READ.items():
        sql = f"select * from {{{{ warehouse_ml.accepted_rows({arguments}) }}}}\n"
        (folder / f"models/accepted_{table}.sql").write_text(sql)
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("create schema bank")
        connection.execute(
            "create table bank.payments (payment_id varchar, paid_on varchar, order_id varchar)"
        )
        connection.executemany("insert into bank.payments values (?, ?, ?)", PAYMENTS)
    declare_contracts(project, CONTRACTS)
    return project


def declare_contracts(project: Project, contracts: Mapping[str, dict[str, Any]]) -> None:
    """Write the contracts beside the seeds and the source."""
    seeds = [
        {"name": name, "config": {"column_types": types, "meta": {"raw_contract": contracts[name]}}}
        for name, types in TYPES.items()
    ]
    (project.folder / "seeds/seeds.yml").write_text(json.dumps({"seeds": seeds}))
    payments = {
        "name": "payments",
        "config": {"meta": {"raw_contract": contracts["bank.payments"]}},
        "columns": [{"name": name} for name in ("payment_id", "paid_on", "order_id")],
    }
    sources = {"sources": [{"name": "bank", "tables": [payments]}]}
    (project.folder / "models/sources.yml").write_text(json.dumps(sources))
