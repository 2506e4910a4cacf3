"""What is easily misunderstood is refused with its remedy, or noticed: YAML's own words, numbers as text."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from scoring.errors import WarehouseMLError
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
        (LATE, {"key": False}, ["'key'", "YAML reads yes, no", "'<name>'"]),
        (LATE, {"split": None, "gates": [{"metric": "roc_auc", "min": 0.5}]}, ["1 problem", "'split'"]),
        ("1700000000 + i % 101", {"task": "regression"}, ["'y'", "seven digits", "128", "subtract"]),
        (LATE, {"weight": "w"}, ["'w'", "0.001", "1e-30", "divide"]),
    ],
)
def test_it_is_refused_with_its_remedy(label: str, changes: dict[str, Any], facts: list[str]) -> None:
    with pytest.raises(WarehouseMLError) as refusal:
        version(label, "1e-30 as w", **changes)
    assert [fact for fact in facts if fact not in str(refusal.value)] == [], str(refusal.value)


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
