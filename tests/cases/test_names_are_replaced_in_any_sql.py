"""SQL gives the same rows when the tables that it reads are replaced by their queries, however it is written."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlglot

from training.data.lineage import Node, inlined, steps_of

COPY = 'select * from "w"."raw"."orders"'
NODES = [
    Node("w", "raw", "orders"),
    Node("w", "marts", "orders", query=COPY, is_table=True),
    Node("w", "marts", "Ördere 😀", query=COPY),
    Node("w", "my.marts", "x.y", query=COPY),
    Node("w", "main", "plain", query=COPY),
    Node("w", "marts", "inner", query="from marts.orders", is_ephemeral=True),
    Node("w", "marts", "within", query="from __dbt__cte__inner", is_ephemeral=True),
]
ORDERS = """
select 1 as id, 2.5::double as price, {'a': {'b': 7}} as s, [1, 2] as l, timestamp '2024-01-01' as known_at
union all
select 2, 3.5, {'a': {'b': 8}}, [3], timestamp '2024-01-02'
"""
QUERIES = {
    "an as-of join": "select a.id from marts.orders a asof join plain b on a.id = b.id and a.known_at >= b.known_at",
    "lambdas": "select list_transform(l, x -> x + 1), list_filter(l, lambda y: y > 1) from marts.orders",
    "from before select": "from marts.orders select id",
    "from alone": "from marts.orders where id in (from main.plain select id)",
    "an alias before": "select x: id from f: marts.orders where f.price > 0",
    "literals of structs and lists": "select {'a': id, 'orders': [id, 2]}, l[1:1], s.a.b, s['a'] from marts.orders",
    "stars with changes": "select * exclude (s) replace (id + 1 as id) rename (price as p) from marts.orders",
    "columns by pattern": "select columns('^i'), columns(lambda c: c like 'pr%') from marts.orders",
    "qualify": "select * from marts.orders qualify row_number() over (order by marts.orders.id) = 1",
    "a positional join": "select a.id, b.price from marts.orders a positional join raw.orders b",
    "tables of one name": "select raw.orders.id, marts.orders.price from marts.orders, raw.orders",
    "a window": "select avg(price) over w from marts.orders window w as (order by id rows 1 preceding)",
    "pivot, a statement": "pivot marts.orders on id in (1, 2) using sum(price) group by known_at",
    "pivot, in from": "select * from marts.orders pivot (sum(price) for id in (1, 2)) as p",
    "unpivot": "unpivot (from marts.orders select id::double as id, price) on id, price into name n value v",
    "summarize": "select column_name from (summarize marts.orders)",
    "describe": "select column_name from (describe marts.orders)",
    "show": "select column_name from (show marts.orders)",
    "table": "table marts.orders",
    "texts": 'select \'from marts.orders\', $$ marts.orders $$, e\'it\\\'s marts.orders\' from "w"."marts"."orders"',
    "comments": "select 1 as one -- from marts.orders\nfrom /* marts.orders */ marts.orders -- it's all",
    "names in other characters": 'select "Ördere 😀".id, \'ü😀\' from marts."Ördere 😀" where marts."Ördere 😀".id = 1',
    "names with dots": 'select "x.y".id, "my.marts"."x.y".price from "my.marts"."x.y"',
    "blanks within a name": "select id from marts . /* of */ orders",
    "capitals": "select Orders.ID from MARTS.Orders",
    "columns by their table": "select marts.orders.s.a.b, w.marts.orders.id, orders.l from marts.orders",
    "a row": "select orders from marts.orders",
    "a column of that name": "select raw.orders from (select 9 as orders) as raw, marts.orders as o",
    "distinct from, extract": "select extract(year from known_at), id is distinct from 2 from marts.orders",
    "a step of a table's name": "with plain as (select 5 as id) select plain.id from plain, marts.orders",
    "a step that reads its name": "with plain as (from plain where id = 1) select plain.id from plain",
    "a recursive step": "with recursive plain as (select 1 n union all select n + 1 from plain where n < 3) from plain",
    "a step elsewhere": "select (with plain as (select 7 as id) select id from plain), id from plain",
    "a name without schema": "select plain.id, w.plain.price from w.plain",
    "ephemeral models": "select id from __dbt__cte__within",
    "a join in parentheses": "select a.id from (marts.orders a join plain using (id)) left join raw.orders on true",
    "lateral joins": "select v, k from marts.orders, unnest(orders.l) as u(v), lateral (select v + 1 as k)",
    "semi and anti joins": "from marts.orders semi join plain using (id) anti join (from plain limit 0) using (id)",
    "samples": "select id from marts.orders tablesample 100%",
    "sets by name": "(select * from marts.orders) union all by name (select id from plain)",
    "list comprehension": "select [x + 1 for x in l if x > 1] from marts.orders",
    "ordered aggregates": "select last(id order by known_at), max(id) filter (id > 0) from marts.orders group by all",
    "what sqlglot does not parse": "select x'41', orders.id, marts.orders.price from marts.orders, w.main.plain as p",
}
UNPARSED = ("show", "what sqlglot does not parse")


@pytest.fixture(scope="module")
def warehouses(tmp_path_factory: pytest.TempPathFactory) -> tuple[duckdb.DuckDBPyConnection, ...]:
    """The warehouse with all tables, and one that has the raw table only."""
    folder: Path = tmp_path_factory.mktemp("names")
    whole = duckdb.connect(str(folder / "w.duckdb"))
    for schema in ("raw", "marts", '"my.marts"'):
        whole.execute(f"create schema {schema}")
    for table in ("raw.orders", "marts.orders", 'marts."Ördere 😀"', '"my.marts"."x.y"', "main.plain"):
        whole.execute(f"create table {table} as {ORDERS}")
    whole.execute("create view main.__dbt__cte__within as from marts.orders")
    raw = duckdb.connect(str(folder / "copy.duckdb"))
    raw.execute(f"create schema raw; create table raw.orders as {ORDERS}")
    return whole, raw


@pytest.mark.parametrize("kind", QUERIES)
def test_rows_come_from_raw_tables_alone(
    warehouses: tuple[duckdb.DuckDBPyConnection, ...], kind: str
) -> None:
    whole, raw = warehouses
    before, after = whole.sql(QUERIES[kind]), raw.sql(inlined(steps_of(NODES, QUERIES[kind], {})))
    assert after.columns == before.columns
    assert sorted(map(str, after.fetchall())) == sorted(map(str, before.fetchall()))


@pytest.mark.parametrize("kind", UNPARSED)
def test_names_are_those_of_tokens_where_sqlglot_knows_no_syntax(kind: str) -> None:
    with pytest.raises(sqlglot.ParseError):
        sqlglot.parse_one(QUERIES[kind], dialect="duckdb")
