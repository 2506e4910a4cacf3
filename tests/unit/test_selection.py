from typing import Any

import duckdb
import pytest

from training.data.dataset import Source
from training.declared.config import parse
from training.errors import DatasetError
from training.selection.select import Selection, select

ROWS = """
    select
        i as id,
        case when i % 10 < 7 then 'train' when i % 10 < 8 then 'validation' else 'test' end as part,
        (i * 7919 % 1000) / 100e0 as amount,
        ['north', 'south', 'east', null][1 + (hash(i) % 4)::integer] as region,
        (hash(i + 1) % 1000)::double as noise,
        7 as seven,
        null::double as empty,
        case when i = 5 then 1 else 0 end as rare,
        amount * 1.6 + 3 as amount_in_km,
        -exp(amount) as less_amount,
        case when i = 6 then null else amount end as amount_but_one,
        left(region, 1) as letter,
        (hash(i + 2) % 100) < 20 + 60 * (amount > 5 and coalesce(region, '') <> 'east')::integer as is_late,
        case when is_late then 20 else 3 end + hash(i + 3) % 10 as minutes_late,
        amount + (hash(i + 4) % 100) / 20e0 as duration,
        case when is_late then 'late' when amount > 3 then 'fine' else 'early' end as outcome
    from range(3000) as numbers (i)
"""
CONFIG = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "split": {"method": "custom", "column": "part"},
}


def selected(columns: str, *, sql: str = ROWS, **config: Any) -> Selection:
    block = {**CONFIG, "select_features": True, **config}
    block = {key: value for key, value in block.items() if value is not None}
    with duckdb.connect() as connection:
        columns = ", ".join(["id", "part", *([block["label"]] if "label" in block else []), columns])
        relation = connection.sql(f"select {columns} from ({sql})")
        with Source(relation, model_name="m") as source:
            return select(source.read(parse(block, model_name="m")), model="m")


def reasons(selection: Selection) -> dict[str, str | None]:
    names = [feature.name for feature in selection.signature.features]
    assert names == [verdict.feature for verdict in selection.verdicts if verdict.is_selected]
    return {verdict.feature: verdict.reason for verdict in selection.verdicts}


def test_each_dropped_feature_has_its_reason() -> None:
    selection = selected("amount, region, noise, seven, empty, amount_in_km, letter, minutes_late")
    assert reasons(selection) == {
        "amount": None,
        "region": None,
        "noise": "uninformative",
        "seven": "constant",
        "empty": "constant",
        "amount_in_km": "duplicate of amount",
        "letter": "duplicate of region",
        "minutes_late": "leaking",
    }
    values = {verdict.feature: verdict.value for verdict in selection.verdicts}
    assert values["minutes_late"] == pytest.approx(1.0, abs=1e-3)
    assert values["noise"] < 1 < values["amount"]


def test_model_that_does_not_ask_takes_all() -> None:
    selection = selected("amount, seven", select_features=False)
    assert [feature.name for feature in selection.signature.features] == ["amount", "seven"]
    assert selection.verdicts == ()


def test_what_is_kept_by_name_stays() -> None:
    selection = selected(
        "amount, amount_in_km, seven, noise", select_features={"keep": ["SEVEN", "amount_in_km"]}
    )
    assert reasons(selection) == {
        "amount": "duplicate of amount_in_km",
        "amount_in_km": "kept by name",
        "seven": "kept by name",
        "noise": "uninformative",
    }


def test_monotone_feature_stays_before_its_duplicate() -> None:
    selection = selected("amount, amount_in_km", monotone={"amount_in_km": "increasing"})
    assert reasons(selection) == {"amount": "duplicate of amount_in_km", "amount_in_km": None}


@pytest.mark.parametrize(
    ("column", "config", "reason"),
    [
        ("less_amount", {}, "duplicate of amount"),
        ("less_amount", {"estimator": "logistic_regression"}, None),
        ("amount + 0 as same", {"estimator": "logistic_regression"}, "duplicate of amount"),
        ("amount_but_one", {}, None),
        ("amount::varchar as derived", {}, None),
    ],
)
def test_numbers_are_duplicates_where_the_estimator_learns_the_same(
    column: str, config: dict[str, Any], reason: str | None
) -> None:
    drop = {"drop": ["duplicate"]}
    *_, last = selected(f"amount, {column}", select_features=drop, **config).verdicts
    assert last.reason == reason


def test_features_that_differ_beyond_the_sample_are_both_taken() -> None:
    sparse = {"drop": ["constant", "duplicate"], "rows": 100}
    selection = selected("amount, amount_but_one, rare", select_features=sparse)
    assert set(reasons(selection).values()) == {None}


@pytest.mark.parametrize(
    ("config", "column", "reason"),
    [
        ({}, "is_late::integer as derived", "leaking"),
        ({}, "outcome", "leaking"),
        ({}, "case when is_late and id % 2 = 0 then 1 end as derived", None),
        ({"select_features": {"drop": ["leaking"], "leaking_above": 0.6}}, "amount", "leaking"),
        ({"select_features": {"drop": ["leaking"], "keep": "derived"}}, "is_late as derived", "kept by name"),
        (
            {"task": "multiclass", "label": "outcome"},
            "case outcome when 'fine' then 2 when 'late' then 1 else 0 end",
            "leaking",
        ),
        ({"task": "multiclass", "label": "outcome"}, "region", None),
        ({"task": "regression", "label": "duration"}, "duration * duration * duration as derived", "leaking"),
        ({"task": "regression", "label": "duration"}, "amount + 0 as derived", None),
        ({}, "timestamp '2024-01-01' + id * interval 1 minute as at", None),
    ],
)
def test_feature_that_tells_nearly_all_of_the_label_is_leaking(
    config: dict[str, Any], column: str, reason: str | None
) -> None:
    usual = {"drop": ["leaking"]}
    verdict, _ = selected(f"{column}, noise", **{"select_features": usual, **config}).verdicts
    assert verdict.reason == reason


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_noise_is_found_in_every_task(task: str) -> None:
    label = {"multiclass": "outcome", "regression": "duration"}[task]
    selection = reasons(selected("amount, noise", task=task, label=label))
    assert selection == {"amount": None, "noise": "uninformative"}


def test_without_a_label_only_features_that_say_nothing_new_are_dropped() -> None:
    selection = selected("amount, region, noise, seven, amount_in_km", task="clustering", label=None)
    assert reasons(selection) == dict.fromkeys(("amount", "region", "noise", "amount_in_km")) | {
        "seven": "constant"
    }


def test_same_rows_give_the_same_verdicts_in_any_order() -> None:
    columns = "amount, region, noise, duration"
    shuffled = f"from ({ROWS}) order by hash(id)"
    assert selected(columns) == selected(columns, sql=shuffled)


def test_rows_that_measure_are_not_looked_at() -> None:
    altered = (
        f"select * replace (case when part = 'train' then minutes_late end as minutes_late) from ({ROWS})"
    )
    hidden = (
        f"select * replace (case when part <> 'train' then minutes_late end as minutes_late) from ({ROWS})"
    )
    assert reasons(selected("amount, minutes_late", sql=altered))["minutes_late"] == "leaking"
    assert reasons(selected("amount, minutes_late", sql=hidden))["minutes_late"] == "constant"


def test_model_without_a_feature_left_is_reported() -> None:
    with pytest.raises(DatasetError) as caught:
        selected("seven, minutes_late")
    assert str(caught.value) == (
        "Model 'm' has 1 problem in its training data: select_features must leave at least one feature; "
        "found none of 2 good enough: 1 constant, 1 leaking; select others in the query, or name some under "
        "select_features.keep."
    )
