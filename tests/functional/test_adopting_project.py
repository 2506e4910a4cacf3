"""A dbt project that is there already takes the package in without changing itself: packages.yml and the plugin."""

from __future__ import annotations

import json

import pytest
from ml_project import write
from project import Project, install

# Of the shape of dbt Labs' jaffle_shop: no schemas, no macros, seeds typed by dbt, a profile of its own.
PROJECT = """
name: jaffle_shop
config-version: 2
version: "0.1"
profile: jaffle_shop
model-paths: [models]
seed-paths: [seeds]
macro-paths: [macros]
flags: {send_anonymous_usage_stats: false}
models:
  jaffle_shop:
    materialized: table
    staging: {materialized: view}
"""
PROFILE = """
jaffle_shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: jaffle_shop.duckdb, threads: 4}
"""
PLUGIN = "threads: 4, plugins: [{module: scoring.plugin, alias: warehouse_ml}]"
CUSTOMERS = range(1, 101)
ORDERS = [
    (number, number * 7 % 100 + 1, f"2018-{number % 12 + 1:02}-{number % 28 + 1:02}")
    for number in range(1, 400)
]
SEEDS = {
    "raw_customers": ["id,first_name,last_name", *(f"{number},Michael,P." for number in CUSTOMERS)],
    "raw_orders": [
        "id,user_id,order_date,status",
        *(
            f"{number},{customer},{day},{'completed' if number % 9 else 'returned'}"
            for number, customer, day in ORDERS
        ),
    ],
    "raw_payments": [
        "id,order_id,payment_method,amount",
        *(f"{n},{n},{('credit_card', 'coupon', 'bank_transfer')[n % 3]},{n * 37 % 3000}" for n, *_ in ORDERS),
    ],
}
MODELS = {
    "staging/stg_customers": "select id as customer_id, first_name, last_name from {{ ref('raw_customers') }}",
    "staging/stg_orders": (
        "select id as order_id, user_id as customer_id, order_date, status from {{ ref('raw_orders') }}"
    ),
    "staging/stg_payments": (
        "select id as payment_id, order_id, payment_method, amount / 100 as amount from {{ ref('raw_payments') }}"
    ),
    "customers": """
        select customer_id, first_name, last_name, min(order_date) as first_order, count(order_id) as number_of_orders
        from {{ ref('stg_customers') }} left join {{ ref('stg_orders') }} using (customer_id)
        group by all
    """,
    "orders": """
        {% set payment_methods = ['credit_card', 'coupon', 'bank_transfer'] %}
        select order_id, customer_id, order_date, status
            {%- for method in payment_methods %},
            sum(case when payment_method = '{{ method }}' then amount else 0 end) as {{ method }}_amount
            {%- endfor %},
            sum(amount) as amount
        from {{ ref('stg_orders') }} left join {{ ref('stg_payments') }} using (order_id)
        group by all
    """,
}
TESTS = {
    "models": [
        {"name": name, "columns": [{"name": f"{name[:-1]}_id", "data_tests": ["unique", "not_null"]}]}
        for name in ("customers", "orders")
    ]
}
RETURNED = {
    "task": "binary",
    "label": "is_returned",
    "key": "order_id",
    "split": {"method": "random", "validation": 0.2, "test": 0.3},
    "params": {"num_iterations": 5, "min_data_in_leaf": 5},
    "must_beat_constant": False,
}
QUERY = """
{{ config(materialized='ml_model') }}
select order_id, amount, coupon_amount, order_id % 9 as place, status = 'returned' as is_returned
from {{ ref('orders') }}
"""
BUILT = "select table_schema || '.' || table_name from information_schema.tables"
OWN = {f"main.{name}" for name in [*SEEDS, *(name.split("/")[-1] for name in MODELS)]}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it builds without the package."""
    project = Project(tmp_path_factory.mktemp("jaffle_shop"), "jaffle_shop.duckdb")
    write(project, "dbt_project.yml", PROJECT.lstrip())
    write(project, "profiles.yml", PROFILE)
    for name, lines in SEEDS.items():
        write(project, f"seeds/{name}.csv", "".join(f"{line}\n" for line in lines))
    for name, query in MODELS.items():
        write(project, f"models/{name}.sql", query)
    write(project, "models/schema.yml", json.dumps(TESTS))
    run = project.dbt("build")
    assert run.code == 0, run.output
    assert {name for (name,) in project.query(BUILT)} == OWN
    return project


@pytest.fixture(scope="module")
def adopted(project: Project) -> Project:
    """The project with the package and the plugin, built again."""
    project.replace("profiles.yml", "threads: 4", PLUGIN)
    install(project)
    before = project.contents("main")
    run = project.dbt("build", "--select", "package:jaffle_shop")
    assert run.code == 0, run.output
    assert project.contents("main") == before
    return project


def test_everything_builds_as_before(adopted: Project) -> None:
    run = adopted.dbt("build")
    assert run.code == 0, run.output
    built = {name for (name,) in adopted.query(BUILT)}
    assert built >= OWN


def test_one_sql_file_and_one_block_train_and_predict(adopted: Project) -> None:
    write(adopted, "models/returned.sql", QUERY)
    block = {"name": "returned", "config": {"meta": {"ml": RETURNED}}}
    write(adopted, "models/returned.yml", json.dumps({"models": [block]}))
    write(
        adopted,
        "models/returned_predictions.sql",
        "{{ warehouse_ml.predict(ref('returned'), ref('orders_to_score')) }}",
    )
    write(adopted, "models/orders_to_score.sql", "select *, order_id % 9 as place from {{ ref('orders') }}")
    run = adopted.dbt("build", "--select", "+returned_predictions")
    assert run.code == 0, run.output
    assert adopted.query("select count(*), min(model_version) from main.returned_predictions") == [(399, 1)]
    assert adopted.query("select model_name, version, action from main.decisions") == [
        ("returned", 1, "accept")
    ]
