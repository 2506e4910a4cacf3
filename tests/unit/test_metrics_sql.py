"""The metric macros give what scikit-learn gives, with ties, weights and groups."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import calibration
from sklearn import metrics as sk

from training.evaluation.metric_macros import FOLDERS, folder, render
from training.evaluation.metrics import DIRECTION, MACROS, METRICS, PINBALL

ROWS = 3000
Columns = dict[str, Any]
Reference = Callable[[Columns, Any], float]


def columns() -> Columns:
    """Return labels and predictions with ties, probabilities of exactly 0, 0.5 and 1, weights and groups."""
    random = np.random.default_rng(1)
    label = random.integers(0, 2, ROWS).astype(np.float64)
    score = np.round(np.clip(random.beta(2, 2, ROWS) * 0.6 + 0.4 * label * random.random(ROWS), 0, 1), 2)
    score[:5] = [0, 1, 0, 1, 0.5]
    value = np.exp(random.normal(size=ROWS)) * 100
    value[0] = 0
    kind = random.integers(0, 4, ROWS)
    predicted = np.where(random.random(ROWS) < 0.6, kind, random.integers(0, 5, ROWS))
    probabilities = random.dirichlet(np.ones(4), ROWS)
    return {
        "label": label,
        "score": score,
        "value": value,
        "estimate": value + random.normal(size=ROWS) * 30,
        "kind": kind.astype(str).astype(object),
        "predicted": predicted.astype(str).astype(object),
        "probabilities": probabilities,
        "probability": probabilities[np.arange(ROWS), kind],
        "squares": (probabilities**2).sum(axis=1),
        "weight": random.random(ROWS) + 0.1,
        "part": random.integers(0, 3, ROWS),
    }


@pytest.fixture(scope="module", name="sample")
def sample_columns() -> Columns:
    return columns()


@pytest.fixture(scope="module")
def connection(sample: Columns) -> duckdb.DuckDBPyConnection:
    made = duckdb.connect()
    table = pa.table({name: values for name, values in sample.items() if name != "probabilities"})
    made.register("sample", table)
    return made


KINDS = {"label": "kind", "predicted": "predicted"}
VALUES = {"label": "value", "score": "estimate"}
REFERENCES: dict[str, tuple[dict[str, str], Reference]] = {
    "roc_auc": ({}, lambda c, w: sk.roc_auc_score(c["label"], c["score"], sample_weight=w)),
    "average_precision": (
        {},
        lambda c, w: sk.average_precision_score(c["label"], c["score"], sample_weight=w),
    ),
    "log_loss": ({}, lambda c, w: sk.log_loss(c["label"], c["score"], sample_weight=w)),
    "brier": ({}, lambda c, w: sk.brier_score_loss(c["label"], c["score"], sample_weight=w)),
    "accuracy": ({}, lambda c, w: sk.accuracy_score(c["label"], c["score"] > 0.5, sample_weight=w)),
    "f1": ({}, lambda c, w: sk.f1_score(c["label"], c["score"] > 0.5, sample_weight=w)),
    "rmse": (VALUES, lambda c, w: sk.root_mean_squared_error(c["value"], c["estimate"], sample_weight=w)),
    "mae": (VALUES, lambda c, w: sk.mean_absolute_error(c["value"], c["estimate"], sample_weight=w)),
    "r2": (VALUES, lambda c, w: sk.r2_score(c["value"], c["estimate"], sample_weight=w)),
    "mape": (
        VALUES,
        lambda c, w: sk.mean_absolute_percentage_error(c["value"], c["estimate"], sample_weight=w),
    ),
    "accuracy_multiclass": (
        KINDS,
        lambda c, w: sk.accuracy_score(c["kind"], c["predicted"], sample_weight=w),
    ),
    "f1_macro": (
        KINDS,
        lambda c, w: sk.f1_score(c["kind"], c["predicted"], average="macro", sample_weight=w),
    ),
    "log_loss_multiclass": (
        {},
        lambda c, w: sk.log_loss(c["kind"], c["probabilities"], labels=list("0123"), sample_weight=w),
    ),
    "brier_multiclass": (
        {},
        lambda c, w: sk.brier_score_loss(c["kind"], c["probabilities"], labels=list("0123"), sample_weight=w),
    ),
    "pinball": (
        VALUES,
        lambda c, w: sk.mean_pinball_loss(c["value"], c["estimate"], sample_weight=w, alpha=0.5),
    ),
}


@pytest.mark.parametrize("macro", ["roc_auc", "average_precision"])
@pytest.mark.parametrize(
    "weight",
    [
        *("weight * " + size for size in ("1e-300", "1e-160", "1e160", "1e300")),
        "pow(10, 600 * weight - 360)",
        "weight * if(label = 1, 1e-300, 1e300)",
        "weight * if(label = 0, 1e-300, 1e300)",
    ],
)
def test_ranking_with_weights_of_any_size_is_that_of_scikit_learn(
    connection: duckdb.DuckDBPyConnection, sample: Columns, macro: str, weight: str
) -> None:
    (weights,) = connection.sql(f"select {weight} as w from sample").fetchnumpy().values()
    expected = REFERENCES[macro][1](sample, weights)
    ((metric,),) = connection.sql(render(macro, "sample", weight=weight)).fetchall()
    assert metric == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("macro", ["roc_auc", "average_precision"])
@pytest.mark.parametrize("size", ["5e-324", "1e-320", "1e306"])
def test_ranking_does_not_depend_on_the_size_of_all_weights(
    connection: duckdb.DuckDBPyConnection, macro: str, size: str
) -> None:
    queries = [render(macro, "sample", weight=f"(1 + part) * {weight}::double") for weight in ("1", size)]
    metrics = [connection.sql(query).fetchall()[0][0] for query in queries]
    assert metrics[1] == pytest.approx(metrics[0], rel=1e-12)


@pytest.mark.parametrize("macro", ["roc_auc", "average_precision", "ranking_curves"])
def test_a_sum_of_weights_beyond_a_double_has_no_ranking(macro: str) -> None:
    rows = "(select unnest([1, 1, 0]) as label, unnest([0.5, 0.5, 0.9]) as score, 1e308 as weight)"
    assert duckdb.sql(render(macro, rows, weight="weight")).fetchall() in ([], [(None,)])


def test_weights_of_one_class_may_be_as_far_apart_as_doubles_are() -> None:
    rows = (
        "(select unnest([1, 0, 0]) as label, unnest([0.9, 0.9, 0.1]) as score, "
        "unnest([1e-200, 1e-200, 1e200]) as weight)"
    )
    queries = [render(macro, rows, weight="weight") for macro in ("average_precision", "roc_auc")]
    values = [duckdb.sql(query).fetchall() for query in queries]
    assert values == [[(0.5,)], [(1.0,)]]


@pytest.mark.parametrize("weight", ["1e0", "weight"])
@pytest.mark.parametrize("macro", REFERENCES)
def test_metric_is_that_of_scikit_learn(
    connection: duckdb.DuckDBPyConnection, sample: Columns, macro: str, weight: str
) -> None:
    arguments, reference = REFERENCES[macro]

    def expected(rows: Any) -> float:
        chosen = {name: values[rows] for name, values in sample.items()}
        return reference(chosen, None if weight == "1e0" else chosen["weight"])

    ((whole,),) = connection.sql(render(macro, "sample", weight=weight, **arguments)).fetchall()
    by_part = dict(
        connection.sql(render(macro, "sample", weight=weight, by=["part"], **arguments)).fetchall()
    )
    assert whole == pytest.approx(expected(slice(None)), rel=1e-9, abs=1e-9)
    assert by_part == pytest.approx(
        {part: expected(sample["part"] == part) for part in (0, 1, 2)}, rel=1e-9, abs=1e-9
    )


ONE_CLASS = "(values (1e0, 0.25e0), (1e0, 0.75e0))"


@pytest.mark.parametrize(
    ("macro", "rows", "expected"),
    [
        ("roc_auc", ONE_CLASS, None),
        ("average_precision", "(values (0e0, 0.25e0))", None),
        ("f1", "(values (0e0, 0.25e0))", 0.0),
        ("log_loss", "(values (1e0, 0e0))", -np.log(np.finfo(float).eps)),
        ("r2", "(values (2e0, 1e0), (2e0, 3e0))", None),
        ("r2", "(values (0.1e0, 1e0), (0.1e0, 3e0), (0.1e0, 3e0))", None),
        ("r2", "(values (1e9, 1e9), (1e9 + 1e-3, 1e9 + 1e-3))", 1.0),
        ("r2", "(values (1e200, 0e0), (-1e200, 0e0))", None),
        ("rmse", "(values (1e200, 0e0), (-1e200, 0e0))", None),
        ("mae", "(values (1e200, 0e0), (-1e200, 0e0))", 1e200),
        ("mae", "(values (1.7e308, 0e0), (1.7e308, 0e0))", None),
        ("log_loss", "(values (1e0, 7e0), (0e0, 0e0))", None),
        ("log_loss", "(values (1e0, 1.00001e0))", 2.220446049250313e-16),
        ("roc_auc", "(values (1e0, 0.5e0), (0e0, 0.5e0))", 0.5),
    ],
)
def test_metric_of_a_degenerate_group(macro: str, rows: str, expected: float | None) -> None:
    sql = render(macro, f"(select col0 as label, col1 as score from {rows})")
    ((value,),) = duckdb.sql(sql).fetchall()
    assert value == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("rows", [9, 3_001, 100_003])
@pytest.mark.parametrize("weight", ["1e0", "weight", "weight * 1048576"])
def test_an_area_under_the_curve_of_one_is_exactly_one(rows: int, weight: str) -> None:
    labelled = f"(select range, (range % 7 = 0)::double as label, range % 5 + 1 as weight from range({rows}))"
    separable = f"(select *, label + sin(range) / 3 as score from {labelled})"
    assert duckdb.sql(render("roc_auc", separable, weight=weight)).fetchall() == [(1.0,)]


SMALL = arrays(np.int8, st.integers(1, 8), elements=st.integers(0, 11))


@given(numbers=SMALL, seed=st.integers(0, 999))
def test_metrics_of_few_rows_are_those_of_scikit_learn_or_null(numbers: Any, seed: int) -> None:
    """Ties, probabilities of 0 and 1, one class alone, weights of zero, labels that are equal or 0.1."""
    random, rows = np.random.default_rng(seed), len(numbers)
    probabilities = random.dirichlet(np.full(3, 0.3), rows)
    few: Columns = {
        "label": (numbers % 2).astype(np.float64),
        "score": np.array([0, 0.25, 0.5, 0.75, 1, 1e-20])[random.integers(0, 6, rows)],
        "value": np.array([0.1, 0.1, 0, -3, 1e30, 0.2])[numbers % 6],
        "estimate": random.normal(size=rows),
        "kind": np.array(list("012"), dtype=object)[numbers % 3],
        "predicted": np.array(list("0123"), dtype=object)[random.integers(0, 4, rows)],
        "probabilities": np.column_stack([probabilities, np.zeros(rows)]),
        "probability": probabilities[np.arange(rows), numbers % 3],
        "squares": (probabilities**2).sum(axis=1),
        "weight": np.array([0, 0, 1, 0.3])[random.integers(0, 4, rows)],
    }
    work = duckdb.connect()
    work.register("few", pa.table({name: few[name] for name in few if name != "probabilities"}))
    undefined = {
        "average_precision": not (few["label"] * few["weight"]).any(),
        "r2": len(np.unique(few["value"][few["weight"] > 0])) < 2,
        "roc_auc": len(np.unique(few["label"][few["weight"] > 0])) < 2,
    }
    for macro, (arguments, reference) in REFERENCES.items():
        ((value,),) = work.sql(render(macro, "few", weight="weight", **arguments)).fetchall()
        if undefined.get(macro, False) or not few["weight"].any():
            assert value is None, macro
        elif macro not in ("log_loss", "brier"):  # which want both classes to be there
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a class that is not predicted
                assert value == pytest.approx(reference(few, few["weight"]), rel=1e-9, abs=1e-9), macro
        else:
            function = getattr(sk, {"log_loss": "log_loss", "brier": "brier_score_loss"}[macro])
            expected = function(few["label"], few["score"], labels=[0, 1], sample_weight=few["weight"])
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-9), macro


BAD = ("'nan'::double", "'infinity'::double", "'-infinity'::double", "null")


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("weight", ["1", "0"])
def test_one_score_that_is_not_finite_makes_a_metric_null_and_leaves_no_curve(bad: str, weight: str) -> None:
    columns = "label, score, predicted, probability, squares, own_distance, other_distance, flagged, w"
    good = [f"({n % 2}, 0.{n + 1}e0, '{n % 2}', 0.5e0, 0.5e0, 1e0, 2e0, 1e0, 1e0)" for n in range(8)]
    broken = f"(1, {bad}, null, {bad}, {bad}, {bad}, {bad}, {bad}, {weight}e0)"
    whole, partly = (
        f"(select * from (values {', '.join(rows)}) as t ({columns}))" for rows in (good, [*good, broken])
    )
    for macro in {macro for macros in MACROS.values() for macro in macros.values()} | {"pinball"}:
        arguments = {"label": "label::varchar"} if macro in ("accuracy_multiclass", "f1_macro") else {}
        values = [
            duckdb.sql(render(macro, rows, weight="w", **arguments)).fetchall() for rows in (whole, partly)
        ]
        assert values[0][0][0] is not None, macro
        assert values[1] == [(None,)], macro
    for macro in ("ranking_curves", "calibration_curve"):
        assert duckdb.sql(render(macro, whole, weight="w")).fetchall() != []
        assert duckdb.sql(render(macro, partly, weight="w")).fetchall() == []


def test_simplified_silhouette_follows_its_formula() -> None:
    pairs = "(values (1e0, 4e0), (2e0, 1e0), (0e0, 0e0))"
    rows = f"(select col0 as own_distance, col1 as other_distance from {pairs})"
    ((value,),) = duckdb.sql(render("simplified_silhouette", rows)).fetchall()
    assert value == pytest.approx((0.75 - 0.5 + 0) / 3)


@pytest.mark.parametrize("weight", ["1e0", "weight"])
def test_ranking_curves_walk_the_points_of_scikit_learn(
    connection: duckdb.DuckDBPyConnection, sample: Columns, weight: str
) -> None:
    weights = None if weight == "1e0" else sample["weight"]
    points = connection.sql(render("ranking_curves", "sample", weight=weight, points=20)).fetchall()
    rates = sk.roc_curve(sample["label"], sample["score"], sample_weight=weights, drop_intermediate=False)
    roc = {threshold: (x, y) for x, y, threshold in zip(*rates, strict=True)}
    precision, recall, thresholds = sk.precision_recall_curve(
        sample["label"], sample["score"], sample_weight=weights
    )
    pr = {threshold: (x, y) for x, y, threshold in zip(recall, precision, thresholds, strict=False)}
    share = np.average(sample["label"], weights=weights)
    for curve, x, y, threshold in points:
        if curve == "lift":
            taken = np.average(sample["score"] >= threshold, weights=weights)
            assert (x, y) == pytest.approx((taken, pr[threshold][1] / share), abs=1e-9)
        else:
            assert (x, y) == pytest.approx({"roc": roc, "pr": pr}[curve][threshold], abs=1e-9)
    counts = {curve: sum(1 for name, *_ in points if name == curve) for curve in ("roc", "pr", "lift")}
    assert set(counts.values()) <= set(range(15, 23))
    assert {threshold for *_, threshold in points} >= {sample["score"].min(), sample["score"].max()}


def test_ranking_curves_of_groups_are_those_of_each_alone(connection: duckdb.DuckDBPyConnection) -> None:
    grouped = connection.sql(render("ranking_curves", "sample", by=["part"])).fetchall()
    alone = connection.sql(render("ranking_curves", "(from sample where part = 1)")).fetchall()
    assert sorted(point for part, *point in grouped if part == 1) == sorted(list(point) for point in alone)
    without_name = "(select * replace (nullif(part, 1) as part) from sample)"
    points = connection.sql(render("ranking_curves", without_name, by=["part"])).fetchall()
    assert sorted(point for part, *point in points if part is None) == sorted(list(point) for point in alone)
    assert (
        duckdb.sql(
            render("ranking_curves", f"(select col0 as label, col1 as score from {ONE_CLASS})")
        ).fetchall()
        == []
    )


def test_calibration_curve_is_that_of_scikit_learn(
    connection: duckdb.DuckDBPyConnection, sample: Columns
) -> None:
    points = connection.sql(render("calibration_curve", "sample", bins=8)).order("threshold").fetchall()
    observed, mean = calibration.calibration_curve(sample["label"], sample["score"], n_bins=8)
    assert [y for _, y, _ in points] == pytest.approx(list(observed), abs=1e-9)
    assert [x for x, *_ in points] == pytest.approx(list(mean), abs=1e-9)
    assert [threshold for *_, threshold in points] == [n / 8 for n in range(1, 9)]


def test_confusion_matrix_counts_pairs(connection: duckdb.DuckDBPyConnection, sample: Columns) -> None:
    cells = connection.sql(render("confusion_matrix", "sample", label="kind")).fetchall()
    classes = list("01234")
    expected = sk.confusion_matrix(sample["kind"], sample["predicted"], labels=classes)
    assert {(actual, predicted): rows for actual, predicted, rows in cells} == {
        (actual, predicted): rows
        for actual, row in zip(classes, expected, strict=True)
        for predicted, rows in zip(classes, row, strict=True)
        if rows
    }


def test_every_metric_has_a_macro_and_a_direction() -> None:
    assert {macro for macros in MACROS.values() for macro in macros.values()} <= {
        path.stem for path in folder().glob("*.sql")
    }
    assert {name for metrics in METRICS.values() for name in metrics} | {PINBALL} == set(DIRECTION)


def test_the_macros_are_those_of_the_dbt_project() -> None:
    assert folder() == FOLDERS[1]
