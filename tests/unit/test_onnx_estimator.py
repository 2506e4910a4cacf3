from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pyarrow as pa
import pytest
from fitted_models import check_parity, data_set, fit
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from sklearn.linear_model import LinearRegression, LogisticRegression

from scoring.errors import ArtifactError
from scoring.signature import Feature, Signature
from training.errors import EstimatorError
from training.estimators import ESTIMATORS
from training.estimators.base import Fitted

FLOAT, DOUBLE = TensorProto.FLOAT, TensorProto.DOUBLE


def written(
    path: Path,
    nodes: list[onnx.NodeProto],
    outputs: dict[str, Any],
    *,
    width: int | None,
    element: int = FLOAT,
    constants: dict[str, NDArray[Any]] | None = None,
    domain: str = "ai.onnx.ml",
) -> str:
    """Write a model with the input ``X`` and return its path."""
    graph = helper.make_graph(
        nodes,
        "plain",
        [helper.make_tensor_value_info("X", element, [None, width])],
        [
            value if isinstance(value, onnx.ValueInfoProto) else helper.make_tensor_value_info(name, *value)
            for name, value in outputs.items()
        ],
        [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()],
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid(domain, 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return str(path)


def classifier(path: Path, model: LogisticRegression, *, with_map: bool) -> str:
    """Write a classifier the way converters do: labels, and probabilities that may be in maps."""
    codes = list(range(len(model.classes_)))
    coefficients, intercepts = model.coef_, model.intercept_
    if len(codes) == 2:
        coefficients, intercepts = (
            np.vstack([-coefficients, coefficients]),
            np.append(-intercepts, intercepts),
        )
    nodes = [
        helper.make_node(
            "LinearClassifier",
            ["X"],
            ["label", "raw"],
            domain="ai.onnx.ml",
            classlabels_ints=codes,
            coefficients=coefficients.ravel().tolist(),
            intercepts=intercepts.tolist(),
            multi_class=0,
            post_transform="LOGISTIC" if len(codes) == 2 else "SOFTMAX",
        ),
        helper.make_node("Identity", ["raw"], ["probabilities"]),
    ]
    outputs: dict[str, Any] = {
        "label": (TensorProto.INT64, [None]),
        "probabilities": (FLOAT, [None, len(codes)]),
    }
    if with_map:
        maps = helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(FLOAT, []))
        nodes.append(
            helper.make_node(
                "ZipMap", ["probabilities"], ["maps"], domain="ai.onnx.ml", classlabels_int64s=codes
            )
        )
        sequence = helper.make_value_info("maps", helper.make_sequence_type_proto(maps))
        outputs = {"label": outputs["label"], "maps": sequence}
    return written(path, nodes, outputs, width=model.coef_.shape[1])


def linear(
    path: Path, weights: NDArray[np.float64], bias: float, element: int = FLOAT, **changes: Any
) -> str:
    """Write a weighted sum."""
    kind = np.float32 if element == FLOAT else np.float64
    nodes = [
        helper.make_node("MatMul", ["X", "w"], ["product"]),
        helper.make_node("Add", ["product", "b"], ["sum"]),
    ]
    constants = {"w": weights.reshape(len(weights), -1).astype(kind), "b": np.array([bias], kind)}
    settings = {"width": len(weights), "element": element, "constants": constants, **changes}
    return written(path, nodes, {"sum": (element, [None, constants["w"].shape[1]])}, **settings)


def brought(path: str, name: str, task: str, **params: Any) -> tuple[Fitted, NDArray[np.float64]]:
    """Return the model in the file and the rows, parity checked."""
    features, label, signature, _ = data_set(name)
    if task in ("clustering", "anomaly"):
        signature, label = Signature(signature.features), None
    model = fit("onnx", features, label, signature, task, params={"file": path, **params})
    rows = pa.table(
        {feature.name: column for feature, column in zip(signature.features, features.T, strict=True)}
    )
    check_parity("onnx", model, rows, signature, task)
    return model, features


@pytest.mark.parametrize("with_map", [True, False])
@pytest.mark.parametrize(("name", "task"), [("iris", "multiclass"), ("breast_cancer", "binary")])
def test_classifier_of_a_converter_is_brought(tmp_path: Path, name: str, task: str, with_map: bool) -> None:
    features, label, _, _ = data_set(name)
    expected = LogisticRegression(solver="newton-cholesky").fit(features, label)
    model, _ = brought(classifier(tmp_path / "m.onnx", expected, with_map=with_map), name, task)
    probabilities = model.probabilities(features)
    np.testing.assert_allclose(probabilities, expected.predict_proba(features), atol=1e-4)


@pytest.mark.parametrize("element", [FLOAT, DOUBLE])
def test_regressor_is_brought(tmp_path: Path, element: int) -> None:
    features, label, _, _ = data_set("diabetes")
    expected = LinearRegression().fit(features, label)
    path = linear(tmp_path / "m.onnx", expected.coef_, expected.intercept_, element)
    model, _ = brought(path, "diabetes", "regression")
    np.testing.assert_allclose(
        model.predict(features), expected.predict(features), rtol=1e-4 if element == FLOAT else 1e-12
    )
    assert model.importance() == [] and model.native_model is None


def test_distances_and_anomaly_scores_are_brought(tmp_path: Path) -> None:
    weights = np.arange(1.0, 13.0).reshape(4, 3)
    model, features = brought(linear(tmp_path / "c.onnx", weights, 0.0, DOUBLE), "iris", "clustering")
    np.testing.assert_array_equal(model.predict(features), (features @ weights).argmin(axis=1))
    path = linear(tmp_path / "a.onnx", weights[:, 0], 0.0, DOUBLE)
    assert brought(path, "iris", "anomaly", threshold=3.5)[0].threshold == 3.5


def test_file_decides_the_fingerprint(tmp_path: Path) -> None:
    fingerprints = {
        ESTIMATORS["onnx"].fingerprint({"file": linear(tmp_path / "m.onnx", np.ones(4), bias)})
        for bias in (0, 1, 0)
    }
    assert len(fingerprints) == 2
    assert ESTIMATORS["kmeans"].fingerprint({"clusters": 3}) == ""


def test_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(EstimatorError, match=r"finds no file '.*gone\.onnx': params key 'file'"):
        brought(str(tmp_path / "gone.onnx"), "iris", "regression")


@pytest.mark.parametrize(
    ("changes", "task", "message"),
    [
        (
            {"width": 7},
            "regression",
            r"must have or be one input.* of 4 columns.*inputs are 'X float\[\?, 7\]'",
        ),
        ({"element": TensorProto.INT64}, "regression", "one input, a float or double matrix"),
        ({}, "multiclass", r"one output of floats with 3 columns.*found 'sum' float32\[rows, 1\]"),
        ({}, "clustering", "floats with a column per cluster"),
        ({"params": {"output": "total"}}, "regression", "key 'output' names it.; found 'sum'"),
        ({}, "anomaly", r"needs the score above which.*write params: \{threshold"),
        ({}, "binary", "must have or be probabilities, from 0 to 1 and 1 in sum; found scores from"),
    ],
)
def test_file_that_does_not_fit_is_reported(
    tmp_path: Path, changes: dict[str, Any], task: str, message: str
) -> None:
    changes, params = dict(changes), changes.get("params", {})
    changes.pop("params", None)
    path = linear(tmp_path / "m.onnx", np.ones(4), 5.0, **changes)
    with pytest.raises(EstimatorError, match=message):
        brought(path, "iris", task, **params)


def test_bytes_that_are_no_model_are_reported(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"\xff" * 20)
    with pytest.raises(EstimatorError, match="a readable ONNX model; found other bytes"):
        brought(str(tmp_path / "m.onnx"), "iris", "regression")


def test_operators_outside_the_standard_are_refused(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", np.ones(4), 0.0, domain="my.own")
    with pytest.raises(ArtifactError, match=r"imports 'my\.own'"):
        brought(path, "iris", "regression")


def test_text_features_are_refused(tmp_path: Path) -> None:
    path = linear(tmp_path / "m.onnx", np.ones(1), 0.0)
    signature = Signature((Feature.category("region", ("a",)),))
    with pytest.raises(EstimatorError, match="but 'region' is text"):
        fit("onnx", np.zeros((5, 1)), np.zeros(5), signature, "regression", params={"file": path})
