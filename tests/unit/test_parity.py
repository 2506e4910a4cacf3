from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
import pytest

from scoring.artifact import Artifact, digest
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from training import parity
from training.errors import ParityError
from training.export.lightgbm import to_onnx

SIGNATURE = Signature((Feature.number("x"), Feature.category("c", ("a", "b", "c", "d"))))
ROWS = pa.table({"x": np.arange(300) % 17 / 2, "c": [[*"abcd", None][n % 5] for n in range(300)]})


def inputs(artifact_params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a model, its artifact (or that of a model trained with other settings) and its version row."""
    matrix = SIGNATURE.matrix(ROWS.to_batches()[0], model="m")
    label = (matrix[:, 0] + np.nan_to_num(matrix[:, 1]) > 4).astype(float)

    def booster(**params: Any) -> lightgbm.Booster:
        settings = {"objective": "binary", "verbosity": -1, "min_data_in_leaf": 3, "num_leaves": 5, **params}
        dataset = lightgbm.Dataset(matrix, label, categorical_feature=[1], params=settings)
        return lightgbm.train(settings, dataset, num_boost_round=5)

    onnx_bytes = to_onnx(booster(**(artifact_params or {})))
    values = {
        "model_name": "m",
        "version": 4,
        "signature": SIGNATURE.to_row(),
        "artifact": onnx_bytes,
        "artifact_sha256": digest(onnx_bytes),
    }
    return {
        "booster": booster(),
        "artifact": Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m"),
        "row": pa.Table.from_pylist([dict.fromkeys(VERSION_SCHEMA.names) | values], schema=VERSION_SCHEMA),
        "signature": SIGNATURE,
        "rows": ROWS,
        "matrix": matrix,
    }


def test_equal_scores_pass_and_are_counted() -> None:
    given = inputs()
    found = parity.check(**given)
    assert found.max_absolute_difference == 0.0
    assert found.max_relative_difference <= parity.LARGEST_RELATIVE_DIFFERENCE
    assert found.rows_compared == 300 + len(parity.edge_rows(given["booster"], SIGNATURE, given["matrix"]))


def test_edge_rows_try_thresholds_special_numbers_and_missing_categories() -> None:
    given = inputs()
    edges = parity.edge_rows(given["booster"], SIGNATURE, given["matrix"])
    thresholds = np.concatenate(list(parity._thresholds(given["booster"]).values()))
    for values in (thresholds, np.nextafter(thresholds, np.inf), np.nextafter(thresholds, -np.inf)):
        assert set(values) <= set(edges[:, 0])
    assert {np.inf, -np.inf, 1e300} <= set(edges[:, 0]) and np.isnan(edges[:, 0]).any()
    texts = parity._as_table(edges, SIGNATURE).column("c").to_pylist()
    assert {None, "abcd?"} <= set(texts)


@pytest.mark.parametrize("params", [{"learning_rate": 0.1 + 1e-12}, {"num_leaves": 4}])
def test_artifact_of_another_model_is_refused(params: dict[str, Any]) -> None:
    with pytest.raises(
        ParityError, match=r"'m' is not stored: its scores from the ONNX artifact \(raw score\)"
    ):
        parity.check(**inputs(params))


def test_probability_that_differs_is_refused() -> None:
    with pytest.raises(ParityError, match=r"from the ONNX artifact must equal.*on the features \["):
        parity.check(**inputs() | {"booster": _Rescaled(inputs()["booster"])})


class _Rescaled:
    """A model whose raw scores are right and whose probabilities are not."""

    def __init__(self, booster: lightgbm.Booster) -> None:
        self._booster = booster

    def __getattr__(self, name: str) -> Any:
        return getattr(self._booster, name)

    def predict(self, rows: Any, raw_score: bool = False) -> Any:
        return self._booster.predict(rows, raw_score=raw_score) * (1.0 if raw_score else 1 + 1e-14)


def test_sql_that_differs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    right = parity._sql_scores
    monkeypatch.setattr(parity, "_sql_scores", lambda *args: [scores[::-1] for scores in right(*args)])
    with pytest.raises(ParityError, match="its scores from SQL must equal LightGBM's"):
        parity.check(**inputs())


def test_many_rows_are_sampled_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parity, "ROWS_COMPARED", 50)
    given = inputs()
    edges = len(parity.edge_rows(given["booster"], SIGNATURE, given["matrix"]))
    assert parity.check(**given).rows_compared == 50 + edges
