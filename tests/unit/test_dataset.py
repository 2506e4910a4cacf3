from typing import Any

import duckdb
import numpy as np
import pytest

from scoring.signature import Feature, Signature
from training.data.dataset import Dataset, Source
from training.data.split import hash_share
from training.declared.config import parse
from training.declared.spec import ModelSpec
from training.errors import DatasetError, QueryError


def spec_of(config: dict[str, Any], **changes: object) -> ModelSpec:
    return parse({**config, **changes}, model_name="m")


def dataset_of(query: str, spec: ModelSpec) -> Dataset:
    with duckdb.connect() as connection, Source(connection.sql(query), model_name="m") as source:
        return source.read(spec)


def test_rows_are_in_order_of_time_and_key_and_features_told_apart(
    binary_sql: str, config: dict[str, Any]
) -> None:
    data = dataset_of(f"from ({binary_sql}) order by hash(id)", spec_of(config))
    assert data.table.column("id").to_pylist() == list(range(600))
    assert data.times[2] - data.times[1] == 60_000_000
    assert set(data.label) == {0.0, 1.0}
    assert data.signature() == Signature(
        (
            Feature.number("amount"),
            Feature.number("visits"),
            Feature.category("region", ("east", "north", "south")),
            Feature.number("price"),
        ),
        classes=("false", "true"),
    )
    assert data.matrix(data.signature(), model="m").shape == (600, 4)


def test_categories_are_those_of_the_rows_to_learn_from(binary_sql: str, config: dict[str, Any]) -> None:
    query = f"select * replace (case when id > 500 then 'new' else region end as region) from ({binary_sql})"
    data = dataset_of(query, spec_of(config))
    signature = data.signature()
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
            "label 'is_late' must be boolean or numeric, or text with `positive`, for task binary; found",
        ),
        ("time '12:00' as price", "feature 'price' must be a number, .* or a timestamp; found type time;"),
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
        (
            "select id, predicted_at, is_late from ({sql})",
            "one feature besides 'is_late', 'id', 'predicted_at'",
        ),
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
    assert str(caught.value).startswith("Model 'm' has 3 problems in its training data:")


def test_label_beyond_single_precision_is_refused(training_sql: str, config: dict[str, Any]) -> None:
    query = f"select * replace (case id when 7 then -1e39 else minutes end as minutes) from ({training_sql})"
    with pytest.raises(DatasetError, match=r"label 'minutes' must lie between .*3.4e\+38, .* found 1 rows"):
        dataset_of(query, spec_of(config, task="regression", label="minutes"))


@pytest.mark.parametrize(
    ("objective", "minutes", "message"),
    [
        (
            "poisson",
            "id - 3",
            "label 'minutes' must not be negative for objective poisson; found 3 rows where",
        ),
        (
            "tweedie",
            "-1e0 - id",
            "label 'minutes' must not be negative for objective tweedie; found 600 rows",
        ),
        ("gamma", "id", "label 'minutes' must be above 0 for objective gamma; found 1 rows where it is not"),
        ("gamma", "1e-60 + id", "label 'minutes' must be above 0 for objective gamma; found 1 rows where"),
        ("gamma", "1e-30 + id", None),
        ("poisson", "id", None),
        ("regression", "id - 3", None),
        (
            "poisson",
            "case when id < 500 then 0 else id end",
            "part 'train' of the split must have a label 'minutes' above 0 for objective poisson; found none "
            "in its 420 rows",
        ),
    ],
)
def test_labels_must_suit_the_objective(
    training_sql: str, config: dict[str, Any], objective: str, minutes: str, message: str | None
) -> None:
    query = f"select * exclude (is_late) replace ({minutes} as minutes) from ({training_sql})"
    spec = spec_of(config, task="regression", label="minutes", params={"objective": objective})
    if message is None:
        dataset_of(query, spec)
        return
    with pytest.raises(DatasetError, match=message):
        dataset_of(query, spec)


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
            "part 'train' of the split must have both classes .*found only 'false' in its 420",
        ),
    ],
)
def test_parts_that_cannot_be_used_are_refused(
    binary_sql: str, config: dict[str, Any], replacement: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        dataset_of(f"select * replace ({replacement}) from ({binary_sql})", spec_of(config))


LABELS = "select id, amount, region, {label} as y from ({sql})"


@pytest.mark.parametrize(
    ("label", "changes", "classes", "first"),
    [
        ("is_late", {}, ("false", "true"), 0.0),
        ("is_late::integer", {}, ("0", "1"), 0.0),
        ("case when is_late then 'no' else 'yes' end", {"positive": "yes"}, ("no", "yes"), 1.0),
        ("case when is_late then 2 else 1 end", {"positive": 2}, ("1", "2"), 0.0),
        ("is_late", {"positive": False}, ("true", "false"), 1.0),
        ("id % 11", {"task": "multiclass"}, tuple(str(n) for n in range(11)), 0.0),
        ("(9 - id % 10)::double", {"task": "multiclass"}, tuple(str(n) for n in range(10)), 9.0),
        ("['b', 'a', 'C'][1 + id % 3]", {"task": "multiclass"}, ("C", "a", "b"), 2.0),
        ("is_late", {"task": "multiclass"}, ("false", "true"), 0.0),
        ("amount::decimal(6, 2)", {"task": "regression"}, (), 0.0),
    ],
)
def test_labels_of_every_kind_become_numbers(
    binary_sql: str, label: str, changes: dict[str, Any], classes: tuple[str, ...], first: float
) -> None:
    block = {"task": "binary", "label": "y", "key": "id", "split": {"method": "none"}, **changes}
    data = dataset_of(LABELS.format(label=label, sql=binary_sql), parse(block, model_name="m"))
    assert data.classes == classes
    assert data.label is not None and data.label[0] == first


@pytest.mark.parametrize(
    ("label", "changes", "message"),
    [
        (
            "['a', 'b', 'c'][1 + id % 3]",
            {"positive": "a"},
            "'y' must take two values for task binary; found 3",
        ),
        (
            "case when is_late then 'no' else 'yes' end",
            {"positive": True},
            r"never has the value of `positive`, true; its values are \[no, yes\]; YAML reads Yes",
        ),
        ("amount", {"task": "multiclass"}, "must be text, boolean or whole numbers .* rows with fractions"),
        (
            "case when id < 300 then 1e39 end",
            {"task": "multiclass"},
            "known and finite; found 300 rows (.|\n)*3.4e\\+38.* found 300 rows beyond",
        ),
        (
            "id / 2 = 1",
            {"weight": "amount", "slices": ["id"]},
            "slice column 'id' must have at most 100 values",
        ),
        ("id = 1", {"weight": "region"}, "weight 'region' must be numeric; found type varchar"),
        ("case when id < 9 then is_late end", {}, "label 'y' must be known and finite; found 591 rows"),
    ],
)
def test_labels_and_weights_that_break_a_rule_are_refused(
    binary_sql: str, label: str, changes: dict[str, Any], message: str
) -> None:
    block = {"task": "binary", "label": "y", "key": "id", "split": {"method": "none"}, **changes}
    with pytest.raises(DatasetError, match=message):
        dataset_of(LABELS.format(label=label, sql=binary_sql), parse(block, model_name="m"))


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ("-1", "weight 'w' must be known, finite and not negative; found 600 rows"),
        ("case when id > 0 then 1 end", "weight 'w' must be known, .*; found 1 rows"),
        ("'inf'::double", "weight 'w' must be known, finite"),
        ("0", "weight 'w' must be above 0 somewhere"),
    ],
)
def test_weights_that_break_a_rule_are_refused(
    binary_sql: str, config: dict[str, Any], weight: str, message: str
) -> None:
    with pytest.raises(DatasetError, match=message):
        dataset_of(f"select *, {weight} as w from ({binary_sql})", spec_of(config, weight="w"))


