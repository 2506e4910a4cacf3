from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from scoring.artifact import ROWS_PER_RUN, Artifact, digest
from scoring.errors import ArtifactError

Make = Callable[..., bytes]


def load(data: bytes) -> Artifact:
    return Artifact(data, expected_digest=digest(data), model="m@1")


@pytest.mark.parametrize("rows", [0, 1, ROWS_PER_RUN, ROWS_PER_RUN + 1])
def test_every_row_gets_a_prediction(onnx_sum: Make, rows: int) -> None:
    matrix = np.arange(rows * 2.0).reshape(rows, 2)
    np.testing.assert_array_equal(load(onnx_sum(2, 10.0)).run(matrix), matrix.sum(axis=1) * 10)
    np.testing.assert_array_equal(load(onnx_sum(2, 10.0)).run(matrix, "raw_score"), matrix.sum(axis=1))


def test_altered_bytes_are_refused(onnx_sum: Make) -> None:
    with pytest.raises(
        ArtifactError, match=r"'m@1' is refused.*SHA-256 in its row, .*altered after training"
    ):
        Artifact(onnx_sum(2, 2.0), expected_digest=digest(onnx_sum(2, 1.0)), model="m@1")


def test_more_bytes_than_allowed_are_refused(onnx_sum: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    data = onnx_sum(2)
    monkeypatch.setattr("scoring.artifact.LARGEST", len(data))
    load(data)
    monkeypatch.setattr("scoring.artifact.LARGEST", len(data) - 1)
    with pytest.raises(
        ArtifactError, match=f"may have {len(data) - 1:,} bytes at most but has {len(data):,}"
    ):
        load(data)


@pytest.mark.parametrize("imports", [("", "com.microsoft"), ("", "ai.onnx.ml", "my.own")])
def test_foreign_operators_are_refused(onnx_sum: Make, imports: tuple[str, ...]) -> None:
    with pytest.raises(ArtifactError, match=f"but it imports '{imports[-1]}'"):
        load(onnx_sum(2, imports=imports))


def test_own_functions_are_refused(onnx_sum: Make) -> None:
    model = onnx.load_from_string(onnx_sum(2))
    model.functions.append(
        helper.make_function(
            "", "F", ["a"], ["b"], [helper.make_node("Abs", ["a"], ["b"])], model.opset_import
        )
    )
    with pytest.raises(ArtifactError, match="defines functions"):
        load(model.SerializeToString())


def test_data_outside_the_artifact_is_refused(
    onnx_sum: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.array(3.0).tofile("factor.bin")
    model = onnx.load_from_string(onnx_sum(2))
    factor = next(tensor for tensor in model.graph.initializer if tensor.name == "factor")
    factor.ClearField("raw_data")
    factor.data_location = TensorProto.EXTERNAL
    factor.external_data.add(key="location", value="factor.bin")
    with pytest.raises(ArtifactError, match="must be a self-contained ONNX model"):
        load(model.SerializeToString())


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"no model", b"\xff" * 20, b"\x42\x7f"])
def test_bytes_that_are_no_model_are_refused(data: bytes) -> None:
    with pytest.raises(ArtifactError, match="'m@1' cannot be opened"):
        load(data)
