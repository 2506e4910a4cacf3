"""Raw tables and feature views are found where they are declared; nobody lists them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import own_project
import pytest
from project import Project

ORDERS = "order_id,customer_id,amount\n1,1,5\n2,9,5\n3,1,-5\n"
CUSTOMERS = "customer_id,name\n1,Ada\n2,\n"
SEEDS = [
    {
        "name": "customers",
        "config": {
            "column_types": {"customer_id": "integer", "name": "varchar"},
            "meta": {"raw_contract": {"key": ["customer_id"], "required": ["name"], "max_bad_share": 0.5}},
        },
    },
    {
        "name": "orders",
        "config": {
            "column_types": {"order_id": "integer", "customer_id": "integer", "amount": "integer"},
            "meta": {
                "raw_contract": {
                    "ranges": {"amount": {"min": 0}},
                    "references": {"customer_id": "customers.customer_id"},
                    "max_bad_share": 0.7,
                }
            },
        },
    },
]
SOURCE = {
    "name": "bank",
    "tables": [
        {
            "name": "refunds",
            "columns": [{"name": "order_id"}],
            "config": {
                "meta": {
                    "raw_contract": {
                        "types": {"order_id": "integer"},
                        "references": {"order_id": "orders.order_id"},
                        "max_bad_share": 0.5,
                    }
                }
            },
        }
    ],
}
VIEW = {
    "name": "spending",
    "description": "Orders.",
    "config": {"meta": {"feature_view": {"entity": "customer", "keys": ["customer_id"], "owner": "shop"}}},
    "columns": [
        {"name": name, "description": "Said.", "config": {"meta": {"nulls": "never"}}}
        for name in ("customer_id", "amount", "event_at", "known_at")
    ],
}
READ_ORDERS = "warehouse_ml.accepted_rows(ref('orders'), refers_to=[ref('customers')])"
FILES = {
    "seeds/seeds.yml": json.dumps({"seeds": SEEDS}),
    "models/blocks.yml": json.dumps({"models": [VIEW], "sources": [SOURCE]}),
    "macros/orders.sql": f"{{% macro sound_orders() %}}{{{{ {READ_ORDERS} }}}}{{% endmacro %}}",
    "models/first_reader.sql": f"select * from {{{{ {READ_ORDERS} }}}}",
    # Readers of the same table by a macro of their own, as views, and from within an ephemeral model.
    "models/second_reader.sql": "{{ config(materialized='view') }} select * from {{ sound_orders() }}",
    "models/unseen.sql": "{{ config(materialized='ephemeral') }} select * from {{ sound_orders() }}",
    "models/third_reader.sql": "select * from {{ ref('unseen') }}",
    "models/refunded.sql": "select * from {{ warehouse_ml.accepted_rows(source('bank', 'refunds'), "
    "refers_to=[ref('orders'), ref('customers')]) }}",
    "models/spending.sql": "select customer_id, amount, timestamp '2024-01-01 00:00:00' as event_at, "
    "timestamp '2024-01-01 00:00:00' as known_at from {{ ref('first_reader') }}",
}
OWN = ("-s", "package:own", "quarantine", "data_quality", "feature_catalog")
READERS = ("first_reader", "second_reader", "third_reader")
COUNTS = """
select table_name, input_rows, accepted_rows, count(*) from monitoring.data_quality group by all order by 1
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A shop whose profile is called as ours is, built on eight threads; not to be changed."""
    project = own_project.make(
        tmp_path_factory.mktemp("shop"), {"customers": CUSTOMERS, "orders": ORDERS}, {}, files=FILES
    )
    project.replace("dbt_project.yml", "profile: my_warehouse", "profile: warehouse_ml")
    project.replace("dbt_project.yml", "    ml: {+schema: ml}\n    marts: {+schema: marts}\n", "")
    project.replace("profiles.yml", "my_warehouse:", "warehouse_ml:")
    with duckdb.connect(str(project.warehouse)) as connection:
        connection.execute("create schema bank; create table bank.refunds as select '1' as order_id")
    run = project.build(*OWN, "--threads", "8")
    assert run.code == 0, run.output
    return project


def judged(project: Project) -> dict[str, tuple]:
    """Return what is in the tables of the judgements; the history of runs grows with every command."""
    kept = ("monitoring.run_events", "monitoring.pipeline_nodes")
    return {
        name: rows for name, rows in project.contents("staging", "monitoring").items() if name not in kept
    }


def test_each_raw_table_is_counted_once_whoever_reads_it(shop: Project) -> None:
    assert shop.query(COUNTS) == [("bank.refunds", 1, 1, 1), ("customers", 2, 1, 1), ("orders", 3, 1, 1)]
    for reader in READERS:
        assert shop.query(f"select order_id from {reader}") == [(1,)]
    assert shop.query("select order_id from refunded") == [(1,)]


def test_catalog_has_the_features_that_are_declared(shop: Project) -> None:
    catalog = "select view_name, feature, row_count, source_models from features.feature_catalog"
    assert shop.query(catalog) == [("spending", "amount", 1, ["first_reader"])]


def test_nothing_of_the_example_is_there(shop: Project) -> None:
    nodes = json.loads((shop.folder / "target/manifest.json").read_text())["nodes"].values()
    ours = {
        node["fqn"][1]
        for node in nodes
        if node["package_name"] == "warehouse_ml" and node["resource_type"] in ("model", "seed")
    }
    assert ours <= {"features", "monitoring", "registry", "staging"}


def test_without_data_nothing_is_judged(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path)
    before = judged(other)
    for command in (("build", "--empty"), ("build", "--sample", "1 day"), ("show",)):
        run = other.dbt(*command, *(("-s", "refunded") if command == ("show",) else OWN))
        assert run.code == 0, run.output
    assert judged(other) == before


def test_missing_contracts_and_references_are_reported(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path)
    refunds = "source('bank', 'refunds'), refers_to=[ref('orders')"
    for name, arguments in {"unlike": "ref('spending')", "lacking": f"{refunds}]"}.items():
        sql = f"select * from {{{{ warehouse_ml.accepted_rows({arguments}) }}}}"
        (other.folder / f"models/{name}.sql").write_text(sql)
    run = other.build("-s", "unlike", "lacking")
    assert run.code != 0
    assert "accepted_rows in unlike" in run.output
    assert "has no contract: add `meta: raw_contract:`" in run.output
    assert f"customers is missing: write accepted_rows({refunds}, ref('customers')])" in run.output


def test_name_instead_of_a_relation_is_reported(shop: Project, tmp_path: Path) -> None:
    other = shop.copy_to(tmp_path)
    other.replace("models/first_reader.sql", READ_ORDERS, "warehouse_ml.accepted_rows('orders')")
    run = other.dbt("parse")
    assert run.code != 0
    assert "write accepted_rows(ref('orders'))" in run.output