def test_columns_with_another_role_are_no_features(binary_sql: str, config: dict[str, Any]) -> None:
    query = f"select *, 1 + id % 3 as w, id % 2 as sex, 'x' as part from ({binary_sql})"
    slices = ["region", {"column": "SEX", "feature": False}]
    data = dataset_of(query, spec_of(config, weight="W", slices=slices))
    assert list(data.types) == ["amount", "visits", "region", "price", "part"]
    assert data.spec.slices == ("region", "sex")
    assert data.weight is not None and set(data.weight) == {1.0, 2.0, 3.0}


def test_dates_and_instants_are_features(binary_sql: str, config: dict[str, Any]) -> None:
    query = f"select *, predicted_at::date as day, predicted_at::timestamptz as at from ({binary_sql})"
    data = dataset_of(query, spec_of(config))
    assert data.signature().features[-2:] == (Feature.instant("day"), Feature.instant("at"))


def test_rows_of_a_random_split_stay_in_their_part_when_rows_are_added(
    binary_sql: str, config: dict[str, Any]
) -> None:
    spec = spec_of(config, split={"method": "random", "validation": 0.2, "test": 0.3})
    whole = dataset_of(binary_sql, spec)
    fewer = dataset_of(f"from ({binary_sql}) where id % 3 <> 0", spec)
    for part in ("train", "validation", "test"):
        ids = set(whole.table.column("id").to_pylist()[whole.parts[part].slice])
        assert {n for n in ids if n % 3} == set(fewer.table.column("id").to_pylist()[fewer.parts[part].slice])
        assert 90 < len(ids) < 350
    # The documented SQL finds the same rows.
    with duckdb.connect() as connection:
        share = hash_share("id", f"seed {spec.seed}")
        counts = connection.sql(f"select count(*) from ({binary_sql}) where {share} < 0.3").fetchall()
    assert counts == [(whole.parts["test"].rows,)]


def test_custom_split_is_read_from_its_column(binary_sql: str, config: dict[str, Any]) -> None:
    spec = spec_of(config, split={"method": "custom", "column": "part"})
    query = "select *, {part} as part from ({sql})"
    data = dataset_of(
        query.format(part="case when id < 500 then 'train' else 'test' end", sql=binary_sql), spec
    )
    assert {name: part.rows for name, part in data.parts.items()} == {"train": 500, "test": 100}
    with pytest.raises(
        DatasetError, match="split column 'part' must hold train, validation, test; found 100"
    ):
        dataset_of(query.format(part="case when id < 500 then 'train' end", sql=binary_sql), spec)
    with pytest.raises(DatasetError, match="part 'train' of the split must have rows; found no row of it in"):
        dataset_of(query.format(part="'test'", sql=binary_sql), spec)


def test_class_that_training_rows_lack_is_reported(binary_sql: str, config: dict[str, Any]) -> None:
    spec = spec_of(config, task="multiclass")
    query = (
        f"select * replace (case when id > 595 then 'rare' else region end as is_late) from ({binary_sql})"
    )
    with pytest.raises(
        DatasetError, match=r"part 'train' .* all classes of label 'is_late'; found no row of 'r"
    ):
        dataset_of(f"from ({query}) where is_late is not null", spec)


def test_query_that_fails_is_reported_in_one_sentence(binary_sql: str, config: dict[str, Any]) -> None:
    query = f"select * replace (('x' || region)::integer as region) from ({binary_sql})"
    with pytest.raises(
        QueryError, match="the warehouse must be able to run the query, but says: Conversion Error"
    ):
        dataset_of(query, spec_of(config))
