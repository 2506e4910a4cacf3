from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from made_versions import made

from scoring.artifact import Artifact, digest
from scoring.signature import Feature, Signature
from training.comparison import parity
from training.comparison.compared_rows import as_table, edge_rows
from training.errors import ParityError
from training.estimators.base import Examples, FitRequest, completed
from training.estimators.lightgbm_booster import Booster, fit

SIGNATURE = Signature(
    (Feature.number("x"), Feature.category("c", ("a", "b", "c", "d")), Feature.instant("at")),
    classes=("no", "yes", "maybe"),
)
ROWS = pa.table(
    {
        "x": np.arange(300) % 17 / 2,
        "c": [[*"abcd", None][n % 5] for n in range(300)],
        "at": pa.array(np.arange(300) * 10**10, pa.timestamp("us")),
    }
)
LIMIT = 1e-15


def inputs(task: str = "binary", **artifact_params: Any) -> dict[str, Any]:
    """Return a model, its artifact (or that of a model trained with other settings) and its version row."""
    matrix = SIGNATURE.matrix(ROWS.to_batches()[0], model="m")
    total = matrix[:, 0] + np.nan_to_num(matrix[:, 1])
    label = (total > 4).astype(float) + (0 if task == "binary" else total > 8)

    def model(**params: Any) -> Booster:
        settings = {
            "min_data_in_leaf": 3,
            "num_leaves": 5,
            "num_iterations": 5,
            "learning_rate": 0.5,
            **params,
        }
        return fit(FitRequest(Examples(matrix, label), None, task, settings, 1, SIGNATURE))

    onnx_bytes = model(**artifact_params).to_onnx()
    classes = SIGNATURE.classes[: {"binary": 2, "multiclass": 3}.get(task, 0)]
    signature = completed(replace(SIGNATURE, classes=classes), model(), task)
    return {
        "model": model(),
        "artifact": Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m"),
        "version": made(version=4, task=task, signature=signature, artifact=onnx_bytes),
        "rows": ROWS,
        "matrix": matrix,
        "largest_allowed": LIMIT,
    }


def edges_of(arguments: dict[str, Any]) -> Any:
    return edge_rows(arguments["model"].edges(), SIGNATURE, arguments["matrix"])


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_equal_scores_pass_and_are_counted(task: str) -> None:
    arguments = inputs(task)
    differences = parity.check(**arguments)
    assert differences.max_absolute_difference == 0.0
    assert differences.max_relative_difference <= LIMIT == differences.largest_allowed
    assert differences.rows_compared == 300 + len(edges_of(arguments))


def test_edge_rows_try_thresholds_special_numbers_and_missing_categories() -> None:
    arguments = inputs()
    edges = edges_of(arguments)
    thresholds = arguments["model"].edges()[0]
    assert len(thresholds)
    for values in (thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf)):
        assert set(values) <= set(edges[:, 0])
    assert {np.inf, -np.inf, 1e300} <= set(edges[:, 0]) and np.isnan(edges[:, 0]).any()
    assert np.isnan(edges[:, 2]).any() and {0.0, 86_399.999999, 86_400.000001} <= set(edges[:, 2])
    texts = as_table(edges, SIGNATURE).column("c").to_pylist()
    assert {None, "abcd?"} <= set(texts)


def test_a_threshold_may_be_the_largest_double() -> None:
    largest = np.finfo(np.float64).max
    edges = edge_rows({0: np.array([largest])}, SIGNATURE, inputs()["matrix"])
    assert {largest, np.nextafter(largest, 0), np.inf} <= set(edges[:, 0])


def test_edge_rows_reach_the_artifact_unchanged_through_sql() -> None:
    edges = edges_of(inputs())
    (batch,) = as_table(edges, SIGNATURE).to_batches()
    np.testing.assert_array_equal(SIGNATURE.matrix(batch, model="m"), edges)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
@pytest.mark.parametrize("params", [{"learning_rate": 0.5 + 1e-12}, {"num_leaves": 4}])
def test_artifact_of_another_model_is_refused(task: str, params: dict[str, Any]) -> None:
    with pytest.raises(ParityError, match=r"'m' is refused: its scores from the ONNX artifact \(raw score\)"):
        parity.check(**inputs(task, **params))


@pytest.mark.parametrize(
    ("task", "method", "source"),
    [
        ("binary", "predict", "the ONNX artifact must equal"),
        ("multiclass", "predict", "the ONNX artifact must equal"),
        ("multiclass", "probabilities", r"the ONNX artifact \(probabilities\)"),
    ],
)
def test_prediction_that_differs_is_refused(task: str, method: str, source: str) -> None:
    arguments = inputs(task)
    with pytest.raises(ParityError, match=f"from {source}.*on the features"):
        parity.check(**arguments | {"model": _Rescaled(arguments["model"], method)})


class _Rescaled:
    """A model one of whose answers is wrong."""

    def __init__(self, model: Booster, method: str) -> None:
        self._model = model
        setattr(self, method, lambda matrix: getattr(model, method)(matrix) * (1 + 1e-14))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


@pytest.mark.parametrize(
    ("task", "output", "source"),
    [
        ("binary", "prediction", "SQL"),
        ("binary", "class", r"SQL \(class\)"),
        ("binary", "probabilities", r"SQL \(probabilities\)"),
        ("multiclass", "class", r"SQL \(class\)"),
        ("multiclass", "probabilities", r"SQL \(probabilities\)"),
    ],
)
def test_sql_that_differs_is_refused(
    monkeypatch: pytest.MonkeyPatch, task: str, output: str, source: str
) -> None:
    right = parity.sql_scores

    def reversed_scores(*args: Any) -> dict[str, Any]:
        scores = right(*args)
        return scores | {output: scores[output][::-1]}

    monkeypatch.setattr(parity, "sql_scores", reversed_scores)
    with pytest.raises(ParityError, match=f"its scores from {source} must equal"):
        parity.check(**inputs(task))


def test_many_rows_are_sampled_evenly() -> None:
    chosen = parity.sample(1_234_567)
    assert (len(chosen), chosen[0], chosen[-1]) == (parity.ROWS_COMPARED, 0, 1_234_566)
    assert set(np.diff(chosen)) == {123, 124}
    assert parity.sample(50).tolist() == list(range(50))
