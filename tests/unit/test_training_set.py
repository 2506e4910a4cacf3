import duckdb

from training.data.lineage import Node
from training.data.training_set import _read, _read_in

RAW = Node("w", "raw", "orders")


def test_a_relation_is_read_once_in_a_run_and_again_in_the_next() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema raw; create table raw.orders as select timestamp '2024-01-01' as known_at"
    )
    first = _read(connection, RAW, ["known_at"], _read_in("one run"))
    connection.execute("update raw.orders set known_at = timestamp '2024-01-02'")
    assert _read(connection, RAW, ["known_at"], _read_in("one run")) == first
    later = _read(connection, RAW, ["known_at"], _read_in("another run"))
    assert later != first
    assert _read(connection, RAW, ["known_at"], _read_in("one run")) == later


def test_other_clocks_are_read_again() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema raw; create table raw.orders as select timestamp '2024-01-01' as known_at"
    )
    dated, undated = (_read(connection, RAW, clocks, _read_in("a run")) for clocks in (["known_at"], []))
    assert (dated[0], dated[1] is None, undated[1] is None) == (undated[0], False, True)
