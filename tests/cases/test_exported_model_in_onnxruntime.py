"""An exported model scores to the last bit on one thread; several add the same leaves in another order."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import lightgbm
import numpy as np
import onnx
import onnxruntime
import pytest
import scored_project
from numpy.typing import NDArray
from onnx import numpy_helper

from scoring.signature import Signature
from training.export.preprocessing_instants import Instants

ROWS = 2_000


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    warehouse = scored_project.make(tmp_path_factory.mktemp("exported"))
    path = warehouse.path.parent / "late.onnx"
    assert warehouse.run("export", "--model", "late", "--output", path)[0] == 0
    return path


def raw_scores(path: Path, matrix: NDArray[np.float64], threads: int, batch: int) -> NDArray[np.float64]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    starts = range(0, len(matrix), batch)
    parts = [session.run(["raw_score"], {"features": matrix[start : start + batch]})[0] for start in starts]
    return np.concatenate(parts)


def rows() -> NDArray[np.float64]:
    random = np.random.default_rng(0)
    regions = random.choice([np.nan, 0.0, 1.0, 2.0], ROWS)
    instants = 1_704_067_200 + random.integers(0, 400, ROWS) * 3_600.0
    return np.column_stack([random.integers(0, 13, ROWS), random.integers(0, 5, ROWS), regions, instants])


def test_one_thread_gives_the_bits_of_the_trainer(exported: Path) -> None:
    with duckdb.connect(str(exported.with_name("warehouse.duckdb")), read_only=True) as connection:
        ((text, signature),) = connection.sql("select native_model, signature from ml.late").fetchall()
    expanded = Instants.of(Signature.from_row(signature)).expanded(rows())
    expected = lightgbm.Booster(model_str=text).predict(expanded, raw_score=True)
    for batch in (1, 50, 51, 64, ROWS):
        np.testing.assert_array_equal(raw_scores(exported, rows(), 1, batch), expected)


@pytest.mark.parametrize("threads", [0, 2, 4])
def test_several_threads_differ_by_rounding_alone(exported: Path, threads: int) -> None:
    matrix = rows()
    exact = raw_scores(exported, matrix, 1, ROWS)
    for batch in (50, 51, 64, ROWS):
        differences = np.abs(raw_scores(exported, matrix, threads, batch) - exact)
        assert differences.max() <= allowed(exported)
        assert batch > 50 or differences.max() == 0


def allowed(path: Path) -> float:
    """Return what two orders of one sum can differ by: T trees, T times the largest leaf, times T / 2^52."""
    (trees,) = (node for node in onnx.load(path).graph.node if node.op_type == "TreeEnsemble")
    values = {attribute.name: attribute for attribute in trees.attribute}
    leaves = np.abs(numpy_helper.to_array(values["leaf_weights"].t))
    count = len(values["tree_roots"].ints)
    return float(count * 2.0**-52 * leaves.max() * count)


def test_the_file_says_so(exported: Path) -> None:
    described = json.loads(exported.with_suffix(".json").read_text())
    notes = {entry.key: entry.value for entry in onnx.load(exported).metadata_props}
    assert "intra_op_num_threads = 1" in described["threads"] == notes["warehouse_ml.threads"]
