import duckdb
import pytest

from training.data.lineage import Node, digest, inlined, reading, steps_of
from training.data.table_names import compared_with

RAW = Node("w", "raw", "orders")
STAGED = Node("w", "staging", "orders", query='select * from "w"."raw"."orders"', reads=("raw.orders",))
MART = Node(
    "w",
    "marts",
    "fct_orders",
    query="with orders as (select * from staging.orders)\nselect * from orders;  ",
    is_table=True,
    reads=("staging.orders",),
)
NODES = [RAW, STAGED, MART]
COLUMNS = {
    "staging.orders": {"id": "INTEGER", "price": "DOUBLE"},
    "marts.fct_orders": {"price": "DOUBLE", "id": "INTEGER"},
}


@pytest.fixture
def raw() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create schema raw; create table raw.orders as select 1 as id, 2.5 as price")
    return connection


@pytest.mark.parametrize(
    "query",
    [
        'select * from "w"."marts"."fct_orders"',
        'select * from "marts"."fct_orders" where fct_orders.id = 1',
        "select f.* from marts.fct_orders as f",
        "select f.* from w.marts.fct_orders f\norder by f.id",
        "select fct_orders.* from marts.fct_orders\ninner join raw.orders on fct_orders.id = orders.id",
        "(select * from marts.fct_orders)",
        "select * from marts.fct_orders -- all of them",
        "select marts.fct_orders.* from marts.fct_orders where w.marts.fct_orders.id = 1",
    ],
)
def test_models_are_read_from_raw_tables_alone(raw: duckdb.DuckDBPyConnection, query: str) -> None:
    result = raw.sql(inlined(steps_of(NODES, query, COLUMNS)))
    assert (result.columns, result.fetchall()) == (["price", "id"], [(2.5, 1)])


def test_names_that_only_begin_alike_are_others() -> None:
    text = inlined(steps_of(NODES, "select * from marts.fct_orders_old, x.marts.fct_orders", COLUMNS))
    assert "from marts.fct_orders_old, x.marts.fct_orders" in text


@pytest.mark.parametrize("text", ["'from raw.orders, staging.orders'", "'it''s raw.orders'"])
def test_names_in_texts_stay(raw: duckdb.DuckDBPyConnection, text: str) -> None:
    query = f"select {text} as said, id as \"it's\" from staging.orders -- it's staging.orders\n"
    assert (
        raw.sql(inlined(steps_of(NODES, query, COLUMNS))).fetchall()
        == raw.sql(f"select {text}, 1").fetchall()
    )


def test_a_relation_of_an_attached_database_keeps_it() -> None:
    away = Node("lake", "raw", "orders", is_attached=True)
    text = inlined(steps_of([away, *NODES], "select * from lake.raw.orders, raw.orders as here", COLUMNS))
    assert text.count('"lake"."raw"."orders"') == 1
    assert 'from "lake"."raw"."orders", "raw"."orders" as here' in text


def test_columns_compared_with_a_cutoff_are_named() -> None:
    query = """
        select * from raw.orders
        where Known_At <= timestamp '2999-12-31' and '2999-12-31'::timestamp > "sent at" and id <= 5
    """
    assert compared_with(query, "2999-12-31") == {"known_at", "sent at"}


def test_any_model_can_be_read_from_the_same_query(raw: duckdb.DuckDBPyConnection) -> None:
    text = inlined(steps_of(NODES, "select 1 from marts.fct_orders", COLUMNS))
    assert raw.sql(reading(text, "staging.orders")).fetchall() == [(1, 2.5)]


def test_digest_changes_with_any_model() -> None:
    assert digest(NODES, "select 1") == digest([STAGED, MART], "select 1")
    assert len({digest(NODES, "select 1"), digest(NODES, "select 2"), digest([MART], "select 1")}) == 3
