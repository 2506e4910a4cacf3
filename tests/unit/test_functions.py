import gc
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from made_versions import decide

import scoring
from scoring.functions import ModelFunctions
from scoring.signature import Feature, Signature

Add = Callable[..., None]
ROWS = "(values (1, 10), (2, 20), (3, null)) as t (x, y)"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"select ml_predict('m', t) from {ROWS}", [11.0, 22.0, None]),
        (f"select ml_predict('m@1', t) from {ROWS}", [11.0, 22.0, None]),
        ("select ml_predict('m', {'y': 1, 'other': 'text', 'X': 2})", [3.0]),
        ("select ml_predict('m', {'x': 1::decimal(3, 1), 'y': true})", [2.0]),
        ("select ml_predict('m', null)", [None]),
        (f"select ml_predict(null, t) from {ROWS}", [None] * 3),
        (f"select ml_predict('m', case when x <> 2 then t end) from {ROWS}", [11.0, None, None]),
        (f"select ml_predict(case when x <> 2 then 'm' end, t) from {ROWS}", [11.0, None, None]),
        (f"select ml_predict('m@' || x, t) from {ROWS} where x < 3", [11.0, 220.0]),
        (f"select ml_predict('m', t) + ml_predict('m@2', t) from {ROWS} where x < 3", [121.0, 242.0]),
        (f"select x from {ROWS} where x < 3 and ml_predict('m', t) > 20", [2]),
        ("select count(ml_predict('m', t)) from (select range as x, 1 as y from range(10000)) as t", [10000]),
        ("select ml_predict('m', t) from (select 1 as x, 2 as y where false) as t", []),
    ],
)
def test_rows_are_scored(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, query: str, expected: list[object]
) -> None:
    add_version("m", 2, factor=10.0)
    add_version("m", 1)
    scores = [value for (value,) in warehouse.sql(query).fetchall()]
    assert [None if value != value else value for value in scores] == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("ml_predict('n', t)", "Model 'n' is not in this warehouse.*models are: 'm'"),
        ("ml_predict('m@9', t)", "Model 'm' has no version 9"),
        ("ml_predict('m', {'x': 1})", "Model 'm@1' needs the column 'y'.*but the row has 'x'; add or rename"),
        ("ml_predict('m', {'x': 'one', 'y': 1})", "'m@1' needs a number or boolean in column 'x'.*is string"),
        ("ml_predict('m', 1)", "needs a row of named columns, but got int32"),
        ("ml_predict('m', row(1, 2))", "needs the columns 'x', 'y'"),
        ("ml_predict(1, t)", "must be text such as 'm' or 'm@3', but its type is int32"),
        ("ml_predict('m@latest', t)", "Model reference 'm@latest' is not valid"),
    ],
)
def test_error_is_our_sentence_and_nothing_else(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, call: str, message: str
) -> None:
    add_version()
    with pytest.raises(duckdb.Error, match=f"^Invalid Input Error: .*{message}") as caught:
        warehouse.sql(f"select {call} from {ROWS}").fetchall()
    assert "\n" not in str(caught.value)


def test_artifact_of_another_width_is_not_turned_into_a_value(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, onnx_sum: Callable[..., bytes]
) -> None:
    add_version(artifact=onnx_sum(3))
    with pytest.raises(duckdb.Error, match="needs the input features with 2 columns"):
        warehouse.sql(f"select ml_predict('m', t) from {ROWS}").fetchall()


@pytest.mark.parametrize(
    ("reference", "expected"), [("m", 2), ("m@champion", 2), ("m@1", 2), ("m@3", 200), ("m@challenger", 200)]
)
def test_each_form_of_a_reference_means_its_version(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add, reference: str, expected: float
) -> None:
    add_version("m", 3, factor=100.0)
    add_version("m", 2, factor=10.0)
    add_version("m", 1)
    query = f"select ml_predict('{reference}', {{'x': 1, 'y': 1}})"
    assert warehouse.sql(query).fetchall() == [(expected,)]


