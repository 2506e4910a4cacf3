"""An ONNX file is refused if any node is foreign, its data lies elsewhere, or its batch is fixed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from scoring.artifact import Artifact, digest
from scoring.errors import ArtifactError, WarehouseMLError
from scoring.onnx_bytes import contents
from scoring.signature import Feature, Signature
from training.estimators import ESTIMATORS
from training.estimators.base import Examples, FitRequest

DOUBLE, INT64 = TensorProto.DOUBLE, TensorProto.INT64
FOREIGN = helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")


def info(name: str, shape: list[str | int], kind: int = DOUBLE) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def model(
    *nodes: onnx.NodeProto, rows: str | int = "rows", shape: list[str | int] | None = None
) -> onnx.ModelProto:
    """Return a model that sums two features, after other nodes that are not needed."""
    nodes = (*nodes, helper.make_node("ReduceSum", ["features", "axis"], ["prediction"], keepdims=0))
    graph = helper.make_graph(
        list(nodes),
        "sum",
        [info("features", [rows, 2])],
        [info("prediction", shape or [rows])],
        [numpy_helper.from_array(np.array([1]), "axis")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def inside(node: onnx.NodeProto, depth: int = 1) -> onnx.NodeProto:
    """Return an If with the node in its branches, that deep."""
    for _ in range(depth):
        branch = helper.make_graph([node], "branch", [], [info("y", [])])
        node = helper.make_node("If", ["condition"], ["y"], then_branch=branch, else_branch=branch)
    return node


def in_a_list(node: onnx.NodeProto) -> onnx.NodeProto:
    holder = helper.make_node("Loop", ["n"], ["y"])
    holder.attribute.append(helper.make_attribute("graphs", [helper.make_graph([node], "body", [], [])]))
    return holder


def external(place: str) -> onnx.ModelProto:
    """Return a model with a tensor outside of its bytes: an initializer, in an attribute, or a sparse one."""
    tensor = helper.make_tensor("t", DOUBLE, [1], [1.0])
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="t.bin")
    if place == "initializer":
        made = model()
        made.graph.initializer.append(tensor)
    elif place == "attribute":
        made = model(helper.make_node("Constant", [], ["y"], value=tensor))
    else:
        made = model()
        made.graph.sparse_initializer.add().values.CopyFrom(tensor)
    return made


def with_functions() -> onnx.ModelProto:
    made = model()
    made.functions.append(helper.make_function("", "F", ["a"], ["b"], [FOREIGN], made.opset_import))
    return made


REFUSED: dict[str, tuple[Callable[[], onnx.ModelProto], str]] = {
    "a foreign node": (lambda: model(FOREIGN), "com.microsoft"),
    "one in a branch": (lambda: model(inside(FOREIGN)), "com.microsoft"),
    "one in a branch of a branch": (lambda: model(inside(FOREIGN, 3)), "com.microsoft"),
    "one in a list of graphs": (lambda: model(in_a_list(FOREIGN)), "com.microsoft"),
    "branches without end": (lambda: model(inside(FOREIGN, 12)), "com.microsoft"),
    "functions": (with_functions, "functions"),
    "an initializer elsewhere": (lambda: external("initializer"), "another file"),
    "an attribute elsewhere": (lambda: external("attribute"), "another file"),
    "a sparse tensor elsewhere": (lambda: external("sparse"), "another file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_outside_of_the_standard_or_the_bytes_is_refused(case: str) -> None:
    make, fact = REFUSED[case]
    data = make().SerializeToString()
    with pytest.raises(ArtifactError, match=fact):
        Artifact(data, expected_digest=digest(data), model="m@1")


def nested(depth: int) -> bytes:
    """Return graphs in attributes of nodes of graphs, that deep, as bytes."""
    data = b""
    for _ in range(depth):
        for key in (b"\x32", b"\x2a", b"\x0a"):  # a graph in an attribute in a node
            data = key + varint(len(data)) + data
    return b"\x3a" + varint(len(data)) + data


def varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


HOSTILE = [
    nested(100),
    nested(20_000),
    b"\x3a" + b"\xff" * 8 + b"\x7f",  # a graph of more bytes than there are
    b"\x3a\x05abc",
    b"\xba\x80\x80\x80\x80\x01\x00",  # a field number beyond 32 bits
    b"\x80" * 100,  # a number without end
    b"\x00\x01",
    b"\x0b\x0c",
]


@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bytes_end_in_a_sentence(data: bytes) -> None:
    with pytest.raises(ArtifactError, match="'m@1' cannot be opened"):
        Artifact(data, expected_digest=digest(data), model="m@1")


def test_bytes_that_read_as_the_runtimes_own_format_are_not_taken_for_it() -> None:
    data = b"\x1a\x06\x00\x00ORTM" + model().SerializeToString()  # a producer name of six bytes
    artifact = Artifact(data, expected_digest=digest(data), model="m@1")
    assert artifact.run(np.ones((3, 2))).tolist() == [2.0, 2.0, 2.0]


def test_every_node_of_a_large_model_is_seen() -> None:
    trees = helper.make_node(
        "TreeEnsembleRegressor", ["features"], ["y"], domain="ai.onnx.ml", nodes_hitrates=[0.5] * 100_000,
        nodes_nodeids=list(range(-50_000, 50_000)), nodes_modes=["BRANCH_LEQ"] * 1000,
    )  # fmt: skip
    result = contents(model(trees, FOREIGN).SerializeToString())
    assert result.domains == {"", "ai.onnx.ml", "com.microsoft"}


def brought(path: Path, made: onnx.ModelProto) -> None:
    """Declare the file as a model of two features."""
    onnx.save(made, path)
    signature = Signature((Feature.number("a"), Feature.number("b")))
    examples = Examples(np.arange(40.0).reshape(20, 2), np.arange(20.0))
    ESTIMATORS["onnx"].fit(FitRequest(examples, None, "regression", {"file": str(path)}, 1, signature))


def reduced(axis: int, keepdims: int) -> onnx.ModelProto:
    made = model()
    made.graph.node[-1].attribute[0].i = keepdims
    made.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.array([axis]), "axis"))
    made.graph.output[0].CopyFrom(info("prediction", ["n", "m"] if keepdims else ["n"]))
    return made


def mean_of_batch() -> onnx.ModelProto:
    """Return a model that takes the mean of the batch from each row."""
    made = model(
        helper.make_node("ReduceMean", ["features", "first"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["features", "mean"], ["centred"]),
    )
    made.graph.initializer.append(numpy_helper.from_array(np.array([0]), "first"))
    made.graph.node[-1].input[0] = "centred"
    return made


def half() -> onnx.ModelProto:
    """Return a model that gives every second row."""
    names = {"starts": 0, "ends": 2**40, "axes": 0, "steps": 2}
    made = model(helper.make_node("Slice", ["features", *names], ["half"]), shape=["half"])
    made.graph.initializer.extend(numpy_helper.from_array(np.array([n]), name) for name, n in names.items())
    made.graph.node[-1].input[0] = "half"
    return made


@pytest.mark.parametrize(
    ("made", "fact"),
    [
        (model(rows=1), "fixed to 1"),
        (model(rows=20), "fixed to 20"),
        (half(), "10 for 20"),
        (reduced(0, 0), "2 for 20"),
        (mean_of_batch(), "rows beside it"),
        (model(FOREIGN), "com.microsoft"),
        (model(inside(FOREIGN)), "com.microsoft"),
        (external("initializer"), "t.bin|another file"),
    ],
    ids=range(8),
)
def test_a_file_is_refused_when_it_is_declared(tmp_path: Path, made: onnx.ModelProto, fact: str) -> None:
    with pytest.raises(WarehouseMLError, match=fact) as caught:
        brought(tmp_path / "m.onnx", made)
    assert "\n" not in str(caught.value)


def test_a_plain_file_is_taken(tmp_path: Path) -> None:
    brought(tmp_path / "m.onnx", model())
