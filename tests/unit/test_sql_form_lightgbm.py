"""A connection without any function of ours scores as LightGBM does, bit for bit."""

from __future__ import annotations

import re

import duckdb
import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from scoring.signature import Feature, Signature
from training.comparison.compared_rows import as_table, edge_rows
from training.export.preprocessing_instants import Instants
from training.export.sql_form import number
from training.export.sql_form_lightgbm import sql_form

Values = NDArray[np.float64]
LEVELS = tuple(f"level {n}'s" for n in range(12))
SIGNATURE = Signature(
    (
        Feature.number("Amount"),
        Feature.number('odd "name"'),
        Feature.category("region", LEVELS),
        Feature.instant("seen_at"),
    )
)


def table_of(rows: int, seed: int = 0) -> pa.Table:
    random = np.random.default_rng(seed)
    codes = random.integers(0, len(LEVELS) + 2, rows)
    texts = [*LEVELS, "unseen", None]
    return pa.table(
        {
            "region": pa.array([texts[code] for code in codes]),
            "AMOUNT": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.1),
            'odd "name"': pa.array(random.integers(-3, 4, rows)),
            "seen_at": pa.array(random.integers(0, 10**15, rows), pa.timestamp("us")),
        }
    )


def matrix_of(table: pa.Table, signature: Signature) -> Values:
    (batch,) = table.combine_chunks().to_batches()
    return signature.matrix(batch, model="m")


def fitted(signature: Signature, **settings: object) -> lightgbm.Booster:
    table = table_of(800)
    matrix = matrix_of(table, signature)
    expanded = Instants.of(signature).expanded(matrix)
    filled = np.nan_to_num(expanded)
    label = (
        filled[:, 0] + (filled[:, 1] > 0) + np.sin(filled[:, 2] * 7) + filled[:, 4] / 24 + filled[:, 6] / 12
    )
    settings = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "num_leaves": 15} | settings
    if settings.get("objective") == "binary":
        label = label > np.median(label)
    data = lightgbm.Dataset(expanded, np.abs(label), categorical_feature=[2], params=settings)
    return lightgbm.train(settings, data, 12)


def in_sql(table: pa.Table, booster: lightgbm.Booster, signature: Signature) -> tuple[Values, Values]:
    form = sql_form(booster, signature)
    assert form is not None
    with duckdb.connect() as connection:
        # The query returns rows in any order.
        connection.register("sample", table.append_column("row_id", pa.array(np.arange(len(table)))))
        connection.execute(f"create macro raw_sql(r) as {form.raw_score}")
        connection.execute(f"create macro sql(r) as {form.prediction.replace('raw_score', 'raw_sql(r)')}")
        scores = connection.sql(
            "select raw_sql(r) as raw, sql(r) as prediction from sample as r order by row_id"
        ).to_arrow_table()
    return scores.column("raw").to_numpy(), scores.column("prediction").to_numpy()


def assert_exact(booster: lightgbm.Booster, signature: Signature, table: pa.Table) -> None:
    matrix = Instants.of(signature).expanded(matrix_of(table, signature))
    raw, prediction = in_sql(table, booster, signature)
    np.testing.assert_array_equal(raw, booster.predict(matrix, raw_score=True))
    np.testing.assert_allclose(prediction, booster.predict(matrix), rtol=1e-15, atol=0)


def edges(booster: lightgbm.Booster, signature: Signature) -> pa.Table:
    """Return rows with thresholds, their neighbours, zeros, infinities, NaN, null and unseen categories."""
    matrix = matrix_of(table_of(100, 1), signature)
    nodes = booster.trees_to_dataframe().query("decision_type == '<='")
    thresholds = {
        n: nodes.query(f"split_feature == 'Column_{n}'")["threshold"].astype(float).to_numpy()
        for n in range(4)
    }
    return as_table(edge_rows(thresholds, signature, matrix), signature)


