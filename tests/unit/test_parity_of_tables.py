"""Two tables are compared by their grain, in every column."""

from __future__ import annotations

import duckdb
import pytest

from scoring.parity import Compared, compare

RIGHT = (
    "select * from (values (1, 'a', 0.1e0), (2, null, null), (3, 'c', 'nan'::double)) as t (id, name, size)"
)


def compared(other: str, key: tuple[str, ...] = ("id",), one: str = RIGHT) -> Compared:
    with duckdb.connect() as connection:
        connection.execute(f"create view one as {one}")
        connection.execute(f"create view other as {other}")
        return compare(connection, "one", "other", key, ("dev", "spark"))


def shown(other: str, key: tuple[str, ...] = ("id",)) -> list[str]:
    return [difference.shown() for difference in compared(other, key).differences]


@pytest.mark.parametrize("key", [("id",), ()])
def test_the_same_rows_in_another_order_are_equal(key: tuple[str, ...]) -> None:
    done = compared(f"select size, id, name from ({RIGHT}) order by id desc", key)
    assert (done.rows, done.columns, done.differences, done.close) == (3, 3, (), ())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("if(id = 2, '', name) as name, size", "name in 1 row, the first of id 2"),
        ("name, if(id = 1, size * (1 + 2e-12), size) as size", "size in 1 row, the first of id 1"),
        ("name, if(id = 3, null, size) as size", "size in 1 row, the first of id 3"),
        ("name, if(id > 1, 1, size) as size", "size in 2 rows, the first of id 2"),
        ("name, cast(size as float) as size", "column size is DOUBLE on dev and FLOAT on spark"),
        ("name", "column size is on dev only"),
        ("name, size, 1 as new", "column new is on spark only"),
    ],
)
def test_any_other_value_is_a_difference(change: str, said: str) -> None:
    assert said in shown(f"select id, {change} from ({RIGHT})")


def test_rounding_is_named_and_no_difference() -> None:
    done = compared(f"select id, name, size * (1 + 5e-13) as size from ({RIGHT})")
    assert (done.differences, done.close) == ((), ("size",))


def test_rows_on_one_side_only_are_differences() -> None:
    missing = f"select * from ({RIGHT}) where id < 3"
    assert shown(missing) == ["missing on spark in 1 row, the first of id 3"]
    added = f"{RIGHT} union all select 4, 'd', 1"
    assert shown(added) == ["missing on dev in 1 row, the first of id 4"]
    twice = f"{RIGHT} union all {RIGHT}"
    assert shown(twice) == ["missing on dev in 3 rows, the first of id 1"]


def test_integers_of_other_widths_are_the_same_numbers() -> None:
    assert shown(f"select cast(id as bigint) as id, name, size from ({RIGHT})") == []


def test_a_key_of_several_columns_with_nulls() -> None:
    assert shown(f"select id, name, 7e0 as size from ({RIGHT})", ("id", "name"))[0] == (
        "size in 3 rows, the first of id 1, name a"
    )
    assert compared(RIGHT, ("id", "name")).differences == ()


def test_empty_tables_are_equal() -> None:
    empty = f"select * from ({RIGHT}) where false"
    with duckdb.connect() as connection:
        connection.execute(f"create view one as {empty}")
        assert compare(connection, "one", "one", (), ("dev", "spark")) == Compared(0, 3, (), ())
