"""Each test scores hand-made rows with hand-made artifacts whose predictions are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from made_versions import made
from onnx import TensorProto, helper, numpy_helper
from sklearn import metrics as sk

from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from scoring.version import Version
from training.evaluation import evaluate as evaluation
from training.evaluation.evaluate import evaluate
from training.evaluation.metrics import COUNTS, METRICS

Sum = Callable[..., bytes]
NO_PREDICTIONS: dict[str, Any] = {}


def version(task: str, signature: Signature, artifact: bytes, number: int = 2, **values: Any) -> Version:
    return made("it's", number, task=task, signature=signature, artifact=artifact, **values)


def graph(nodes: list[tuple[str, list[str], str, dict[str, Any]]], width: int, **constants: Any) -> bytes:
    """Return an artifact made of these nodes; its outputs are told by their names."""
    outputs = [
        helper.make_tensor_value_info(output, TensorProto.DOUBLE, ["rows", *shape])
        for output, shape in (("raw_score", [None]), ("prediction", []), ("probabilities", [None]))
        if output in {made for _, _, made, _ in nodes}
    ]
    made = helper.make_graph(
        [
            helper.make_node(kind, inputs, [output], **attributes)
            for kind, inputs, output, attributes in nodes
        ],
        "graph",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["rows", width])],
        outputs,
        [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return bytes(model.SerializeToString())


def rows_with(label: list[Any], x: list[float], **columns: Any) -> pa.Table:
    """Return rows of two features, x and y = 0, half of them in the part train, half in test."""
    half = len(label) // 2
    dataset = ["train"] * half + ["test"] * (len(label) - half)
    return pa.table({"x": x, "y": np.zeros(len(x)), "__label": label, "__dataset": dataset, **columns})


LABEL = [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0]
SCORE = [0.25, 0.75, 0.5, 0.5, 0.125, 0.25, 0.75, 0.5]
BINARY = Signature((Feature.number("x"), Feature.number("y")), classes=("no", "yes"))


def value(measured: evaluation.Evaluation, metric: str, **where: Any) -> float:
    """Return the one metric that fits."""
    wanted = {"dataset": "test", "predictor": "model", "slice_column": None, "metric": metric, **where}
    ((only),) = [entry["value"] for entry in measured.metrics if wanted.items() <= entry.items()]
    return only


def test_binary_version_is_measured_with_its_weights(onnx_sum: Sum) -> None:
    weight = [1.0, 2.0, 1.0, 1.0, 1.0, 3.0, 2.0, 1.0]
    rows = rows_with(LABEL, SCORE, __weight=weight)
    measured = evaluate(
        version("binary", BINARY, onnx_sum(2)), rows, predictions=NO_PREDICTIONS, champion=None
    )
    assert {entry["metric"] for entry in measured.metrics} == {*METRICS["binary"], *COUNTS}
    assert {entry["dataset"] for entry in measured.metrics} == {"train", "test"}
    for dataset, part in (("train", slice(0, 4)), ("test", slice(4, 8))):
        for metric, expected in (("roc_auc", sk.roc_auc_score), ("log_loss", sk.log_loss)):
            assert value(measured, metric, dataset=dataset) == pytest.approx(
                expected(LABEL[part], SCORE[part], sample_weight=weight[part]), abs=1e-12
            )
    assert measured.champion_version is None


def test_binary_version_has_curves_and_a_confusion_matrix(onnx_sum: Sum) -> None:
    row = version("binary", BINARY, onnx_sum(2))
    measured = evaluate(row, rows_with(LABEL, SCORE), predictions=NO_PREDICTIONS, champion=None)
    test = [point for point in measured.curves if point["dataset"] == "test"]
    assert {point["curve"] for point in test} == {
        "roc",
        "pr",
        "lift",
        "calibration",
        "expected",
        "expected_rows",
    }
    assert [(p["x"], p["y"]) for p in test if p["curve"] == "expected"] == [
        (np.mean(SCORE[4:]), np.mean(LABEL[4:]))
    ]
    assert [(p["x"], p["y"], p["threshold"]) for p in test if p["curve"] == "roc"] == [
        (0.0, 0.5, 0.75),
        (0.5, 0.5, 0.5),
        (0.5, 1.0, 0.25),
        (1.0, 1.0, 0.125),
    ]
    counts = {(e["actual"], e["predicted"]): e["rows"] for e in measured.confusion if e["dataset"] == "test"}
    assert counts == {("no", "no"): 2, ("yes", "no"): 1, ("yes", "yes"): 1}
    types = {name: VERSION_SCHEMA.field(name).type for name in ("metrics", "curves", "confusion")}
    for name, kind in types.items():
        assert pa.array([getattr(measured, name)], kind).to_pylist()[0] == getattr(measured, name)


def test_baselines_are_measured_on_the_same_rows(onnx_sum: Sum) -> None:
    predictions = {"constant": np.full(8, 0.5), "linear": np.array(LABEL)}
    row = version("binary", BINARY, onnx_sum(2))
    measured = evaluate(row, rows_with(LABEL, SCORE), predictions=predictions, champion=None)
    assert value(measured, "roc_auc", predictor="constant") == 0.5
    assert value(measured, "roc_auc", predictor="linear") == 1.0
    assert value(measured, "log_loss", predictor="constant") == pytest.approx(np.log(2))


def test_champion_is_measured_on_validation_and_test_rows_only(onnx_sum: Sum) -> None:
    row = version("binary", BINARY, onnx_sum(2))
    champion = version("binary", BINARY, onnx_sum(2, 0.5), number=1)
    measured = evaluate(row, rows_with(LABEL, SCORE), predictions=NO_PREDICTIONS, champion=champion)
    assert measured.champion_version == 1
    halved = np.array(SCORE[4:]) / 2
    assert value(measured, "brier", predictor="champion") == pytest.approx(np.mean((halved - LABEL[4:]) ** 2))
    assert {e["dataset"] for e in measured.metrics if e["predictor"] == "champion"} == {"test"}


@pytest.mark.parametrize(
    ("task", "signature"),
    [
        ("regression", BINARY),
        ("binary", Signature((Feature.number("gone"), Feature.number("y")), classes=("no", "yes"))),
        ("binary", Signature((Feature.category("x", ("a",)), Feature.number("y")), classes=("no", "yes"))),
        ("binary", Signature(BINARY.features, classes=("yes", "no"))),
    ],
    ids=["other task", "missing feature", "other type", "other classes"],
)
def test_champion_that_cannot_score_the_rows_is_left_out(
    onnx_sum: Sum, task: str, signature: Signature
) -> None:
    champion = version(task, signature, onnx_sum(2), number=1)
    row = version("binary", BINARY, onnx_sum(2))
    measured = evaluate(row, rows_with(LABEL, SCORE), predictions=NO_PREDICTIONS, champion=champion)
    assert measured.champion_version is None
    assert {entry["predictor"] for entry in measured.metrics} == {"model"}


def test_a_champion_is_compared_on_no_row_where_none_is_held_out(onnx_sum: Sum) -> None:
    row, champion = (version("binary", BINARY, onnx_sum(2), number=number) for number in (2, 1))
    rows = rows_with(LABEL, SCORE)
    rows = rows.filter(pa.array([True] * 4 + [False] * 4))
    measured = evaluate(row, rows, predictions=NO_PREDICTIONS, champion=champion)
    assert measured.champion_version == 1
    assert {entry["predictor"] for entry in measured.metrics} == {"model"}


@pytest.mark.parametrize(("without_value", "compared"), [(1, 1), (6, None)])
def test_a_champion_is_left_out_where_it_rejects_a_row_that_is_held_out(
    onnx_sum: Sum, without_value: int, compared: int | None
) -> None:
    strict = replace(BINARY, features=(BINARY.features[0], replace(BINARY.features[1], nulls="error")))
    champion = version("binary", strict, onnx_sum(2), number=1)
    y = [None if n == without_value else 0.0 for n in range(8)]
    rows = rows_with(LABEL, SCORE).set_column(1, "y", pa.array(y, pa.float64()))
    row = version("binary", BINARY, onnx_sum(2))
    measured = evaluate(row, rows, predictions=NO_PREDICTIONS, champion=champion)
    assert measured.champion_version == compared


def test_slices_are_measured_apart(onnx_sum: Sum) -> None:
    row = version("binary", BINARY, onnx_sum(2), slices=["Region", "old"])
    rows = rows_with(LABEL, SCORE, Region=["n", "s", None, "n"] * 2, old=[True, False] * 4)
    measured = evaluate(row, rows, predictions={"constant": np.full(8, 0.5)}, champion=None)
    north = {"slice_column": "Region", "slice_value": "n"}
    assert value(measured, "brier", **north) == pytest.approx((0.125**2 + 0.5**2) / 2)
    assert value(measured, "brier", **north, predictor="constant") == 0.25
    assert value(measured, "brier", slice_column="Region", slice_value="null") == pytest.approx(0.25**2)
    assert value(measured, "roc_auc", slice_column="old", slice_value="true") is not None
    assert value(measured, "roc_auc", slice_column="Region", slice_value="s") is None


def test_a_feature_may_have_any_name(onnx_sum: Sum) -> None:
    signature = Signature((Feature.number("facts"), Feature.number("y")), classes=("0", "1"))
    rows = rows_with(LABEL, SCORE).rename_columns(["facts", "y", "__label", "__dataset"])
    measured = evaluate(
        version("binary", signature, onnx_sum(2)), rows, predictions=NO_PREDICTIONS, champion=None
    )
    assert value(measured, "accuracy") == 0.75


def test_regression_is_measured(onnx_sum: Sum) -> None:
    signature = Signature(BINARY.features)
    rows = rows_with([1.0, 2.0, 3.0, 4.0, 5.0, 7.0], [1.0, 2.0, 4.0, 4.0, 6.0, 9.0])
    measured = evaluate(
        version("regression", signature, onnx_sum(2)), rows, predictions=NO_PREDICTIONS, champion=None
    )
    assert {entry["metric"] for entry in measured.metrics} == {*METRICS["regression"], *COUNTS}
    assert value(measured, "mae") == pytest.approx(1.0)
    assert value(measured, "r2") == pytest.approx(sk.r2_score([4.0, 5.0, 7.0], [4.0, 6.0, 9.0]))
    errors = [(point["y"], point["x"]) for point in measured.curves if point["curve"] == "expected"]
    assert sum(share * error for error, share in errors) == pytest.approx(np.mean([0, -1, -2]))
    assert [(p["y"], p["threshold"]) for p in measured.curves if p["curve"] == "expected_rows"] == [
        (3.0, 9.0)
    ]
    assert measured.confusion == []


PROBABILITIES = np.array([[0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6], [0.5, 0.4, 0.1]])
MULTICLASS = Signature(tuple(Feature.number(name) for name in ("p", "q", "r")), classes=("ant", "bee", "cow"))


def test_several_classes_are_measured() -> None:
    artifact = graph(
        [
            ("Identity", ["features"], "raw_score", {}),
            ("Identity", ["features"], "probabilities", {}),
            ("ArgMax", ["features"], "code", {"axis": 1, "keepdims": 0}),
            ("Cast", ["code"], "prediction", {"to": TensorProto.DOUBLE}),
        ],
        width=3,
    )
    labels = ["ant", "bee", "cow", "bee"]
    rows = pa.table(
        dict(zip("pqr", PROBABILITIES.T, strict=True)) | {"__label": labels, "__dataset": ["test"] * 4}
    )
    rows = pa.concat_tables([rows, rows.slice(0, 1).set_column(3, "__label", [["dog"]])])
    linear = np.vstack([PROBABILITIES[::-1], PROBABILITIES[:1]])
    measured = evaluate(
        version("multiclass", MULTICLASS, artifact), rows, predictions={"linear": linear}, champion=None
    )
    assert {entry["metric"] for entry in measured.metrics} == {*METRICS["multiclass"], *COUNTS}
    assert value(measured, "accuracy") == pytest.approx(3 / 5)
    assert value(measured, "accuracy", predictor="linear") == pytest.approx(1 / 5)
    of_label = np.array([0.7, 0.6, 0.6, 0.4, np.finfo(float).eps])
    assert value(measured, "log_loss") == pytest.approx(-np.log(of_label).mean())
    of_label = np.array([0.5, 0.2, 0.3, 0.2, np.finfo(float).eps])
    assert value(measured, "log_loss", predictor="linear") == pytest.approx(-np.log(of_label).mean())
    counts = {(entry["actual"], entry["predicted"]): entry["rows"] for entry in measured.confusion}
    assert counts[("bee", "ant")] == counts[("dog", "ant")] == 1


def test_clusters_are_measured_by_the_distances_to_their_centres() -> None:
    artifact = graph(
        [
            ("Sub", ["features", "centres"], "difference", {}),
            ("Abs", ["difference"], "raw_score", {}),
            ("ArgMin", ["raw_score"], "code", {"axis": 1, "keepdims": 0}),
            ("Cast", ["code"], "prediction", {"to": TensorProto.DOUBLE}),
        ],
        width=1,
        centres=np.array([[0.0, 10.0]]),
    )
    signature = Signature((Feature.number("x"),), classes=("0", "1"))
    rows = pa.table({"x": [1.0, 8.0], "__dataset": ["train", "train"]})
    row = version("clustering", signature, artifact)
    measured = evaluate(row, rows, predictions=NO_PREDICTIONS, champion=None)
    expected = (8 / 9 + 6 / 8) / 2
    assert value(measured, "simplified_silhouette", dataset="train") == pytest.approx(expected)
    assert measured.curves == measured.confusion == []


@pytest.mark.parametrize("is_labelled", [True, False])
def test_anomalies_are_measured_with_and_without_labels(onnx_sum: Sum, is_labelled: bool) -> None:
    signature = Signature(BINARY.features, classes=("normal", "anomaly"), threshold=0.6)
    rows = rows_with([*LABEL[:7], None] if is_labelled else [None] * 8, SCORE)
    if not is_labelled:
        rows = rows.drop_columns(["__label"])
    row = version("anomaly", signature, onnx_sum(2))
    measured = evaluate(row, rows, predictions=NO_PREDICTIONS, champion=None)
    assert value(measured, "flagged_share") == 0.25
    expected = {"flagged_share", "roc_auc", "average_precision"} if is_labelled else {"flagged_share"}
    assert {entry["metric"] for entry in measured.metrics} == expected | set(COUNTS)
    assert bool(measured.curves) == bool(measured.confusion) == is_labelled
    if is_labelled:
        assert value(measured, "roc_auc") == sk.roc_auc_score(LABEL[4:7], SCORE[4:7])
        counts = {
            (e["actual"], e["predicted"]): e["rows"] for e in measured.confusion if e["dataset"] == "test"
        }
        assert counts == {("normal", "normal"): 1, ("anomaly", "normal"): 1, ("anomaly", "anomaly"): 1}


TWO = Signature((Feature.number("x"), Feature.number("y")))
LINEAR_OF_TWO: list[tuple[str, list[str], str, dict[str, Any]]] = [
    ("Identity", ["features"], "raw_score", {}),
    ("Identity", ["features"], "probabilities", {}),
    ("ArgMax", ["features"], "code", {"axis": 1, "keepdims": 0}),
    ("Cast", ["code"], "prediction", {"to": TensorProto.DOUBLE}),
]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("task", ["binary", "regression", "multiclass", "clustering", "anomaly"])
def test_a_score_that_is_not_finite_is_counted_and_spoils_every_metric(
    onnx_sum: Sum, task: str, bad: float
) -> None:
    classes = {"binary": ("no", "yes"), "multiclass": ("0", "1"), "clustering": ("0", "1")}.get(task, ())
    signature = Signature(TWO.features, classes=classes, threshold=0.6 if task == "anomaly" else None)
    label = [str(int(code)) for code in LABEL] if task == "multiclass" else LABEL
    y = [0.5, 0.5, 0.5, 0.5, 0.5, bad, 0.5, 0.5]
    rows = rows_with(label, SCORE, region=["n", "s"] * 4).set_column(1, "y", [y])
    if task == "clustering":
        rows = rows.drop_columns(["__label"])
    artifact = graph(LINEAR_OF_TWO, 2) if task in ("multiclass", "clustering") else onnx_sum(2, 0.5)
    row = version(task, signature, artifact, slices=["region"])
    measured = evaluate(row, rows, predictions=NO_PREDICTIONS, champion=None)
    south = {"slice_column": "region", "slice_value": "s"}
    counts = [value(measured, "non_finite_scores", **where) for where in ({}, {"dataset": "train"}, south)]
    assert counts == [1, 0, 1]
    assert (value(measured, "rows"), value(measured, "rows", **south)) == (4, 2)
    for metric in METRICS[task]:
        assert value(measured, metric) is None, metric
        assert value(measured, metric, **south) is None, metric
        assert value(measured, metric, dataset="train") is not None, metric
    assert {point["dataset"] for point in measured.curves} <= {"train"}
    predicted = [entry["rows"] for entry in measured.confusion if entry["predicted"] is None]
    assert predicted == ([1] if task in ("binary", "multiclass", "anomaly") else [])
