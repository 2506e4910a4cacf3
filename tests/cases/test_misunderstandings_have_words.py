"""What is easily misunderstood is refused with its remedy, or noticed: YAML's own words, numbers as text."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from scoring.errors import WarehouseMLError
from training.declared.config import parse
from training.errors import ConfigError, DatasetError, EstimatorError
from training.train import train

BLOCK: dict[str, Any] = {
    "task": "binary",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "estimator": "lightgbm",
    "params": {"num_iterations": 3},
}
LATE = "(i * 7919) % 101 > 50"


def version(label: str, *columns: str, **changes: Any) -> dict[str, Any]:
    """Return the version of a model of 600 rows with this label."""
    features = "".join(f", {column}" for column in columns)
    query = f"select i as id, (i * 31) % 17 as a, {label} as y{features} from range(600) as rows (i)"
    with duckdb.connect() as connection:
        block = {key: value for key, value in {**BLOCK, **changes}.items() if value is not None}
        return train(connection.sql(query), model_name="m", config=block).to_pylist()[0]


@pytest.mark.parametrize(
    ("label", "changes", "facts"),
    [
        (f"if({LATE}, 'Yes', 'No')", {"positive": True}, ["positive", "[No, Yes]", "YAML", "quotes"]),
        (
            "['yes', 'Yes ', 'no'][1 + i % 3]",
            {"positive": "yes"},
            ["two values", "3", "blanks", "multiclass"],
        ),
        (LATE, {"key": False}, ["ml.key", "YAML reads yes, no", "'<name>'"]),
        (LATE, {"split": None, "gates": [{"metric": "roc_auc", "min": 0.5}]}, ["1 problem", "ml.split"]),
        ("1700000000 + i % 101", {"task": "regression"}, ["'y'", "seven digits", "128", "subtract"]),
        *(
            (
                f"(i % 7 + 1) * {size}",
                {"task": "regression"},
                ["1 problem", "'y'", "3.4e+38", "600", "divide"],
            )
            for size in ("1e100", "1e200", "1e300")
        ),
        ("i % 7 * 1e-200", {"task": "regression"}, ["1 problem", "'y'", "1e-30", "6e-200", "multiply"]),
        ("if(i < 9, 'nan'::double, i)", {"task": "regression"}, ["1 problem", "finite", "9 rows"]),
        (LATE, {"weight": "w"}, ["'w'", "0.001", "1e-30", "divide"]),
    ],
)
def test_it_is_refused_with_its_remedy(label: str, changes: dict[str, Any], facts: list[str]) -> None:
    with pytest.raises(WarehouseMLError) as refusal:
        version(label, "1e-30 as w", **changes)
    assert [fact for fact in facts if fact not in str(refusal.value)] == [], str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "facts"),
    [
        ({"gates": None}, ["ml.gates", "null", "list"]),
        ({"gates": [None]}, ["ml.gates[0]", "null"]),
        ({"gates": ["roc_auc"]}, ["ml.gates[0]", "'roc_auc'", "mapping"]),
        ({"slices": None}, ["ml.slices", "null"]),
        ({"slices": ["a", 7]}, ["ml.slices[1]", "7"]),
        ({"split": {"method": "Random", "test": 0.2}}, ["ml.split.method", "Did you mean 'random'?"]),
        ({"split": {"method": "CUSTOM", "column": "part"}}, ["Did you mean 'custom'?"]),
        ({"split": {"method": "by time", "test": 0.2}}, ["'by time'", "sequential, random"]),
        ({"split": {"method": None}}, ["ml.split.method", "null"]),
        (
            {"task": "Regression", "gates": [{"metric": "rmse", "max": 3}]},
            ["ml.task", "Did you mean 'regression'?"],
        ),
        (
            {"task": "Clustering", "label": None, "estimator": "kmeans", "split": {"method": "none"}},
            ["Did you mean 'clustering'?"],
        ),
    ],
)
def test_a_word_of_the_block_that_is_wrong_is_one_problem(changes: dict[str, Any], facts: list[str]) -> None:
    block = {**BLOCK, "params": {}, **changes}
    if changes.get("task"):
        block = {key: value for key, value in block.items() if value is not None}
    with pytest.raises(ConfigError) as refusal:
        parse(block, model_name="m")
    message = str(refusal.value)
    assert [fact for fact in ["1 problem", *facts] if fact not in message] == [], message
    assert "None" not in message


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("if(i = 3, 'nan'::double, i)", ["NaN", "1 rows"]),
        ("if(i < 3, 'nan'::float, i)", ["NaN", "3 rows"]),
        ("[i]", ["type list", "varchar"]),
        ("{'i': i}", ["type struct"]),
        ("map([i], [1])", ["type map"]),
        ("array_value(i, 1)", ["type array"]),
        ("union_value(n := i)", ["type union"]),
        ("null::integer", ["null", "600"]),
    ],
)
def test_a_key_is_a_single_value(key: str, facts: list[str]) -> None:
    with pytest.raises(DatasetError) as refusal:
        version(LATE, f"{key} as k", key="k")
    assert [fact for fact in ["key 'k'", *facts] if fact not in str(refusal.value)] == []


@pytest.mark.parametrize("more", [{}, {"boosting": "rf"}])
def test_bagging_leaves_every_tree_a_row(more: dict[str, Any]) -> None:
    drawn = {"bagging_fraction": 0.02, "bagging_freq": 1}
    few = "i from range(60) as rows (i) --"
    with pytest.raises(EstimatorError) as refusal:
        version(LATE, few, params={**BLOCK["params"], **drawn, **more})
    facts = ("bagging_fraction is 0.02", "rows", "at least bagging_fraction: 0.0")
    assert [fact for fact in facts if fact not in str(refusal.value)] == []
    least = str(refusal.value).partition("at least bagging_fraction: ")[2].partition(",")[0]
    drawn["bagging_fraction"] = float(least)
    assert version(LATE, few, params={**BLOCK["params"], **drawn, **more})["version"] is not None


RARE = {
    "binary": "i = 0 or i = 4",
    "multiclass": "case when i < 2 then 'rare' when i % 2 = 0 then 'b' else 'c' end",
}


@pytest.mark.parametrize("task", RARE)
@pytest.mark.parametrize("seed", range(1, 6))
def test_a_random_split_that_leaves_a_part_without_a_class_is_refused_or_trains(task: str, seed: int) -> None:
    """Refused where a metric or the estimator needs the class: in every part of two, in train of several."""
    few = "i from range(60) as rows (i) --"
    try:
        row = version(RARE[task], few, task=task, seed=seed)
    except DatasetError as refusal:
        facts = ("part 'train'" if task == "multiclass" else "part '", "label 'y'", "shares", "seed")
        assert [fact for fact in facts if fact not in str(refusal)] == []
    else:
        assert task == "multiclass" and len(row["signature"]["classes"]) == 3


@pytest.mark.parametrize("positive", ["yes", "Yes", "true", True, 1])
def test_any_spelling_of_true_is_the_positive_value_of_a_boolean(positive: object) -> None:
    assert version(LATE, positive=positive)["signature"]["classes"] == ["false", "true"]


@pytest.mark.parametrize(
    ("column", "facts"),
    [
        ("format('{:,}', 1000 + i * 37)", ["commas between thousands", "replace(x, ',', '')"]),
        ("replace(printf('%.2f', i * 1.7), '.', ',')", ["decimal comma", "replace(replace(x"]),
        ("i % 60 || '%'", ["units"]),
        ("strftime(date '2024-01-01' + (i % 90)::integer, '%d.%m.%Y')", ["dates", "strptime"]),
        ("printf('%02d:%02d', i % 24, i % 60)", ["times of day"]),
        ("(9007199254740993 + i)::varchar", ["15 digits", "leave it out", "bigint, hugeint or decimal"]),
        ("(i % 600 + if(i % 50 = 0, 9007199254740993, 0))::varchar", ["15 digits", "bigint"]),
        ("repeat('9', 20 + i % 15)::varchar", ["15 digits", "hugeint"]),
        ("(i % 300)::varchar", ["numbers stored as text", "cast"]),
        ("'this one is about case ' || i", ["categories", "free text"]),
        (f"({LATE})::integer", ["alone predicts the label", "select_features"]),
    ],
)
def test_it_is_noticed(column: str, facts: list[str]) -> None:
    (notice,) = [text for text in version(LATE, f"{column} as f")["notices"] if "'f'" in text]
    assert all(fact in notice for fact in facts), notice


@pytest.mark.parametrize("column", ["'k' || i % 40", "lpad((i % 97)::varchar, 5, '0')", "i % 7"])
def test_what_is_usual_is_not(column: str) -> None:
    assert [text for text in version(LATE, f"{column} as f")["notices"] if "'f'" in text] == []