@pytest.mark.parametrize(
    "settings",
    [
        {"objective": "binary", "sigmoid": 0.7},
        {"objective": "regression"},
        {"objective": "regression", "reg_sqrt": True},
        {"objective": "regression", "zero_as_missing": True},
        {"objective": "regression", "use_missing": False},
        {"objective": "poisson", "cat_smooth": 1, "min_data_per_group": 1, "max_cat_to_onehot": 1},
        {"objective": "regression", "boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1},
        {"objective": "regression", "min_data_in_leaf": 700},
    ],
)
def test_scores_are_those_of_lightgbm(settings: dict[str, object]) -> None:
    booster = fitted(SIGNATURE, **settings)
    assert_exact(booster, SIGNATURE, table_of(2_000, 2))
    assert_exact(booster, SIGNATURE, edges(booster, SIGNATURE))


@pytest.mark.parametrize("missing", [{}, {"zero_as_missing": True}, {"use_missing": False}])
@pytest.mark.parametrize("values", [(0.5, 3.0, 4.0, 1e9), (0.0, 11.0, 0.0, -5.0), (-9.0, 1.0, 1.0, 3e9)])
def test_null_and_unseen_follow_the_signature(
    missing: dict[str, object], values: tuple[float, float, float, float]
) -> None:
    amount, null, unseen, at = values
    signature = Signature(
        (
            Feature("Amount", "number", "constant", null_value=amount),
            SIGNATURE.features[1],
            Feature("region", "category", "constant", "most_frequent", null, unseen, LEVELS),
            Feature("seen_at", "instant", "constant", null_value=at),
        )
    )
    booster = fitted(signature, objective="regression", min_data_per_group=1, cat_smooth=1, **missing)
    assert_exact(booster, signature, edges(booster, signature))
    for rules in (("constant", "missing", null, None), ("missing", "constant", None, unseen)):
        region = Feature("region", "category", *rules, LEVELS)
        features = tuple(region if old.name == "region" else old for old in signature.features)
        assert_exact(booster, Signature(features), edges(booster, Signature(features)))


@pytest.mark.parametrize("null", [None, 0.0, 299.0])
@pytest.mark.parametrize("unseen", [None, 150.0])
def test_categories_are_in_as_many_strings_of_bits_as_they_need(
    null: float | None, unseen: float | None
) -> None:
    levels = tuple(str(code) for code in range(300))
    rules = ("missing" if null is None else "constant", "missing" if unseen is None else "constant")
    signature = Signature((Feature("region", "category", *rules, null, unseen, levels),))
    table = pa.table({"region": pa.array([*levels, None, "unseen"] * 20)})
    matrix = matrix_of(table, signature)
    label = np.sin(np.nan_to_num(matrix[:, 0], nan=-1) * 7)
    settings = {"verbosity": -1, "min_data_per_group": 1, "cat_smooth": 1, "max_cat_threshold": 100}
    data = lightgbm.Dataset(matrix, label, categorical_feature=[0], params=settings)
    booster = lightgbm.train(settings, data, 12)
    form = sql_form(booster, signature)
    assert form is not None
    assert {f"place0_{string}" in form.raw_score for string in range(3)} == {True}
    assert_exact(booster, signature, table.slice(0, 302))


def test_a_plan_does_not_repeat_the_model() -> None:
    form = sql_form(fitted(SIGNATURE, objective="regression", num_leaves=31, min_data_in_leaf=1), SIGNATURE)
    assert form is not None
    with duckdb.connect() as connection:
        connection.register("sample", table_of(10))
        connection.execute(f"create macro raw_sql(r) as {form.raw_score}")
        ((_, plan),) = connection.execute("explain select raw_sql(r) as raw from sample as r").fetchall()
    assert len(plan) < len(form.raw_score)


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ("'x' as Amount", "needs a number in column 'Amount': .* type is VARCHAR; cast it"),
        ("7 as region", "needs text in column 'region': .* type is INTEGER; cast it"),
        ("'2024-01-01'::timestamp_ns as seen_at", "needs a date or timestamp in column 'seen_at'"),
    ],
)
def test_wrong_type_is_reported(column: str, sentence: str) -> None:
    booster = fitted(SIGNATURE, objective="regression")
    with duckdb.connect() as connection:
        connection.register("sample", table_of(10))
        table = connection.sql(f"select * replace ({column}) from sample").to_arrow_table()
    with pytest.raises(duckdb.InvalidInputException, match=sentence):
        in_sql(table, booster, SIGNATURE)


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        (Feature("Amount", "number", "error"), "a number in column 'Amount': its rule for nulls is `error`"),
        (Feature("seen_at", "instant", "error"), "'seen_at': its rule for nulls"),
        (
            Feature("region", "category", "error", "missing", categories=LEVELS),
            "text in column 'region': its rule",
        ),
        (
            Feature("region", "category", "missing", "error", categories=LEVELS),
            "rule for unseen ones is `error`",
        ),
    ],
)
def test_row_against_a_rule_is_refused(feature: Feature, sentence: str) -> None:
    features = tuple(feature if feature.name == old.name else old for old in SIGNATURE.features)
    booster = fitted(SIGNATURE, objective="regression")
    table = table_of(200).set_column(3, "seen_at", pa.nulls(200, pa.timestamp("us")))
    with pytest.raises(duckdb.InvalidInputException, match=sentence):
        in_sql(table, booster, Signature(features))


def test_types_of_numbers_score_alike() -> None:
    booster = fitted(SIGNATURE, objective="regression")
    table = table_of(500, 3)
    with duckdb.connect() as connection:
        connection.register("sample", table)
        for kind in ("float", "smallint", "decimal(9, 3)", "decimal(38, 6)", "hugeint", "boolean"):
            cast = connection.sql(
                f"select * replace (Amount::{kind} as Amount, seen_at::date as seen_at) from sample"
            )
            assert_exact(booster, SIGNATURE, cast.to_arrow_table())