def test_a_query_uses_one_version_though_another_is_promoted_meanwhile(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    """The result is read in pieces; between two of them the other version becomes the champion."""
    add_version("m", 2, factor=10.0)
    add_version("m", 1)
    rows = warehouse.cursor()
    ModelFunctions(warehouse).define_macros(rows)
    rows.execute("set threads = 1")
    query = "select ml_predict('m', t) as p from (select 1 as x, 1 as y from range(2000000)) as t"
    result = rows.execute(query).to_arrow_reader(2048)
    seen = set(result.read_next_batch().column("p").unique().to_pylist())
    decide(warehouse, "m", 2)
    assert warehouse.sql("select ml_predict('m', {'x': 1, 'y': 1})").fetchall() == [(20.0,)]
    for batch in result:
        seen.update(batch.column("p").unique().to_pylist())
    assert seen == {2.0}


def test_altered_artifact_is_refused(warehouse: duckdb.DuckDBPyConnection, add_version: Add) -> None:
    add_version(sha="0" * 64)
    with pytest.raises(duckdb.Error, match="artifact of 'm@1' is refused: its bytes must match"):
        warehouse.sql("select ml_predict('m', {'x': 1, 'y': 1})").fetchall()


def test_promotion_takes_effect_at_the_next_statement(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    def score() -> float:
        return warehouse.execute("execute score").fetchall()[0][0]

    add_version("m", 1)
    warehouse.execute("prepare score as select ml_predict('m', {'x': 1, 'y': 1})")
    assert score() == 2.0
    add_version("m", 2, factor=10.0)
    assert score() == 20.0


def test_promotion_takes_effect_in_another_database_too(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    def scores() -> set[object]:
        query = "select ml_predict('m', {'x': 1, 'y': 1})"
        return {warehouse.execute(query).fetchall()[0][0] for _ in range(60)}

    add_version("m", 1)
    assert scores() == {2.0}
    add_version("m", 2, factor=10.0)
    warehouse.execute("attach ':memory:' as other")
    warehouse.execute("use other")
    assert scores() == {20.0}


def test_versions_with_equal_artifacts_keep_their_own_signature(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    for version, categories in ((1, ("a", "b")), (2, ("b", "a"))):
        add_version("m", version, signature=Signature((Feature.category("c", categories),)))
    assert warehouse.sql(
        "select ml_predict('m@1', {'c': 'b'}), ml_predict('m@2', {'c': 'b'})"
    ).fetchone() == (1, 0)


def test_a_model_scores_while_its_result_is_written(
    warehouse: duckdb.DuckDBPyConnection, add_version: Add
) -> None:
    add_version()
    warehouse.execute("create table source as select range as x, 1 as y from range(50000)")
    warehouse.execute("begin")
    warehouse.execute("create table target as select ml_predict('m', s) as score from source as s")
    warehouse.execute("insert into target select ml_predict('m@challenger', s) from source as s")
    warehouse.execute("commit")
    assert warehouse.sql("select sum(score) from target").fetchone() == (2 * (49999 * 50000 // 2 + 50000),)


def test_two_connections_to_one_file_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = str(tmp_path / "warehouse.duckdb")
    first, second = scoring.connect(path), scoring.connect(path)
    first.close()
    assert second.sql("select ml_predict('m', null)").fetchone() == (None,)
    second.close()
    with scoring.connect(path, read_only=True) as reader, pytest.raises(duckdb.Error, match="read-only"):
        reader.execute("create table t (x integer)")


def test_lookup_without_the_registering_connection_is_reported() -> None:
    connection = duckdb.connect()
    cursor = connection.cursor()
    ModelFunctions(connection).define_macros(cursor)
    del connection
    gc.collect()
    with pytest.raises(duckdb.Error, match=r"keep the object that scoring\.connect"):
        cursor.sql("select ml_predict('m', {'x': 1})").fetchall()
