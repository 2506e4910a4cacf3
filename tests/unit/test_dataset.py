from typing import Any

import duckdb
import numpy as np
import pytest

from scoring.signature import Feature, Signature
from training.config import ModelSpec, parse
from training.dataset import Dataset, divide, read
from training.errors import DatasetError


def spec_of(config: dict[str, Any], **changes: object) -> ModelSpec:
    return parse({**config, **changes}, model_name="m")


def dataset_of(query: str, spec: ModelSpec) -> Dataset:
    with duckdb.connect() as connection:
        return read(connection.sql(query), spec, model_name="m")


def test_rows_are_in_order_of_time_and_key_and_features_told_apart(
    binary_sql: str, config: dict[str, Any]
) -> None:
    data = dataset_of(f"from ({binary_sql}) order by hash(id)", spec_of(config))
    assert data.table.column("id").to_pylist() == list(range(600))
    assert data.times[2] - data.times[1] == 60_000_000
    assert set(data.label) == {0.0, 1.0}
    assert data.signature(slice(0, 600)) == Signature(
        (
            Feature.number("amount"),
            Feature.number("visits"),
            Feature.category("region", ("east", "north", "south")),
            Feature.number("price"),
        )
    )
    assert data.matrix(data.signature(slice(0, 600)), model="m").shape == (600, 4)


def test_categories_are_those_of_the_rows_to_learn_from(binary_sql: str, config: dict[str, Any]) -> None:
    query = f"select * replace (case when id > 500 then 'new' else region end as region) from ({binary_sql})"
    data = dataset_of(query, spec_of(config))
    train = divide(data, spec_of(config), model_name="m")["train"]
    signature = data.signature(train.slice)
    assert signature.features[2].categories == ("east", "north", "south")
    assert np.isnan(data.matrix(signature, model="m")[501:, 2]).all()


def test_names_in_the_configuration_match_without_regard_to_case(
    binary_sql: str, config: dict[str, Any]
) -> None:
    data = dataset_of(binary_sql, spec_of(config, label="IS_Late", key="ID"))
    assert list(data.types) == ["amount", "visits", "region", "price"]


@pytest.mark.parametrize(
    ("replacement", "message"),
    [
        ("null::integer as id", "key 'id' must not be null; found 600 nulls"),
        ("id % 599 as id", "key 'id' must be unique; found 1 rows"),
        (
            "case when id > 0 then predicted_at end as predicted_at",
            "time 'predicted_at' must be known and finite; found 1 rows",
        ),
        (
            "'infinity'::timestamp as predicted_at",
            "time 'predicted_at' must be known and finite; found 600 rows",
        ),
        (
            "predicted_at::timestamptz as predicted_at",
            "time 'predicted_at' must be a date or a timestamp in UTC; found type timestamp with",
        ),
        (
            "predicted_at::varchar as predicted_at",
            "time 'predicted_at' must be .*found type varchar; cast it to timestamp",
        ),
        ("nullif(is_late, true) as is_late", "label 'is_late' must be known and finite"),
        (
            "case when is_late then 'nan'::double else 1 end as is_late",
            "label 'is_late' must be known and finite",
        ),
        ("true as is_late", "label 'is_late' must take at least two values; found only true"),
        ("id % 3 as is_late", "label 'is_late' must be boolean, or 0 or 1, .*found 200 other values"),
        (
            "'yes' as is_late",
            "label 'is_late' must be boolean or numeric for task binary; found type varchar",
        ),
        (
            "predicted_at as price",
            "feature 'price' must be a number, a boolean or text; found type timestamp",
        ),
        ("[1] as region", "feature 'region' must be .*found type list"),
    ],
)
def test_rows_that_break_a_rule_are_refused(
    binary_sql: str, config: dict[str, Any], replacement: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        dataset_of(f"select * replace ({replacement}) from ({binary_sql})", spec_of(config))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "select * exclude (is_late) from ({sql})",
            "column 'is_late', the model's label, must be in the query",
        ),
        ("select *  rename (id as idd) from ({sql})", r"the model's key, .*Did you mean 'idd'\?"),
        ("select id, predicted_at, is_late from ({sql})", "at least one feature besides label, key and time"),
        ("from ({sql}) limit 10", "at least 50 rows to train, validate and test on; found 10"),
        ("from ({sql}) limit 0", "at least 50 rows to train, validate and test on; found 0"),
    ],
)
def test_queries_that_break_a_rule_are_refused(
    binary_sql: str, config: dict[str, Any], query: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        dataset_of(query.format(sql=binary_sql), spec_of(config))


def test_all_problems_come_at_once(binary_sql: str, config: dict[str, Any]) -> None:
    broken = "1 as id, null::timestamp as predicted_at, predicted_at as amount, 'x' as is_late"
    query = f"select * replace ({broken}) from ({binary_sql})"
    with pytest.raises(DatasetError) as caught:
        dataset_of(query, spec_of(config))
    assert str(caught.value).startswith("Model 'm' has 4 problems in its training data:")


def test_label_beyond_single_precision_is_refused(training_sql: str, config: dict[str, Any]) -> None:
    query = f"select * replace (case id when 7 then -1e39 else minutes end as minutes) from ({training_sql})"
    with pytest.raises(DatasetError, match="label 'minutes' must be known and finite; found 1 rows"):
        dataset_of(query, spec_of(config, task="regression", label="minutes"))


def test_regression_takes_a_number_and_no_boolean(training_sql: str, config: dict[str, Any]) -> None:
    regression = spec_of(config, task="regression", label="minutes")
    assert dataset_of(training_sql, regression).label[1] == 10.19
    with pytest.raises(DatasetError, match="must be numeric for task regression; found type boolean"):
        dataset_of(training_sql, spec_of(config, task="regression"))


@pytest.mark.parametrize(
    ("replacement", "message"),
    [
        ("timestamp '2024-01-01' as predicted_at", "part 'train' of the split must have rows"),
        (
            "id >= 500 as is_late",
            "part 'train' of the split must have both classes .*found only 0 in its 420",
        ),
    ],
)
def test_parts_that_cannot_be_used_are_refused(
    binary_sql: str, config: dict[str, Any], replacement: str, message: str
) -> None:
    spec = spec_of(config)
    data = dataset_of(f"select * replace ({replacement}) from ({binary_sql})", spec)
    with pytest.raises(DatasetError, match=message):
        divide(data, spec, model_name="m")
