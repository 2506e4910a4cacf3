"""An ONNX file that another library wrote comes in as a model, gated as any other, with the scores it has there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import onnx
import onnxruntime
import own_project
import pandas as pd
import pytest
from made_versions import add
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import (
    BooleanTensorType,
    DoubleTensorType,
    FloatTensorType,
    Int64TensorType,
    StringTensorType,
)
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import scoring
from scoring.cli import main
from scoring.registry import resolve
from scoring.verifying import verify
from scoring.warehouse import Warehouse
from training import train
from training.errors import EstimatorError

ROWS = """
    select
        range as id,
        (range * 7919 % 1000) / 64e0 as "Amount Paid",
        (range * 31 % 17)::integer as visits,
        range % 3 = 1 as is_member,
        ['north', 'süd', 'a "b"'][1 + (range * 13 % 3)] as region
    from range(400)
"""
NUMBERS = ["Amount Paid", "visits"]
VALUE = "(range * 7919 % 1000) / 64e0 + 2 * (range * 31 % 17) + 9 * (range % 3)"
COLUMNS = {
    "Amount Paid": FloatTensorType([None, 1]),
    "visits": Int64TensorType([None, 1]),
    "is_member": BooleanTensorType([None, 1]),
    "region": StringTensorType([None, 1]),
}
WITHOUT_NULL = {"visits": {"nulls": "error"}, "is_member": {"nulls": "error"}}
LABELS = {
    "binary": f"{VALUE} > 30",
    "positive first": f"case when {VALUE} > 30 then 'late' else 'on time' end",
    "multiclass": f"case when {VALUE} > 40 then 'high' when {VALUE} > 20 then 'low' else 'Middle' end",
    "numbers": f"(10 * (1 + floor(({VALUE}) / 30)))::integer",
    "regression": VALUE,
}
TASKS = {"positive first": "binary", "numbers": "multiclass"}


def rows(label: str) -> pd.DataFrame:
    with duckdb.connect() as connection:
        query = f"select a.*, {LABELS[label]} as label from ({ROWS}) as a join range(400) as b on range = id"
        return connection.sql(query).df()


def mixed(estimator: Any, frame: pd.DataFrame, *, zipmap: bool) -> onnx.ModelProto:
    """Return a pipeline with an input for each column."""
    prepared = ColumnTransformer(
        [
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["region"]),
            ("numbers", StandardScaler(), ["Amount Paid", "visits"]),
            ("flag", "passthrough", ["is_member"]),
        ]
    )
    fitted = make_pipeline(prepared, estimator).fit(frame[list(COLUMNS)], frame["label"])
    options = {id(fitted[-1]): {"zipmap": zipmap}} if hasattr(fitted, "predict_proba") else None
    return fitted, to_onnx(fitted, initial_types=list(COLUMNS.items()), options=options, target_opset=18)


def plain(estimator: Any, frame: pd.DataFrame, kind: Any, **options: Any) -> Any:
    """Return an estimator with one matrix as its input."""
    fitted = estimator.fit(frame[NUMBERS].to_numpy(), frame["label"])
    chosen = {id(fitted): options} if options else None
    return fitted, to_onnx(fitted, initial_types=[("X", kind([None, 2]))], options=chosen, target_opset=18)


TREES = GradientBoostingClassifier(n_estimators=5, random_state=1)
FILES: dict[str, tuple[str, Callable[[pd.DataFrame], Any], list[str]]] = {
    "a column each, in maps": (
        "binary",
        lambda frame: mixed(LogisticRegression(), frame, zipmap=True),
        list(COLUMNS),
    ),
    "a column each, classes by name": (
        "multiclass",
        lambda frame: mixed(LogisticRegression(), frame, zipmap=False),
        list(COLUMNS),
    ),
    "the positive class comes first": (
        "positive first",
        lambda frame: mixed(LogisticRegression(), frame, zipmap=False),
        list(COLUMNS),
    ),
    "a matrix of floats": ("binary", lambda frame: plain(TREES, frame, FloatTensorType), NUMBERS),
    "a matrix of doubles": (
        "numbers",
        lambda frame: plain(LogisticRegression(), frame, DoubleTensorType, zipmap=False),
        NUMBERS,
    ),
    "values": (
        "regression",
        lambda frame: plain(RandomForestRegressor(n_estimators=5, random_state=1), frame, FloatTensorType),
        NUMBERS,
    ),
}


def block(label: str, path: Path, **more: Any) -> dict[str, Any]:
    made = {
        "task": TASKS.get(label, label),
        "label": "label",
        "key": "id",
        "split": {"method": "random", "test": 0.3},
        "estimator": "onnx",
        "params": {"file": str(path)},
        **more,
    }
    return made | ({"positive": "late"} if label == "positive first" else {})


def expected(fitted: Any, frame: pd.DataFrame, columns: list[str], label: str) -> np.ndarray:
    matrix = frame[columns] if columns == list(COLUMNS) else frame[columns].to_numpy()
    if label == "regression":
        return fitted.predict(matrix)
    probabilities = fitted.predict_proba(matrix)
    if TASKS.get(label, label) == "multiclass":
        return probabilities
    positive = {"binary": True, "positive first": "late"}[label]
    return probabilities[:, list(fitted.classes_).index(positive)]


@pytest.mark.parametrize("case", FILES)
def test_the_scores_are_those_of_the_library(tmp_path: Path, case: str) -> None:
    label, make, columns = FILES[case]
    frame = rows(label)
    fitted, proto = make(frame)
    path = tmp_path / "own.onnx"
    onnx.save(proto, path)
    features = WITHOUT_NULL if columns == list(COLUMNS) else {}
    with scoring.connect() as connection:
        connection.register("rows", frame)
        listed = ", ".join(f'"{name}"' for name in columns)
        row = train(
            connection.sql(f"select id, {listed}, label from rows"),
            model_name="own",
            config=block(label, path, features=features),
        )
        add(connection, row)
        warehouse = Warehouse(connection)
        assert verify(warehouse, resolve(warehouse, "own")).rows > 500
        model = scoring.load("own", connection)
        is_classes = model.task == "multiclass"
        scores = model.predict_proba(frame) if is_classes else model.predict_value(frame)
        wanted = expected(fitted, frame, columns, label)
        if is_classes:
            assert list(model.classes_) == list(map(str, fitted.classes_))
        np.testing.assert_allclose(np.asarray(scores), wanted, rtol=1e-4, atol=1e-5)
        # What no training row had, and null, reach the file as empty text.
        if columns == list(COLUMNS):
            strange = frame.head(2).assign(region=["", None])
            here = model.predict_proba(strange) if is_classes else model.predict_value(strange)
            there = expected(fitted, strange.assign(region=["", ""]), columns, label)
            np.testing.assert_allclose(np.asarray(here), there, rtol=1e-4, atol=1e-5)


def network(path: Path) -> Path:
    """Write what frameworks for neural networks export: one tensor in, two layers, a softmax out."""
    random = np.random.default_rng(1)
    weights = {
        "w1": random.normal(size=(2, 8)),
        "b1": np.zeros(8),
        "w2": random.normal(size=(8, 3)),
        "b2": np.zeros(3),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["input.1", "w1", "b1"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["/relu"]),
            helper.make_node("Gemm", ["/relu", "w2", "b2"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probs"], axis=1),
        ],
        "main_graph",
        [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, ["batch", 2])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3])
            for name in ("logits", "probs")
        ],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def test_the_output_of_a_network_is_named_and_logits_are_refused(tmp_path: Path) -> None:
    path, frame = network(tmp_path / "net.onnx"), rows("multiclass")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (wanted,) = session.run(["probs"], {"input.1": frame[NUMBERS].to_numpy(np.float32)})
    with scoring.connect() as connection:
        connection.register("rows", frame)
        matrix = connection.sql('select id, "Amount Paid", visits, label from rows')
        for output, fact in (({}, "one output"), ({"output": "logits"}, "probabilities, from 0 to 1")):
            with pytest.raises(EstimatorError, match=fact):
                train(
                    matrix,
                    model_name="net",
                    config=block("multiclass", path, params={"file": str(path), **output}),
                )
        params = {"file": str(path), "output": "probs"}
        row = train(
            matrix,
            model_name="net",
            config=block("multiclass", path, params=params, must_beat_constant=False),
        )
        add(connection, row)
        scores = scoring.load("net", connection).predict_proba(frame)
        np.testing.assert_allclose(scores.to_numpy(), wanted, rtol=1e-4, atol=1e-6)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an integer that may be null": ({"features": {}}, r"'visits' may be null.*nulls: error"),
    "a column that the file lacks": (
        {"query": "select *, 1 as extra from rows"},
        "'extra'.*but its inputs are",
    ),
    "a text for a number": (
        {"query": "select * replace (visits::varchar as visits) from rows"},
        "'visits' is a category",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_does_not_fit_ends_in_one_sentence(tmp_path: Path, case: str) -> None:
    changes, fact = REFUSED[case]
    frame = rows("binary")
    _, proto = mixed(LogisticRegression(), frame, zipmap=True)
    path = tmp_path / "own.onnx"
    onnx.save(proto, path)
    with scoring.connect() as connection:
        connection.register("rows", frame)
        config = block("binary", path, features=changes.get("features", WITHOUT_NULL))
        with pytest.raises(EstimatorError, match=fact) as caught:
            train(connection.sql(changes.get("query", "from rows")), model_name="own", config=config)
    assert "\n" not in str(caught.value)


def test_other_classes_than_those_of_the_label_are_refused(tmp_path: Path) -> None:
    _, proto = mixed(LogisticRegression(), rows("positive first"), zipmap=False)
    path = tmp_path / "own.onnx"
    onnx.save(proto, path)
    with scoring.connect() as connection:
        connection.register("rows", rows("binary"))
        config = block("binary", path, features=WITHOUT_NULL)
        with pytest.raises(EstimatorError, match=r"its classes are 'late', 'on time'.*'false', 'true'"):
            train(connection.sql("from rows"), model_name="own", config=config)


def test_a_file_is_gated_scored_and_verified_in_a_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    frame = rows("positive first")
    fitted, proto = mixed(LogisticRegression(), frame, zipmap=True)
    path = tmp_path / "project" / "models/ml/own.onnx"
    gate = {"metric": "roc_auc", "min": 0.8}
    made = block("positive first", Path("models/ml/own.onnx"), features=WITHOUT_NULL, gates=[gate])
    project = own_project.make(
        tmp_path / "project",
        {"trips": frame.to_csv(index=False)},
        {"own": made},
        files={"models/marts/scores.sql": "{{ warehouse_ml.predict(ref('own'), ref('trips')) }}"},
    )
    onnx.save(proto, path)
    run = project.build("-s", "trips+")
    assert run.code == 0, run.output
    scores = [value for (value,) in project.query("select prediction from marts.scores order by id")]
    np.testing.assert_allclose(scores, expected(fitted, frame, list(COLUMNS), "positive first"), atol=1e-5)
    assert project.query("select version, action from ml.decisions") == [(1, "accept")]
    (features,) = project.query(
        "select list(name) from (select unnest(signature.features, recursive := true) from ml.own)"
    )
    assert json.dumps(sorted(features[0])) == json.dumps(sorted(COLUMNS))
    assert main(["--warehouse", str(project.warehouse), "verify"]) == 0, capsys.readouterr().err
