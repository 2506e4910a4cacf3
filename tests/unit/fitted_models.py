"""Fitted models for the tests of estimators: scikit-learn's data sets, and rows of every type."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import parity_figures
import pyarrow as pa
from made_versions import made
from numpy.typing import NDArray
from sklearn import datasets

from scoring.artifact import Artifact, digest
from scoring.signature import Feature, Signature
from training.comparison import parity
from training.comparison.parity import Parity
from training.estimators import ESTIMATORS
from training.estimators.base import Examples, FitRequest, Fitted, completed

Values = NDArray[np.float64]

TASK_OF = {
    "iris": "multiclass",
    "wine": "multiclass",
    "digits": "multiclass",
    "breast_cancer": "binary",
    "diabetes": "regression",
}
MIXED = Signature(
    (
        Feature.number("amount"),
        Feature.number("is_member"),
        Feature.number("price"),
        Feature.category("region", ("east", "north", "rare", "south")),
        Feature.instant("at"),
        Feature.instant("day"),
        Feature.number("empty"),
    )
)


def data_set(name: str) -> tuple[Values, Values, Signature, NDArray[np.bool_]]:
    """Return features, label, signature and the rows to test on, one in four."""
    data = getattr(datasets, f"load_{name}")()
    classes = () if TASK_OF[name] == "regression" else tuple(map(str, data.target_names))
    features = tuple(Feature.number(f"f{n}") for n in range(data.data.shape[1]))
    return (
        data.data,
        data.target.astype(float),
        Signature(features, classes=classes),
        np.arange(len(data.data)) % 4 == 0,
    )


def mixed_rows(rows: int = 240) -> pa.Table:
    """Return rows with numbers, booleans, decimals, text and instants, and nulls in each."""
    random = np.random.default_rng(3)
    amount = random.normal(size=rows) * 100
    at = [datetime(2024, 2, 20) + timedelta(hours=7.3 * n) for n in range(rows)]

    def with_nulls(values: list[Any], every: int) -> list[Any]:
        return [None if n % every == 0 else value for n, value in enumerate(values)]

    regions = ["north", "south", "east"]
    return pa.table(
        {
            "amount": pa.array(with_nulls(amount.tolist(), 7), pa.float64()),
            "is_member": pa.array(with_nulls([bool(n % 3 == 1) for n in range(rows)], 11), pa.bool_()),
            "price": pa.array(
                with_nulls([Decimal(n * 37 % 1000) / 100 for n in range(rows)], 13), pa.decimal128(6, 2)
            ),
            "region": pa.array(["rare" if n < 3 else [*regions, None][n * 7 % 4] for n in range(rows)]),
            "at": pa.array(with_nulls(at, 17), pa.timestamp("us")),
            "day": pa.array([instant.date() for instant in at], pa.date32()),
            "empty": pa.nulls(rows),
        }
    )


def matrix_of(rows: pa.Table, signature: Signature = MIXED) -> Values:
    (batch,) = rows.combine_chunks().to_batches()
    return signature.matrix(batch, model="m")


def mixed_label(rows: pa.Table, task: str) -> Values | None:
    """Return a label that depends on every kind of feature."""
    matrix = np.nan_to_num(matrix_of(rows))
    hour = matrix[:, 4] % 86_400 / 3_600
    value = matrix[:, 0] / 50 + matrix[:, 1] + (matrix[:, 3] == 1) * 2 + (hour > 12) + matrix[:, 2] / 10
    if task == "regression":
        return value
    return {"binary": (value > 2).astype(float), "multiclass": np.digitize(value, [1, 3]).astype(float)}.get(
        task
    )


def classes_of(task: str) -> tuple[str, ...]:
    return {"binary": ("no", "yes"), "multiclass": ("low", "middle", "high")}.get(task, ())


def fit(
    estimator: str, features: Values, label: Values | None, signature: Signature, task: str, **changes: Any
) -> Fitted:
    """Return the estimator fitted on all rows; ``weight`` is of the rows, other changes of the request."""
    train = Examples(features, label, changes.pop("weight", None))
    request = {"validation": None, "params": {}, "seed": 1, **changes}
    return ESTIMATORS[estimator].fit(FitRequest(train=train, task=task, signature=signature, **request))


def check_parity(
    estimator: str,
    model: Fitted,
    rows: pa.Table,
    signature: Signature,
    task: str,
    *,
    largest_allowed: float | None = None,
) -> Parity:
    """Return the parity of a model, from its own bytes."""
    if largest_allowed is None:
        largest_allowed = ESTIMATORS[estimator].relative_difference
    onnx_bytes = model.to_onnx()
    signature = completed(signature, model, task)
    differences = parity.check(
        model,
        Artifact(onnx_bytes, expected_digest=digest(onnx_bytes), model="m"),
        made(task=task, signature=signature, artifact=onnx_bytes),
        rows=rows,
        matrix=matrix_of(rows, signature),
        largest_allowed=largest_allowed,
    )
    parity_figures.record(
        f"{estimator} {dict(model.params).get('objective', task)}",
        raw=differences.max_absolute_difference,
        relative=differences.max_relative_difference,
        rows=differences.rows_compared,
    )
    return differences


def check_mixed(estimator: str, task: str, **params: Any) -> Parity:
    """Fit on the mixed rows, check parity there, and that a second fit gives the same bytes."""
    rows = mixed_rows()
    signature = Signature(MIXED.features, classes=classes_of(task))
    models = [
        fit(estimator, matrix_of(rows), mixed_label(rows, task), signature, task, params=params)
        for _ in range(2)
    ]
    assert models[0].to_onnx() == models[1].to_onnx()
    assert [position for position, *_ in models[0].importance()] == list(range(len(MIXED.features)))
    assert {**params}.items() <= dict(models[0].params).items()
    return check_parity(estimator, models[0], rows, signature, task)


def check_data_set(estimator: str, name: str, model: Fitted) -> Parity:
    features, _, signature, _ = data_set(name)
    rows = pa.table(
        {feature.name: column for feature, column in zip(signature.features, features.T, strict=True)}
    )
    return check_parity(estimator, model, rows, signature, TASK_OF[name])
