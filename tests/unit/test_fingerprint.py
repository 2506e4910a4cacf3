import duckdb
import pytest

from training.data.fingerprint import fingerprint

BASE = "select range as id, 'text ' || (range % 7) as label, nullif(range % 5, 3) / 10e0 as x from range(500)"
TYPES = {"id": "BIGINT", "label": "VARCHAR", "x": "DOUBLE"}


def of(query: str, types: dict[str, str] = TYPES) -> str:
    with duckdb.connect() as connection:
        connection.execute(f"create table t as {query}")
        return fingerprint(connection, "t", types)


@pytest.mark.parametrize("order", ["id desc", "hash(id)", "x nulls first, id"])
def test_order_of_rows_does_not_matter(order: str) -> None:
    assert of(f"from ({BASE}) order by {order}") == of(BASE)


@pytest.mark.parametrize(
    "query",
    [
        f"{BASE} where range <> 250",
        f"from ({BASE}) union all from ({BASE}) where id = 1",
        f"from ({BASE}) union all from ({BASE}) where id = 1 union all from ({BASE}) where id = 1",
        f"select * replace (case when id = 7 then null else x end as x) from ({BASE})",
        f"select * replace (case when id = 7 then label || ' ' else label end as label) from ({BASE})",
        f"select * replace (case id when 7 then 8 when 8 then 7 else id end as id) from ({BASE})",
        f"select * exclude (x), x + 1e-16 as x from ({BASE})",
    ],
)
def test_any_change_of_a_value_or_row_matters(query: str) -> None:
    assert of(query) != of(BASE)


def test_names_types_and_order_of_columns_matter() -> None:
    original = of(BASE)
    assert (
        of(f"select id, label, x as y from ({BASE})", {"id": "BIGINT", "label": "VARCHAR", "y": "DOUBLE"})
        != original
    )
    assert of(BASE, {**TYPES, "x": "FLOAT"}) != original
    assert of(BASE, dict(reversed(TYPES.items()))) != original
