from collections.abc import Iterator
from dataclasses import replace

import duckdb
import made_versions
import numpy as np
import pytest
from fitted_models import fit
from made_versions import made

import scoring
from scoring.signature import Feature, Signature
from training.estimators.base import completed

X = np.linspace(-3, 3, 120)[:, None]
LABELS = {
    "binary": (X[:, 0] > 0.5).astype(float),
    "multiclass": np.digitize(X[:, 0], [-1, 1]).astype(float),
    "regression": X[:, 0] * 2,
    "clustering": None,
    "anomaly": None,
}
CLASSES = {"binary": ("no", "it's yes"), "multiclass": ("low", "mid", "high")}
ESTIMATOR = {
    "binary": "logistic_regression",
    "multiclass": "logistic_regression",
    "regression": "linear_regression",
    "clustering": "kmeans",
    "anomaly": "isolation_forest",
}


@pytest.fixture(scope="module")
def models() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with one model per task, each named after it."""
    with scoring.connect() as connection:
        for task, label in LABELS.items():
            signature = Signature((Feature.number("x"),), classes=CLASSES.get(task, ()))
            params = {"clusters": 2} if task == "clustering" else {}
            model = fit(ESTIMATOR[task], X, label, signature, task, params=params)
            signature = completed(signature, model, task)
            if task == "anomaly":
                signature = replace(signature, threshold=float(np.quantile(model.predict(X), 0.9)))
            version = made(task, task=task, signature=signature, artifact=model.to_onnx())
            made_versions.add(connection, version)
        yield connection


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select ml_predict_class('binary', {'x': 3})", "it's yes"),
        ("select ml_predict_class('binary', {'x': -3})", "no"),
        ("select ml_predict_class('multiclass', {'x': 0})", "mid"),
        ("select ml_predict_class('anomaly', {'x': 100})", "anomaly"),
        ("select ml_predict_class('anomaly', {'x': 0.1})", "normal"),
        (
            "select ml_predict_class('clustering', {'x': 2})::integer = ml_predict('clustering', {'x': 2})",
            True,
        ),
        ("select ml_predict_class('binary', null)", None),
        ("select ml_predict_proba(null, {'x': 1})", None),
        ("select map_keys(ml_predict_proba('binary', {'x': 3}))", ["no", "it's yes"]),
        ("select map_keys(ml_predict_proba('multiclass', {'x': null}))", ["low", "mid", "high"]),
        ("select ml_predict_proba('binary', {'x': 1})['it''s yes'] = ml_predict('binary', {'x': 1})", True),
        ("select list_sum(map_values(ml_predict_proba('multiclass', {'x': 1})))::decimal(9, 8)", 1),
        ("select ml_predict('regression', {'x': 2}) between 3.9 and 4.1", True),
        ("select round(ml_predict('anomaly', {'x': 100}), 1) > 0.5", True),
    ],
)
def test_function_answers_for_its_tasks(
    models: duckdb.DuckDBPyConnection, query: str, expected: object
) -> None:
    assert models.sql(query).fetchall() == [(expected,)]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            "ml_predict('multiclass', t)",
            "'multiclass@1' predicts no single number.*use ml_predict_class.*ml_predict_proba",
        ),
        (
            "ml_predict_class('regression', t)",
            "'regression@1' predicts no class.*use ml_predict for the value",
        ),
        ("ml_predict_proba('regression', t)", "task is regression; use ml_predict"),
        ("ml_predict_proba('clustering', t)", "task is clustering"),
        ("ml_predict_proba('anomaly', t)", "task is anomaly"),
        ("ml_predict_class('binary', {'y': 1})", "'binary@1' needs the column 'x'"),
        ("ml_predict_proba(1, t)", "must be text such as 'm'"),
    ],
)
def test_function_without_an_answer_says_which_has_one(
    models: duckdb.DuckDBPyConnection, call: str, message: str
) -> None:
    with pytest.raises(duckdb.Error, match=f"^Invalid Input Error: .*{message}") as caught:
        models.sql(f"select {call} from (select 1 as x) as t").fetchall()
    assert "\n" not in str(caught.value)


def test_several_models_and_nulls_in_one_column_keep_their_rows(models: duckdb.DuckDBPyConnection) -> None:
    rows = models.sql(
        """
        select
            ml_predict_class(model, t) as class,
            cardinality(ml_predict_proba(model, t)) as classes
        from (values ('binary', 3), (null, 3), ('multiclass', -3), ('binary', -3)) as t (model, x)
        """
    ).fetchall()
    assert rows == [("it's yes", 2), (None, None), ("low", 3), ("no", 2)]


def test_tables_of_many_rows_are_answered_whole(models: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(*) filter (
            where ml_predict_class('multiclass', t) = list_extract(
                map_keys(ml_predict_proba('multiclass', t)),
                list_position(
                    map_values(ml_predict_proba('multiclass', t)),
                    list_max(map_values(ml_predict_proba('multiclass', t)))
                )
            )
        ) from (select range / 1000e0 - 5 as x from range(10000)) as t
    """
    assert models.sql(query).fetchall() == [(10_000,)]
    calls = "ml_predict('binary', t), ml_predict_proba('binary', t), ml_predict_class('binary', t)"
    assert models.sql(f"select {calls} from (select 1 as x where false) as t").fetchall() == []
