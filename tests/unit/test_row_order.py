import numpy as np
import onnx
import pytest
from lightgbm_models import assert_exact, booster_of, data, edges, suited

from scoring.artifact import Artifact, digest
from training.export.lightgbm import to_onnx
from training.export.row_order import MOST_CUTS, MOST_GROUPS, cuts
from training.export.trees import TreeArrays


def operators(data: bytes) -> list[str]:
    return [node.op_type for node in onnx.load_model_from_string(data).graph.node]


def stump(column: int, threshold: float) -> TreeArrays:
    no = np.zeros(1, dtype=bool)
    leaf = np.array([-1]), np.array([-2])
    return TreeArrays(np.array([column]), np.array([threshold]), no, *leaf, np.zeros(2), 0, no)


@pytest.mark.parametrize("objective", ["binary", "multiclass", "multiclassova"])
@pytest.mark.parametrize("nulls", [0.0, 0.3])
def test_a_model_of_many_trees_sorts_its_rows_and_is_exact(objective: str, nulls: float) -> None:
    features, label = data(11, 400, 40, nulls, 0.2)
    booster = booster_of(features, suited(label, objective), 150, objective=objective)
    assert "TopK" in operators(to_onnx(booster))
    assert_exact(booster, edges(booster, features)[:20_000])


def test_a_row_scores_the_same_whatever_stands_beside_it() -> None:
    features, label = data(12, 300, 6, 0.1, 0.1)
    onnx_bytes = to_onnx(booster_of(features, suited(label, "binary"), 200))
    artifact = Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m")
    together = artifact.run(features)
    assert [artifact.run(features[row : row + 1])[0] for row in range(40)] == together[:40].tolist()
    np.testing.assert_array_equal(artifact.run(features[::-1]), together[::-1])


def test_a_model_of_few_trees_leaves_its_rows_as_they_are() -> None:
    features, label = data(13, 300, 6, 0.0, 0.0)
    assert "TopK" not in operators(to_onnx(booster_of(features, suited(label, "binary"), 12)))


def columns_of(trees: list[TreeArrays]) -> list[int]:
    return [cut.column for cut in cuts(trees)]


def test_the_column_that_tells_most_sorts_first() -> None:
    trees = [stump(0, float(n)) for n in range(100)] + [stump(1, float(n)) for n in range(900)]
    by_step = sorted(cuts(trees), key=lambda cut: cut.step)
    assert by_step[0].column == 0 and by_step[-1].column == 1


def test_rows_are_sorted_into_no_more_groups_than_stated() -> None:
    random = np.random.default_rng(1)
    trees = [stump(int(random.integers(30)), float(random.normal())) for _ in range(2000)]
    counts = np.bincount(columns_of(trees))
    assert np.prod(counts + 1.0) <= MOST_GROUPS
    assert max(np.bincount(columns_of([stump(0, float(n)) for n in range(1000)]))) == MOST_CUTS


def test_rows_without_numbers_to_compare_are_not_sorted() -> None:
    member = np.ones(1, dtype=bool)
    tree: TreeArrays = stump(0, 0.0)
    only_sets = TreeArrays(
        *(tree.column, tree.threshold, tree.missing_left, tree.left, tree.right, tree.leaves, 0),
        is_member=member,
        members=(np.array([1]),),
    )
    assert cuts([only_sets] * 1000) == []


def test_columns_that_no_split_reads_are_no_reason_to_sort() -> None:
    assert columns_of([stump(1, float(n)) for n in range(1000)]) == [1] * MOST_CUTS
