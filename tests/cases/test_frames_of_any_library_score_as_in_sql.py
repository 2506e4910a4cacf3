"""A frame of pandas, Polars or Arrow has the scores that SQL gives the same rows, to the last bit."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from made_versions import add, made

import scoring
from scoring.errors import (
    FrameError,
    NoWarehouseError,
    RowError,
    TaskError,
    UnknownVersionError,
    WarehouseMLError,
)
from scoring.signature import Feature, Signature
from training import train

ROWS = """
    select
        range as id,
        case when range % 23 <> 0 then (range * 7919 % 1000) / 100e0 end as "Amount Paid",
        case when range % 11 <> 0 then (range * 31 % 17)::integer end as visits,
        ['north', 'süd', 'a "b"', null][1 + (range * 13 % 4)] as region,
        (range * 17 % 500 / 10)::decimal(6, 2) as price,
        range % 3 = 1 as is_member,
        timestamp '2024-01-01' + to_minutes(range * 97) as since_at,
        date '2024-01-01' + (range % 90)::integer as day
    from range(3000)
"""
LABEL = "(range * 7919 % 1000) / 100e0 + (range % 7) + (range % 3)"
TRAINING = f"select *, {{}} as label from ({ROWS}) select_rows join range(600) numbers on range = id"
SPLIT = {"method": "random", "validation": 0.1, "test": 0.2}
SMALL = {"num_iterations": 10, "num_leaves": 5, "min_data_in_leaf": 5}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "binary": (f"{LABEL} > 7", {"label": "label", "estimator": "lightgbm", "params": SMALL}),
    "multiclass": (
        f"['low', 'middle', 'high'][least(3, 1 + floor(({LABEL}) / 6)::integer)]",
        {"label": "label", "estimator": "lightgbm", "params": SMALL},
    ),
    "regression": (LABEL, {"label": "label", "estimator": "linear_regression"}),
    "clustering": ("", {"estimator": "kmeans", "params": {"clusters": 4}}),
    "anomaly": ("", {"estimator": "isolation_forest", "params": {"n_estimators": 10, "contamination": 0.1}}),
}
IN_SQL = {"predict": "ml_predict_class", "predict_value": "ml_predict", "predict_proba": "ml_predict_proba"}
METHODS = {
    "binary": ("predict", "predict_value", "predict_proba"),
    "multiclass": ("predict", "predict_proba"),
    "regression": ("predict",),
    "clustering": ("predict", "predict_value"),
    "anomaly": ("predict", "predict_value"),
}
CASES = [(task, method) for task, methods in METHODS.items() for method in methods]


def trained(connection: duckdb.DuckDBPyConnection, task: str) -> pa.Table:
    label, block = MODELS[task]
    query = TRAINING.format(label) if label else TRAINING.replace(", {} as label", "")
    rows = connection.sql(f"select * exclude (range) from ({query})")
    return train(rows, model_name=task, config={"task": task, "key": "id", "split": SPLIT, **block})


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse with a model of every task, closed."""
    path = tmp_path_factory.mktemp("frames") / "my warehouse.duckdb"
    with scoring.connect(path) as connection:
        connection.execute(f"create table rows_to_score as {ROWS}")
        for task in MODELS:
            add(connection, trained(connection, task))
    return path


