import threading
from collections.abc import Callable
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from scoring import stream
from scoring.errors import RowError, StreamError, TaskError
from scoring.loading import load
from scoring.scorer import Scorer
from scoring.warehouse import Warehouse

Add = Callable[..., None]


@pytest.fixture
def scorer(warehouse: duckdb.DuckDBPyConnection, add_version: Add) -> Scorer:
    """Version 3 of a regression model: the sum of x and y."""
    add_version("m", 3)
    return replace(load(Warehouse(warehouse), "m"), task="regression")


ROWS = "select range as id, range * 0.5 as x, 1 as y from range({})"


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("rows", [0, 1, stream.ROWS_PER_BATCH, 5 * stream.ROWS_PER_BATCH + 7])
def test_scores_come_in_the_order_of_the_rows(
    warehouse: duckdb.DuckDBPyConnection, scorer: Scorer, rows: int, workers: int
) -> None:
    counted: list[int] = []
    reader = stream.score(warehouse, ROWS.format(rows), scorer, workers=workers, report=counted.append)
    scored = reader.read_all()
    assert scored.column_names == ["id", "x", "y", "prediction", "model_version", "scored_at"]
    assert scored.column("id").to_pylist() == list(range(rows))
    assert scored.column("prediction").to_pylist() == [n * 0.5 + 1 for n in range(rows)]
    assert set(scored.column("model_version").to_pylist()) <= {3}
    assert len(set(scored.column("scored_at").to_pylist())) == min(rows, 1)
    assert sum(counted) == rows


def test_kept_columns_and_outputs_are_those_asked_for(
    warehouse: duckdb.DuckDBPyConnection, scorer: Scorer
) -> None:
    scorer = replace(scorer, task="binary", signature=replace(scorer.signature, classes=("no", "yes")))
    reader = stream.score(
        warehouse, ROWS.format(2), scorer, keep=["id"], outputs=["predicted_class", "probabilities"]
    )
    rows = reader.read_all().drop_columns(["model_version", "scored_at"]).to_pylist()
    assert rows == [
        {"id": 0, "predicted_class": "yes", "probabilities": [("no", 0.0), ("yes", 1.0)]},
        {"id": 1, "predicted_class": "yes", "probabilities": [("no", -0.5), ("yes", 1.5)]},
    ]


def test_few_batches_are_held_at_a_time(warehouse: duckdb.DuckDBPyConnection, scorer: Scorer) -> None:
    begun: list[int] = []

    class Counting(Scorer):
        def predict(self, rows: pa.StructArray) -> pa.Array:
            begun.append(len(rows))
            return super().predict(rows)

    counting = Counting(**{name: getattr(scorer, name) for name in scorer.__dataclass_fields__})
    monitored = {**stream.OUTPUTS, "prediction": (pa.float64(), Counting.predict)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "OUTPUTS", monitored)
        reader = stream.score(warehouse, ROWS.format(40 * stream.ROWS_PER_BATCH), counting, workers=2)
        reader.read_next_batch()
        assert 0 < sum(map(bool, begun)) <= 4
        del reader
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("scoring")]


@pytest.mark.parametrize(
    ("query", "options", "kind", "message"),
    [
        ("select 1 as x", {}, RowError, "'m@3' needs the column 'y'"),
        ("select 'a' as x, 1 as y", {}, RowError, "needs a number or boolean in column 'x'"),
        ("select 1 as x, 1 as y", {"outputs": ["predicted_class"]}, TaskError, "predicts no class"),
        ("select 1 as x, 1 as y", {"keep": ["z"]}, StreamError, "'z' are not among 'x', 'y'"),
        ("select 1 as x, 1 as y, 0 as Prediction", {}, StreamError, "they have 'Prediction'"),
    ],
)
def test_what_does_not_fit_is_reported_before_any_row_is_scored(
    warehouse: duckdb.DuckDBPyConnection,
    scorer: Scorer,
    query: str,
    options: dict[str, list[str]],
    kind: type[Exception],
    message: str,
) -> None:
    with pytest.raises(kind, match=message):
        stream.score(warehouse, query, scorer, **options)


def test_rows_are_written_to_the_warehouse_they_come_from(
    warehouse: duckdb.DuckDBPyConnection, scorer: Scorer
) -> None:
    warehouse.execute(f"create table source as {ROWS.format(100_000)}")
    reader = stream.score(warehouse.cursor(), "from source", scorer)
    assert stream.write(warehouse, "create table target as from scored_rows", reader) == 100_000
    joined = "source as s positional join target as t where s.id = t.id and t.prediction = s.x + s.y"
    assert warehouse.sql(f"select count(*) from {joined}").fetchone() == (100_000,)


def test_what_goes_wrong_in_a_row_is_reported_as_it_is_and_nothing_is_written(
    warehouse: duckdb.DuckDBPyConnection, scorer: Scorer
) -> None:
    class Refusing(Scorer):
        def predict(self, rows: pa.StructArray) -> pa.Array:
            if len(rows) and rows.field("x")[-1].as_py() > 40_000:
                raise RowError("no such row")
            return super().predict(rows)

    refusing = Refusing(**{name: getattr(scorer, name) for name in scorer.__dataclass_fields__})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "OUTPUTS", {"prediction": (pa.float64(), Refusing.predict)})
        reader = stream.score(warehouse.cursor(), ROWS.format(100_000), refusing)
        with pytest.raises(RowError, match=r"^no such row$"):
            stream.write(warehouse, "create table target as from scored_rows", reader)
    assert warehouse.sql("select 1 from duckdb_tables() where table_name = 'target'").fetchall() == []
