"""A linear model scores in SQL as it does in scikit-learn, up to the order of additions."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from scoring.signature import Feature, Signature
from training.comparison.compared_rows import as_table, edge_rows
from training.estimators import ESTIMATORS
from training.estimators.base import Examples, FitRequest, Fitted

LEVELS = ("a", "b", "c's")
PLAIN = Signature((Feature.number("x"), Feature.category("region", LEVELS), Feature.instant("seen_at")))
RULED = Signature(
    (
        Feature("x", "number", "constant", null_value=3.0),
        Feature("region", "category", "constant", "most_frequent", 0.0, 2.0, LEVELS),
        Feature("seen_at", "instant", "constant", null_value=86_400.0),
    )
)


def table_of(rows: int) -> pa.Table:
    random = np.random.default_rng(0)
    texts = [*LEVELS, "unseen", None]
    return pa.table(
        {
            "x": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.1),
            "region": pa.array([texts[code] for code in random.integers(0, 5, rows)]),
            "seen_at": pa.array(
                random.integers(0, 10**15, rows), pa.timestamp("us"), mask=random.random(rows) < 0.1
            ),
        }
    )


def fitted(task: str, signature: Signature, table: pa.Table) -> Fitted:
    (batch,) = table.to_batches()
    matrix = signature.matrix(batch, model="m")
    values = np.nan_to_num(matrix[:, 0]) + np.nan_to_num(matrix[:, 1]) / 2
    label = (values > 0.3).astype(float) if task == "binary" else values
    name = "logistic_regression" if task == "binary" else "linear_regression"
    return ESTIMATORS[name].fit(FitRequest(Examples(matrix, label), None, task, {}, 1, signature))


@pytest.mark.parametrize("signature", [PLAIN, RULED], ids=["missing", "constant"])
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_scores_are_those_of_the_library(task: str, signature: Signature) -> None:
    table = table_of(600)
    model = fitted(task, signature, table)
    (batch,) = table.to_batches()
    matrix = signature.matrix(batch, model="m")
    sample = pa.concat_tables([table, as_table(edge_rows(model.edges(), signature, matrix), signature)])
    (batch,) = sample.combine_chunks().to_batches()
    matrix = signature.matrix(batch, model="m")
    form = model.sql_form(signature)
    assert form is not None
    with duckdb.connect() as connection:
        connection.register("sample", sample)
        connection.execute(f"create macro raw_sql(r) as {form.raw_score}")
        connection.execute(f"create macro sql(r) as {form.prediction.replace('raw_score', 'raw_sql(r)')}")
        result = connection.sql("select raw_sql(r) as raw, sql(r) as prediction from sample as r")
        scores = result.to_arrow_table()
    np.testing.assert_allclose(
        scores.column("raw").to_numpy(), model.raw_score(matrix), rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(
        scores.column("prediction").to_numpy(), model.predict(matrix), rtol=1e-10, atol=1e-12
    )


def test_several_classes_have_no_form() -> None:
    table = table_of(300)
    (batch,) = table.to_batches()
    matrix = PLAIN.matrix(batch, model="m")
    signature = Signature(PLAIN.features, classes=("u", "v", "w"))
    label = np.arange(300.0) % 3
    request = FitRequest(Examples(matrix, label), None, "multiclass", {}, 1, signature)
    assert ESTIMATORS["logistic_regression"].fit(request).sql_form(signature) is None