def test_instants_beyond_all_years_have_no_parts_and_are_not_null() -> None:
    seen_at = Feature("seen_at", "instant", "constant", null_value=1e9)
    signature = Signature((*SIGNATURE.features[:3], seen_at))
    booster = fitted(signature, objective="regression", use_missing=True)
    late = pa.array([9_220_000_000_000_000_000, -9_220_000_000_000_000_000, None] * 50, pa.timestamp("us"))
    assert_exact(booster, signature, table_of(150).set_column(3, "seen_at", late))


LISTED = ", ".join("'" + text.replace("'", "''") + "'" for text in (*LEVELS, "unseen", "two\nlines"))


@pytest.mark.parametrize(
    ("change", "nulls"),
    [
        ("null as seen_at", ["seen_at"]),
        ("null as region, null as AMOUNT", ["region", "AMOUNT"]),
        (f"region::enum ({LISTED}) as region", []),
    ],
)
def test_columns_of_nulls_alone_and_enums_of_any_text_score(change: str, nulls: list[str]) -> None:
    form = sql_form(booster := fitted(SIGNATURE, objective="regression"), SIGNATURE)
    assert form is not None
    table = table_of(200)
    with duckdb.connect() as connection:
        connection.register("sample", table.append_column("row_id", pa.array(np.arange(200))))
        rows = f"(select * replace ({change}) from sample)"
        query = f"select {form.raw_score} as raw from {rows} as r order by row_id"
        scores = connection.sql(query).fetchnumpy()["raw"]
    for name in nulls:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.nulls(200, table.schema.field(name).type))
    matrix = Instants.of(SIGNATURE).expanded(matrix_of(table, SIGNATURE))
    np.testing.assert_array_equal(scores, booster.predict(matrix, raw_score=True))


def test_row_that_is_null_has_no_score() -> None:
    form = sql_form(fitted(SIGNATURE, objective="regression"), SIGNATURE)
    assert form is not None
    row = 'struct("Amount" double, "odd ""name""" int, region varchar, seen_at timestamp)'
    with duckdb.connect() as connection:
        connection.execute(f"create macro raw_sql(r) as {form.raw_score}")
        rows = f"select unnest([null])::{row} as row"
        assert connection.sql(f"select raw_sql(row) from ({rows})").fetchone() == (None,)


def test_what_has_no_form_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    booster = fitted(SIGNATURE, objective="regression")
    monkeypatch.setattr("training.export.sql_form_lightgbm.LARGEST_FORM", 1000)
    assert sql_form(booster, SIGNATURE) is None


def with_one_deep_tree(booster: lightgbm.Booster, splits: int) -> lightgbm.Booster:
    """Return a booster of one tree, in which each split but the last has a leaf and a split below it."""
    numbers = np.arange(splits)
    on_the_left = numbers % 2 == 0
    following = np.append(numbers[1:], -1 - splits)
    fields = {
        "num_leaves": [splits + 1],
        "split_feature": np.zeros_like(numbers),
        "threshold": np.where(on_the_left, numbers, 2 * splits - numbers) + 0.5,
        "decision_type": np.full_like(numbers, 10),
        "left_child": np.where(on_the_left, -1 - numbers, following),
        "right_child": np.where(on_the_left, following, -1 - numbers),
        "leaf_value": np.arange(splits + 1) / 7,
    }
    sized = {"split_gain": 0, "internal_value": 0, "internal_weight": 0, "internal_count": 0}
    fields |= {name: np.full(splits, value) for name, value in sized.items()}
    fields |= {name: np.full(splits + 1, 1) for name in ("leaf_weight", "leaf_count")}
    text = booster.model_to_string()
    for name, values in fields.items():
        line = f"{name}={' '.join(map(str, np.asarray(values).tolist()))}"
        text = re.sub(f"^{name}=.*$", line, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^tree_sizes=.*\n", "", text, flags=re.MULTILINE)
    return lightgbm.Booster(model_str=text)


def test_a_tree_that_is_deeper_than_duckdb_nests() -> None:
    signature = Signature((Feature.number("Amount"),))
    amounts = np.arange(0, 2_001, 0.5)
    data = lightgbm.Dataset(amounts[:, None], amounts)
    stump = lightgbm.train({"verbosity": -1, "num_leaves": 2}, data, 1)
    booster = with_one_deep_tree(stump, 1_000)
    assert len(np.unique(booster.predict(amounts[:, None]))) == 1_001
    assert_exact(booster, signature, pa.table({"Amount": np.append(amounts, [-np.inf, np.inf, np.nan])}))


@pytest.mark.parametrize("value", [0.1, -0.0, 5e-324, 1e300, np.inf, -np.inf, 1 / 3])
def test_numbers_come_back_bit_for_bit(value: float) -> None:
    (result,) = duckdb.sql(f"select {number(value)}").fetchone()
    assert np.float64(result).tobytes() == np.float64(value).tobytes()