@pytest.fixture(scope="module")
def connection(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with scoring.connect(file, read_only=True) as opened:
        yield opened


def relation(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    return connection.sql("from rows_to_score order by id")


def table(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    return relation(connection).to_arrow_table()


def categorical(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    return relation(connection).df().astype({"region": "category"}).set_index("id")


def chunked(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    whole = table(connection)
    return pa.concat_tables([whole.slice(0, 1), whole.slice(1, 0), whole.slice(1, 2_345), whole.slice(2_346)])


class Capsule:
    """What another library may give: nothing but the stream."""

    def __init__(self, rows: pa.Table) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


Frame = Callable[[duckdb.DuckDBPyConnection], Any]
FRAMES: dict[str, tuple[Frame, type, type]] = {
    "pandas": (lambda c: relation(c).df(), pd.Series, pd.DataFrame),
    "pandas with categories and an index": (categorical, pd.Series, pd.DataFrame),
    "pandas on Arrow": (lambda c: table(c).to_pandas(types_mapper=pd.ArrowDtype), pd.Series, pd.DataFrame),
    "Polars": (lambda c: pl.from_arrow(table(c)), pl.Series, pl.DataFrame),
    "Polars with categories": (
        lambda c: pl.from_arrow(table(c)).with_columns(pl.col("region").cast(pl.Categorical)),
        pl.Series,
        pl.DataFrame,
    ),
    "Polars with an enum": (
        lambda c: pl.from_arrow(table(c)).with_columns(
            pl.col("region").cast(pl.Enum(["süd", 'a "b"', "north"]))
        ),
        pl.Series,
        pl.DataFrame,
    ),
    "an Arrow table": (table, pa.ChunkedArray, pa.Table),
    "chunks": (chunked, pa.ChunkedArray, pa.Table),
    "a dictionary": (
        lambda c: table(c).set_column(3, "region", table(c).column("region").dictionary_encode()),
        pa.ChunkedArray,
        pa.Table,
    ),
    "a record batch": (lambda c: table(c).combine_chunks().to_batches()[0], pa.Array, pa.RecordBatch),
    "a reader": (lambda c: table(c).to_reader(777), pa.RecordBatchReader, pa.RecordBatchReader),
    "a DuckDB relation": (relation, pa.ChunkedArray, pa.Table),
    "another library": (lambda c: Capsule(table(c)), pa.ChunkedArray, pa.Table),
}


def listed(result: Any) -> list[Any]:
    """Return a result of any kind as Python's values; a row of several as a tuple."""
    if isinstance(result, pd.DataFrame):
        return list(result.itertuples(index=False, name=None))
    if isinstance(result, pl.DataFrame):
        return result.rows()
    if isinstance(result, pd.Series | pl.Series):
        return [None if value is pd.NA or value != value else value for value in result.to_list()]
    if isinstance(result, pa.RecordBatchReader):
        result = result.read_all()
        result = result if result.num_columns > 1 else result.column(0)
    if isinstance(result, pa.RecordBatch | pa.Table):
        return [tuple(row.values()) for row in result.to_pylist()]
    return result.to_pylist()


@cache
def expected(connection: duckdb.DuckDBPyConnection, task: str, method: str) -> list[Any]:
    function = "ml_predict" if task == "regression" else IN_SQL[method]
    query = f"select {function}('{task}', t) from rows_to_score as t order by id"
    values = [value for (value,) in connection.sql(query).fetchall()]
    return [tuple(value.values()) for value in values] if method == "predict_proba" else values


@pytest.mark.parametrize(("task", "method"), CASES)
@pytest.mark.parametrize("kind", FRAMES)
def test_scores_are_those_of_sql(
    connection: duckdb.DuckDBPyConnection, kind: str, task: str, method: str
) -> None:
    make, one, several = FRAMES[kind]
    frame = make(connection)
    result = getattr(scoring.load(task, connection), method)(frame)
    assert isinstance(result, several if method == "predict_proba" else one)
    if isinstance(frame, pd.DataFrame):
        assert result.index.equals(frame.index)
    assert listed(result) == expected(connection, task, method)


@pytest.mark.parametrize("kind", FRAMES)
def test_no_rows_have_no_scores(connection: duckdb.DuckDBPyConnection, kind: str) -> None:
    make, one, _ = FRAMES[kind]
    frame = make(connection)
    if isinstance(frame, Capsule):
        frame = Capsule(table(connection).slice(0, 0))
    elif isinstance(frame, pa.RecordBatchReader):
        frame = pa.RecordBatchReader.from_batches(frame.schema, iter(()))
    elif isinstance(frame, duckdb.DuckDBPyRelation):
        frame = frame.filter("false")
    else:
        frame = frame[:0]
    model = scoring.load("binary", connection)
    result = model.predict_value(frame)
    assert isinstance(result, one)
    assert listed(result) == []


def test_a_model_looks_like_one_of_scikit_learn(file: Path) -> None:
    model = scoring.load("multiclass@1", file, schema="ml")
    assert (model.name, model.model_name, model.version, model.task) == (
        "multiclass@1",
        "multiclass",
        1,
        "multiclass",
    )
    assert sorted(model.classes_) == ["high", "low", "middle"]
    assert list(model.feature_names_in_) == [feature.name for feature in model.signature.features]
    assert model.n_features_in_ == len(model.feature_names_in_) == 7
    assert repr(model) == "<Model multiclass@1: multiclass, 7 features>"
    assert not hasattr(scoring.load("regression", file), "classes_")
    assert list(scoring.load("anomaly", file).classes_) == ["normal", "anomaly"]


def test_the_columns_of_probabilities_are_called_like_the_classes(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    model = scoring.load("multiclass", connection)
    probabilities = model.predict_proba(table(connection).to_pandas())
    assert list(probabilities) == list(model.classes_)
    likeliest = probabilities.idxmax(axis="columns")
    assert list(likeliest) == list(model.predict(table(connection)).to_pylist())


def test_the_file_is_free_again_and_is_found_by_its_variable(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(shutil.copy(file, tmp_path))
    monkeypatch.setenv("WAREHOUSE_PATH", str(file))
    model = scoring.load("binary")
    with scoring.connect(file) as writer:
        writer.execute("create or replace table written_meanwhile as select 1 as one")
        rows = table(writer)
        assert scoring.load("binary", file).predict_value(rows) == model.predict_value(rows)


def test_columns_are_matched_by_name_and_only_features_are_read(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    model = scoring.load("binary", connection)
    frame = relation(connection).df()
    turned = frame[frame.columns[::-1]].rename(columns=str.upper)
    turned["anything"] = [object()] * len(turned)  # Arrow has no type for it
    assert model.predict_value(turned).equals(model.predict_value(frame))


def test_many_rows_come_back_in_their_order(connection: duckdb.DuckDBPyConnection) -> None:
    few = table(connection)
    many = pa.concat_tables([few] * 20).combine_chunks()
    model = scoring.load("binary", connection)
    assert model.predict_value(many).to_pylist() == model.predict_value(few).to_pylist() * 20


def nobody(frame: pd.DataFrame) -> object:
    return frame.drop(columns="visits").set_index(frame["visits"])


REFUSED: dict[str, tuple[Callable[[pd.DataFrame], Any], type[WarehouseMLError], str]] = {
    "a missing column": (lambda frame: frame.drop(columns="visits"), RowError, "'visits'"),
    "one that is the index": (nobody, RowError, "'visits'"),
    "one of another type": (lambda frame: frame.assign(visits="three"), RowError, "number.*'visits'"),
    "two of one name": (
        lambda frame: pd.concat(
            [frame, frame[["visits"]].rename(columns={"visits": "VISITS"})], axis=1
        ).rename(columns={"visits": "Visits"}),
        RowError,
        "which column is the feature 'visits'",
    ),
    "values of several kinds": (lambda f: f.assign(visits=[1, "a"] * (len(f) // 2)), FrameError, "visits"),
    "a matrix": (lambda frame: np.zeros((2, 7)), FrameError, r"numpy\.ndarray.*pandas or Polars"),
    "a lazy frame": (lambda frame: pl.LazyFrame({"a": [1]}), FrameError, "collect"),
    "an array": (lambda frame: pa.array([1]), FrameError, "Arrow columns"),
    "nothing": (lambda frame: None, FrameError, "NoneType"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_ends_in_one_sentence(connection: duckdb.DuckDBPyConnection, case: str) -> None:
    change, error, facts = REFUSED[case]
    frame = change(relation(connection).df())
    with pytest.raises(error, match=facts) as caught:
        scoring.load("binary", connection).predict(frame)
    assert "\n" not in str(caught.value)


def test_rules_for_nulls_and_unseen_values_are_those_of_the_signature(tmp_path: Path) -> None:
    signature = Signature(
        (Feature("x", "number", nulls="error"), Feature("y", "category", unseen="error", categories=("a",)))
    )
    with scoring.connect(tmp_path / "w.duckdb") as connection:
        add(connection, made(signature=signature))
        model = scoring.load("m", connection)
    assert model.predict(pd.DataFrame({"x": [1, 2], "y": ["a", "a"]})).to_list() == [1.0, 2.0]
    for wrong, fact in (({"x": [1, None], "y": ["a", "a"]}, "1 of the 2"), ({"x": [1], "y": ["b"]}, "'y'")):
        with pytest.raises(RowError, match=fact):
            model.predict(pd.DataFrame(wrong))


@pytest.mark.parametrize(
    ("task", "method"),
    [("multiclass", "predict_value"), ("regression", "predict_proba"), ("anomaly", "predict_proba")],
)
def test_what_a_task_does_not_have_is_said(
    connection: duckdb.DuckDBPyConnection, task: str, method: str
) -> None:
    with pytest.raises(TaskError, match=task):
        getattr(scoring.load(task, connection), method)(table(connection))


def test_what_is_not_there_is_said(file: Path, tmp_path: Path) -> None:
    with pytest.raises(NoWarehouseError, match=r"gone\.duckdb"):
        scoring.load("binary", tmp_path / "gone.duckdb")
    with pytest.raises(UnknownVersionError, match="no version 9"):
        scoring.load("binary@9", file)
