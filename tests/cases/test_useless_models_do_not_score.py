"""A version that gives NaN, or no more than a constant gives, is refused; small slices refuse no good one.

All learn from one table: `x` tells the label, save for some rows. Three rows are in the south, of one class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import own_project
import pytest
from onnx import TensorProto, helper, numpy_helper
from project import REGISTRY, Project, Run

ROWS = [(n, n * 37 % 100, "south" if n in (3, 13, 23) else "north" if n % 2 else "east") for n in range(400)]
TABLE = "id,x,region,y\n" + "".join(
    f"{n},{x},{region},{int((x > 50) != (n % 9 == 0) and region != 'south')}\n" for n, x, region in ROWS
)
SPLIT = {"method": "random", "test": 0.4}
BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "split": SPLIT,
    "slices": [{"column": "region", "feature": False}],
    "params": {"min_data_in_leaf": 10, "num_iterations": 20},
}
SLICED = {"metric": "roc_auc", "min": 0.6, "dataset": "train", "slices": "region"}
QUERY = "select id, {x} as x, y::integer as y, region from {{{{ ref('facts') }}}}"
MODELS = {
    "good": {**BLOCK, "gates": [SLICED]},
    "too_strict": {**BLOCK, "gates": [{**SLICED, "min_rows": 1000}]},
    "useless": BLOCK,
    "excused": {**BLOCK, "must_beat_constant": False},
    "broken": {
        **BLOCK,
        "estimator": "onnx",
        "params": {"file": "broken.onnx"},
        "gates": [{"metric": "log_loss", "max": 0.6}, {"metric": "roc_auc", "min_gain_over_baseline": 0.01}],
    },
}
X = {
    **dict.fromkeys(MODELS, "x::integer"),
    **dict.fromkeys(("useless", "excused"), "1"),
    # Four rows of five have no x, of which the file makes NaN; it is right about nearly all others.
    "broken": "case when id::integer % 5 = 0 then x::integer end",
}
QUERIES = {name: QUERY.format(x=x) for name, x in X.items()}


def right_or_nan() -> bytes:
    """Return a model whose probability is 0.99 where x is above 50, 0.01 where it is not, and NaN for NaN."""
    steps = [
        ("Sub", ["features", "middle"], "distance"),
        ("Clip", ["distance", "low", "high"], "clipped"),
        ("Add", ["clipped", "half"], "probability"),
    ]
    constants = {"middle": 50.5, "low": -0.49, "high": 0.49, "half": 0.5}
    graph = helper.make_graph(
        [helper.make_node(kind, inputs, [output]) for kind, inputs, output in steps],
        "graph",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["rows", 1])],
        [helper.make_tensor_value_info("probability", TensorProto.DOUBLE, ["rows", 1])],
        [numpy_helper.from_array(np.array(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return bytes(model.SerializeToString())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    folder = tmp_path_factory.mktemp("useless")
    project = own_project.make(folder, {"facts": TABLE}, MODELS, queries=QUERIES)
    (project.folder / "broken.onnx").write_bytes(right_or_nan())
    return project, project.build("-s", "package:own", REGISTRY)


def failures(project: Project, model: str) -> list[tuple]:
    columns = "metric, dataset, comparison, slice_value, message"
    return project.query(f"select {columns} from ml.gate_failures where model_name = '{model}' order by all")


def test_only_good_and_excused_models_score(built: tuple[Project, Run]) -> None:
    project, run = built
    assert project.query("select model_name from ml.champions order by 1") == [("excused",), ("good",)]
    assert run.code == 1
    assert " SKIP=0 " in run.output


def test_a_score_that_is_not_finite_fails_whatever_the_gates_say(built: tuple[Project, Run]) -> None:
    project, run = built
    failed = failures(project, "broken")
    rows = project.query(
        "select dataset, sum(metric_value) filter (where metric = 'non_finite_scores') "
        "/ sum(metric_value) filter (where metric = 'rows') from ml.model_metrics "
        "where model_name = 'broken' and predictor = 'model' group by 1"
    )
    assert all(0.7 < share < 0.9 for _, share in rows)
    assert {(metric, dataset) for metric, dataset, *_ in failed} == {
        ("brier", "test"),
        ("log_loss", "test"),
        ("non_finite_scores", "test"),
        ("non_finite_scores", "train"),
        ("roc_auc", "test"),
    }
    assert any("rows of the test data a score that is NaN" in message for *_, message in failed)
    assert "Version 1 of broken gives " in run.output
    curves = "select count(*) from ml.model_curves where model_name = 'broken'"
    assert project.query(curves) == [(0,)]
    assert project.query("select count(*) from ml.model_confusion where predicted is null") != [(0,)]


def test_no_better_than_a_constant_is_refused_unless_the_block_says_so(built: tuple[Project, Run]) -> None:
    project, _ = built
    ((metric, dataset, comparison, _, message),) = failures(project, "useless")
    assert (metric, dataset, comparison) == ("brier", "test", "must_beat_constant")
    assert "must_beat_constant: false" in message
    assert failures(project, "excused") == []


def test_a_small_slice_is_left_out_and_named(built: tuple[Project, Run]) -> None:
    project, run = built
    gates = project.query(
        "select slice_value, is_passed, left_out is not null from ml.model_gates "
        "where model_name = 'good' and slice_column = 'region' order by 1"
    )
    assert gates == [("east", True, False), ("north", True, False), ("south", True, True)]
    assert "region south is left out of the gate on roc_auc on the train data" in run.output


def test_a_gate_all_slices_of_which_are_left_out_fails(built: tuple[Project, Run]) -> None:
    project, _ = built
    failed = failures(project, "too_strict")
    assert [slice_value for *_, slice_value, _ in failed] == ["east", "north", "south"]
    assert "min_rows is 1000" in failed[0][-1]
