from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from importlib.metadata import EntryPoint, EntryPoints

import duckdb
import made_versions
import numpy as np
import pyarrow as pa
import pytest
from fitted_models import MIXED, classes_of, fit, matrix_of, mixed_label, mixed_rows
from made_versions import made

import scoring
from scoring import explainers, training_packages
from scoring.explainers import BASE, OTHER
from scoring.signature import Feature, Signature
from training.estimators.base import completed
from training.export.explanation import lightgbm

TASKS = ("binary", "multiclass", "regression")
PARAMS = {"num_iterations": 40, "num_leaves": 15, "min_data_in_leaf": 2}


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return mixed_rows(600)


@pytest.fixture(scope="module")
def models(rows: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse with a LightGBM model per task, each named after it, and the table ``mixed``."""
    with scoring.connect() as connection:
        for task in TASKS:
            signature = Signature(MIXED.features, classes=classes_of(task))
            label = mixed_label(rows, task)
            model = fit("lightgbm", matrix_of(rows), label, signature, task, params=PARAMS)
            version = made(
                task,
                task=task,
                estimator="lightgbm",
                signature=completed(signature, model, task),
                artifact=model.to_onnx(),
                native_model=model.native_model,
            )
            made_versions.add(connection, version)
        connection.register("mixed", rows)
        yield connection


@pytest.mark.parametrize("largest", ["", ", 1", ", 2", ", 100", ", 1 + hash(mixed) % 9", ", null"])
@pytest.mark.parametrize("task", TASKS)
def test_contributions_add_up_to_the_raw_score(
    models: duckdb.DuckDBPyConnection, rows: pa.Table, task: str, largest: str
) -> None:
    signature = Signature(MIXED.features, classes=classes_of(task))
    label = mixed_label(rows, task)
    model = fit("lightgbm", matrix_of(rows), label, signature, task, params=PARAMS)
    raw = model.raw_score(matrix_of(rows))
    raw = raw.max(axis=1) if task == "multiclass" else raw
    sums = models.sql(
        f"select list_sum(map_values(ml_explain('{task}@1', mixed{largest}))) as total from mixed"
    ).fetchnumpy()["total"]
    np.testing.assert_allclose(sums, raw, rtol=1e-12, atol=1e-13)


def test_every_feature_is_named_once_and_the_largest_first(models: duckdb.DuckDBPyConnection) -> None:
    rows = models.sql("select ml_explain('binary@1', mixed) from mixed").fetchall()
    for (explanation,) in rows:
        *features, base = explanation
        assert base == BASE
        assert sorted(features) == sorted(feature.name for feature in MIXED.features)
        sizes = [abs(explanation[name]) for name in features]
        assert sizes == sorted(sizes, reverse=True)
    assert len({explanation[BASE] for (explanation,) in rows}) == 1


def test_the_largest_are_kept_and_the_rest_is_added_up(models: duckdb.DuckDBPyConnection) -> None:
    query = "select ml_explain('regression@1', mixed), ml_explain('regression@1', mixed, 2) from mixed"
    for whole, short in models.sql(query).fetchall():
        assert list(short) == [*list(whole)[:2], OTHER, BASE]
        assert {name: whole[name] for name in list(whole)[:2]}.items() <= short.items()
        left_out = sum(value for name, value in whole.items() if name not in short)
        assert short[OTHER] == pytest.approx(left_out, abs=1e-12)


def test_explained_class_is_the_predicted_one(models: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    """What a class adds to its own score is more than the others' mean where it is predicted."""
    explained = models.sql(
        "select ml_predict_class('multiclass@1', mixed), ml_explain('multiclass@1', mixed) from mixed"
    ).fetchall()
    bases = {predicted: explanation[BASE] for predicted, explanation in explained}
    assert len(set(bases.values())) == 3
    assert all(explanation[BASE] == bases[predicted] for predicted, explanation in explained)


def test_a_contribution_is_the_mean_gain_over_all_orders_of_features(
    add_version: Callable[..., None],
) -> None:
    """One split on each of two features, worked by hand: the formula of Shapley on tree expectations."""
    x, y = np.array([0.0, 0, 0, 1, 1, 1, 1, 1]), np.array([0.0, 0, 1, 0, 0, 1, 1, 1])
    signature = Signature((Feature.number("x"), Feature.number("y")))
    params = {
        "num_iterations": 1,
        "num_leaves": 4,
        "min_data_in_leaf": 1,
        "min_data_in_bin": 1,
        "learning_rate": 1.0,
        "bagging_fraction": 1.0,
        "bagging_freq": 0,
        "feature_fraction": 1.0,
        "lambda_l2": 0.0,
    }
    matrix = np.column_stack([x, y])
    model = fit("lightgbm", matrix, x * 4 + y * 2 + x * y, signature, "regression", params=params)
    (contributions,) = lightgbm(model.native_model, signature)(np.array([[1.0, 1.0]]))
    value = {(a, b): a * 4 + b * 2 + a * b for a in (0, 1) for b in (0, 1)}
    mean = np.mean([value[pair] for pair in zip(x, y, strict=True)])
    x_alone = 2 / 5 * value[1, 0] + 3 / 5 * value[1, 1]
    # The tree splits on x first, so that y alone is known beneath the shares of x.
    y_alone = 3 / 8 * value[0, 1] + 5 / 8 * value[1, 1]
    both = value[1, 1]
    expected = [
        ((x_alone - mean) + (both - y_alone)) / 2,
        ((y_alone - mean) + (both - x_alone)) / 2,
        mean,
    ]
    np.testing.assert_allclose(contributions[0], expected, rtol=1e-6)


def test_an_instant_is_one_contribution(models: duckdb.DuckDBPyConnection) -> None:
    at = datetime(2024, 3, 1)
    rows = pa.table({"at": pa.array([at + timedelta(hours=hour) for hour in range(48)])})
    signature = Signature((Feature.instant("at"),))
    label = np.array([float(hour % 24 > 12) for hour in range(48)])
    params = {**PARAMS, "min_data_in_leaf": 1}
    model = fit("lightgbm", matrix_of(rows, signature), label, signature, "regression", params=params)
    contributions = lightgbm(model.native_model, signature)(matrix_of(rows, signature))
    assert contributions.shape == (48, 1, 2)
    np.testing.assert_allclose(contributions.sum(axis=2)[:, 0], model.raw_score(matrix_of(rows, signature)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("ml_explain('binary@1', mixed, 0)", "must be a whole number from 1 on.* it is 0:"),
        ("ml_explain('binary@1', {'x': 1})", "Model 'binary@1' needs the columns"),
        ("ml_explain('other@1', mixed)", "Model 'other' is not in this warehouse"),
    ],
)
def test_wrong_call_ends_in_a_sentence(models: duckdb.DuckDBPyConnection, call: str, message: str) -> None:
    with pytest.raises(duckdb.Error, match=f"^Invalid Input Error: .*{message}") as caught:
        models.sql(f"select {call} from mixed").fetchall()
    assert "\n" not in str(caught.value)


def test_nothing_is_explained_of_nothing(models: duckdb.DuckDBPyConnection) -> None:
    assert models.sql("select ml_explain('binary@1', null), ml_explain(null, {'x': 1}, 3)").fetchall() == [
        (None, None)
    ]
    assert models.sql("select ml_explain('binary@1', mixed) from mixed where false").fetchall() == []


def test_estimator_without_explanations_is_reported(
    warehouse: duckdb.DuckDBPyConnection, add_version: Callable[..., None]
) -> None:
    add_version()
    with pytest.raises(
        duckdb.Error, match=r"'m@1' cannot be explained: .*'lightgbm', and this one's is 'unknown'"
    ):
        warehouse.sql("select ml_explain('m', {'x': 1, 'y': 1})").fetchall()


def test_missing_training_packages_are_reported(
    models: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = EntryPoint("lightgbm", "package_that_is_not_here:explain", explainers.GROUP)
    monkeypatch.setattr(training_packages, "entry_points", lambda group: EntryPoints([point]))
    with scoring.connect() as host:
        made_versions.add(host, models.sql("select * from ml.binary").to_arrow_table())
        host.register("mixed", models.table("mixed").limit(1).to_arrow_table())
        query = "select ml_predict('binary@1', mixed) between 0 and 1 from mixed"
        assert host.sql(query).fetchall() == [(True,)]
        with pytest.raises(
            duckdb.Error,
            match=r"No module named 'package_that_is_not_here'; install.*warehouse-ml\[training\]",
        ):
            host.sql("select ml_explain('binary@1', mixed) from mixed").fetchall()
