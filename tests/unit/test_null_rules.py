"""What null and unseen become: by one rule, in training and in scoring."""

from datetime import UTC, datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from scoring.errors import RowError
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from training import train
from training.data.dataset import Source
from training.declared.config import parse
from training.errors import ConfigError, DatasetError


def prepared(feature: Feature, values: pa.Array) -> list[float]:
    batch = pa.RecordBatch.from_arrays([values], [feature.name])
    return Signature((feature,)).matrix(batch, model="m")[:, 0].tolist()


def test_null_and_nan_become_the_value_of_the_rule() -> None:
    feature = Feature("x", "number", "constant", null_value=7.0)
    assert prepared(feature, pa.array([1.0, None, np.nan])) == [1.0, 7.0, 7.0]
    at = Feature("at", "instant", "most_frequent", null_value=60.0)
    instants = pa.array([0, None, 2**63 - 1], pa.timestamp("us"))  # the last is infinity
    assert prepared(at, instants) == [0.0, 60.0, 60.0]


def test_null_and_unseen_category_have_rules_of_their_own() -> None:
    texts = pa.array(["a", None, "new"])
    both = Feature("c", "category", "constant", "most_frequent", 0.0, 1.0, ("a", "b"))
    assert prepared(both, texts) == [0.0, 0.0, 1.0]
    assert prepared(both, texts.dictionary_encode()) == [0.0, 0.0, 1.0]
    unseen = Feature("c", "category", "missing", "constant", None, 1.0, ("a", "b"))
    np.testing.assert_array_equal(prepared(unseen, texts), [0.0, np.nan, 1.0])


@pytest.mark.parametrize(
    ("feature", "values", "message"),
    [
        (
            Feature("x", "number", "error"),
            pa.array([1.0, None, np.nan]),
            "'m' needs a value in column 'x': its rule for nulls is `error`, but 2 of the 3 rows .* filter",
        ),
        (Feature("c", "category", "error", "missing"), pa.array(["a", None]), "but 1 of the 2 rows"),
        (
            Feature("c", "category", "missing", "error", categories=("a",)),
            pa.array(["a", None, "new"]),
            "category that training saw in column 'c': .* but 1 of the 3 rows .* such as 'new'; filter",
        ),
    ],
)
def test_row_against_a_rule_is_refused(feature: Feature, values: pa.Array, message: str) -> None:
    with pytest.raises(RowError, match=message):
        prepared(feature, values)


def test_rules_survive_the_version_row() -> None:
    signature = Signature((Feature("c", "category", "constant", "most_frequent", 0.0, 1.0, ("a", "b")),))
    stored = pa.array([signature.to_row()], VERSION_SCHEMA.field("signature").type)
    assert Signature.from_row(stored[0].as_py()) == signature


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([], r"ml.features is \[\]; it must be a mapping"),
        ({"x": "error"}, "ml.features.x is 'error'; it must be a mapping"),
        (
            {"x": {"nulls": "zero"}},
            "ml.features.x.nulls is 'zero'; it must be one of error, missing, constant, most_freq",
        ),
        ({"x": {"nulls": "constant"}}, "ml.features.x.constant is missing"),
        ({"x": {"constant": 1}}, "ml.features.x.constant is '1'; it is for the rule constant"),
        ({"x": {"null": "error"}}, r"ml.features.x.null is not a key. Did you mean 'nulls'\?"),
    ],
)
def test_broken_rule_is_reported(config: dict[str, Any], features: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse({**config, "features": features}, model_name="m")


def signature_of(query: str, config: dict[str, Any]) -> Signature:
    with duckdb.connect() as connection, Source(connection.sql(query), model_name="m") as source:
        return source.read(parse(config, model_name="m")).signature()


def test_values_are_found_on_the_rows_to_learn_from(binary_sql: str, config: dict[str, Any]) -> None:
    query = f"""
        select
            * replace (case when id >= 420 then 99 else visits end as visits),
            (id % 2 = 0)::boolean as even,
            date '2024-01-01' as day
        from ({binary_sql})
    """
    features = {
        "VISITS": {"nulls": "most_frequent"},
        "region": {"nulls": "constant", "constant": "unknown", "unseen": "most_frequent"},
        "price": {"nulls": "constant", "constant": 0},
        "even": {"nulls": "constant", "constant": True},
        "day": {"nulls": "constant", "constant": "1970-01-02"},
    }
    features_by_name = {
        feature.name: feature for feature in signature_of(query, {**config, "features": features}).features
    }
    region = features_by_name["region"]
    assert features_by_name["visits"].null_value not in (None, 99.0)
    assert region.categories == ("east", "north", "south", "unknown")
    assert (region.null_value, region.unseen_value) == (3.0, 0.0)
    assert [features_by_name[name].null_value for name in ("price", "even", "day", "amount")] == [
        0.0,
        1.0,
        86_400.0,
        None,
    ]


@pytest.mark.parametrize(
    ("feature", "rules", "message"),
    [
        (
            "visits",
            {"nulls": "error"},
            "feature 'visits' must be known, .*; found 55 rows without a value; filter",
        ),
        ("visits", {"unseen": "error"}, "'visits' must be text to have a rule for unseen .* type integer"),
        ("visits", {"nulls": "constant", "constant": "x"}, "constant of feature 'visits' must be a finite"),
        ("empty", {"nulls": "most_frequent"}, "'empty' must have a value in the training rows"),
        ("region", {"unseen": "constant", "constant": "x"}, "must be a category of the training rows.*'x'"),
        ("late", {"unseen": "error"}, "'late' must have only categories .* found 100 rows .* such as 'new'"),
        ("late", {"nulls": "error"}, "'late' must be known"),
        ("nowhere", {"nulls": "error"}, "column 'nowhere', the model's feature with rules of its own"),
        ("is_late", {"nulls": "error"}, "'is_late' must be a feature to have rules.*role of label"),
    ],
)
def test_data_against_a_rule_is_reported(
    binary_sql: str, config: dict[str, Any], feature: str, rules: dict[str, Any], message: str
) -> None:
    query = f"""
        select *, null::double as empty, case when id >= 500 then 'new' when id > 0 then 'old' end as late
        from ({binary_sql})
    """
    with pytest.raises(DatasetError, match=message):
        signature_of(query, {**config, "features": {feature: rules}})


def test_a_model_scores_null_and_unseen_as_it_was_trained(binary_sql: str, config: dict[str, Any]) -> None:
    features = {
        "amount": {"nulls": "error"},
        "visits": {"nulls": "most_frequent"},
        "region": {"nulls": "constant", "constant": "unknown", "unseen": "error"},
        "at": {"nulls": "constant", "constant": datetime(2024, 1, 2, tzinfo=UTC).isoformat()},
    }
    query = f"select *, case when id % 3 > 0 then predicted_at end as at from ({binary_sql})"
    with duckdb.connect() as connection:
        row = train(connection.sql(query), model_name="m", config={**config, "features": features})
    assert row.column("parity")[0].as_py()["max_absolute_difference"] == 0.0
