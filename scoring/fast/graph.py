"""An artifact in parts: its sums of trees, and the graphs before and behind them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import AttributeProto, TensorProto, helper, numpy_helper

TREES, TREES_DOMAIN = "TreeEnsemble", "ai.onnx.ml"
SUM, NO_TRANSFORM, LESS_OR_EQUAL, MEMBER = 1, 0, 0, 6
PRODUCER = "warehouse-ml"
GRAPHS = (AttributeProto.GRAPH, AttributeProto.GRAPHS)


@dataclass(frozen=True)
class Ensemble:
    """A ``TreeEnsemble`` operator: arrays over its splits and leaves, named as the standard names them.

    See https://onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsemble.html.

    Parameters
    ----------
    source, output
        The names of the matrix that it reads and of the sums.
    targets
        How many sums each row has.
    roots
        The split that each tree begins with.
    features, splits, missing_left
        Of each split its column, its threshold, and whether a missing value takes its first branch.
    members
        Of each split the values that take its first branch; None where a threshold tells.
    left, right
        The child of each split; the position of a leaf where ``left_leaf`` or ``right_leaf`` say so.
    leaf_targets, leaf_values
        Which sum each leaf adds to, and what.
    """

    source: str
    output: str
    targets: int
    roots: NDArray[np.int64]
    features: NDArray[np.int64]
    splits: NDArray[np.float64]
    missing_left: NDArray[np.bool_]
    members: tuple[NDArray[np.float64] | None, ...]
    left: NDArray[np.int64]
    left_leaf: NDArray[np.bool_]
    right: NDArray[np.int64]
    right_leaf: NDArray[np.bool_]
    leaf_targets: NDArray[np.int64]
    leaf_values: NDArray[np.float64]


@dataclass(frozen=True)
class Parts:
    """An artifact in parts.

    Parameters
    ----------
    before
        The graph from the features to the matrices that the ensembles read; None if they read the features.
    ensembles
        All of its ensembles.
    behind
        The graph from their sums to the outputs of the artifact.
    """

    before: bytes | None
    ensembles: tuple[Ensemble, ...]
    behind: bytes


def parts(data: bytes) -> Parts | None:
    """Return the parts of an artifact; None if it has no trees, or such as are not understood here."""
    model = onnx.load_model_from_string(data)
    nodes = [node for node in model.graph.node if (node.op_type, node.domain) == (TREES, TREES_DOMAIN)]
    ensembles = tuple(ensemble for ensemble in map(_ensemble, nodes) if ensemble)
    has_graphs = any(part.type in GRAPHS for node in model.graph.node for part in node.attribute)
    has_sets = any(members is not None for ensemble in ensembles for members in ensemble.members)
    # The runtime drops fractions before it looks into large sets, not small ones: ours are of whole codes.
    if (
        not nodes
        or has_graphs
        or len(ensembles) < len(nodes)
        or (has_sets and model.producer_name != PRODUCER)
    ):
        return None
    ensembles = tuple(_as_they_come(ensemble, model.graph.node) for ensemble in ensembles)
    sources = list(dict.fromkeys(ensemble.source for ensemble in ensembles))
    before = _cut(model, (), sources)
    if any(node.op_type == TREES for node in before.graph.node):
        return None
    are_features = all(node.op_type == "Identity" for node in before.graph.node)
    behind = _cut(model, ensembles, [output.name for output in model.graph.output])
    return Parts(None if are_features else before.SerializeToString(), ensembles, behind.SerializeToString())


def _as_they_come(ensemble: Ensemble, nodes: Sequence[onnx.NodeProto]) -> Ensemble:
    """Return an ensemble without the sorting of rows around it, which only the runtime gains by.

    See `training.export.row_order`.
    """
    maker = {output: node for node in nodes for output in node.output}
    readers = [node for node in nodes if ensemble.output in node.input]
    taken = maker.get(ensemble.source)
    if taken is None or taken.op_type != "Gather" or [node.op_type for node in readers] != ["ScatterND"]:
        return ensemble
    (placed,), places = readers, maker.get(taken.input[1])
    is_order = places is not None and places.op_type == "Squeeze" and places.input[0] == placed.input[1]
    if not is_order or maker[placed.input[1]].op_type != "TopK":
        return ensemble
    return replace(ensemble, source=taken.input[0], output=placed.output[0])


def _cut(model: onnx.ModelProto, given: Collection[Ensemble], outputs: list[str]) -> onnx.ModelProto:
    """Return the part of a model that leads to the outputs, from the features and the sums that are given."""
    sums = {ensemble.output: ensemble.targets for ensemble in given}
    wanted = set(outputs)
    nodes = []
    for node in reversed(model.graph.node):
        if not wanted.isdisjoint(node.output) and sums.keys().isdisjoint(node.output):
            nodes.append(node)
            wanted.update(node.input)
    outputs_by_name = {value.name: value for value in model.graph.output}
    graph = helper.make_graph(
        nodes[::-1],
        model.graph.name,
        [value for value in model.graph.input if value.name in wanted]
        + [_matrix(name, width) for name, width in sums.items()],
        [outputs_by_name.get(name) or _matrix(name, None) for name in outputs],
        [tensor for tensor in model.graph.initializer if tensor.name in wanted],
    )
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version)


def _matrix(name: str, width: int | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows", width])


def _ensemble(node: onnx.NodeProto) -> Ensemble | None:
    """Return an ensemble; None unless it sums leaves of doubles whose splits compare or look for members."""
    given: dict[str, Any] = {part.name: helper.get_attribute_value(part) for part in node.attribute}
    splits, modes = numpy_helper.to_array(given["nodes_splits"]), numpy_helper.to_array(given["nodes_modes"])
    is_sum = (given.get("aggregate_function", SUM), given.get("post_transform", 0)) == (SUM, NO_TRANSFORM)
    if not is_sum or splits.dtype != np.float64 or not np.isin(modes, (LESS_OR_EQUAL, MEMBER)).all():
        return None
    missing = np.array(given.get("nodes_missing_value_tracks_true") or np.zeros(len(splits)), dtype=bool)
    values = given.get("membership_values")
    sets = _sets(numpy_helper.to_array(values)) if values is not None else []
    places = np.cumsum(modes == MEMBER) - 1
    return Ensemble(
        source=node.input[0],
        output=node.output[0],
        targets=given["n_targets"],
        roots=np.array(given["tree_roots"]),
        features=np.array(given["nodes_featureids"]),
        splits=splits,
        missing_left=missing,
        members=tuple(
            sets[place] if mode == MEMBER else None for place, mode in zip(places, modes, strict=True)
        ),
        left=np.array(given["nodes_truenodeids"]),
        left_leaf=np.array(given["nodes_trueleafs"], dtype=bool),
        right=np.array(given["nodes_falsenodeids"]),
        right_leaf=np.array(given["nodes_falseleafs"], dtype=bool),
        leaf_targets=np.array(given["leaf_targetids"]),
        leaf_values=numpy_helper.to_array(given["leaf_weights"]),
    )


def _sets(values: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the sets of members, of which NaN ends each."""
    ends = np.flatnonzero(np.isnan(values))
    return [values[start:end] for start, end in zip([0, *(ends[:-1] + 1)], ends, strict=True)]
