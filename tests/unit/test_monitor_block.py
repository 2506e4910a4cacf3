"""The block of a monitor: what is wrong with it and with the columns of its query, all at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from training.declared.blocks import problems_of_blocks
from training.declared.ml_monitor import read_monitor

MODEL = {"task": "binary", "label": "is_late", "key": "id", "time": "seen_at"}
MODELS = {"late": MODEL, "kinds": {"task": "clustering", "key": "id"}}
COLUMNS = {
    "ID": "VARCHAR",
    "seen_at": "TIMESTAMP",
    "is_late": "BOOLEAN",
    "prediction": "DOUBLE",
    "model_version": "INTEGER",
    "region": "VARCHAR",
}


def node(block: Any, **fields: Any) -> dict[str, Any]:
    place = {"name": "watch", "file": "models/watch.yml", "kind": "model", "materialized": "ml_monitor"}
    return {**place, "blocks": {"ml_monitor": block}, **fields}


def read(block: Any, columns: dict[str, str] | None = None) -> Any:
    request = {"node": node(block), "models": MODELS, "columns": columns or COLUMNS}
    return json.loads(read_monitor(json.dumps(request)))


def problems(*nodes: dict[str, Any]) -> list[str]:
    models = [
        {"name": name, "file": "m.yml", "kind": "model", "materialized": "ml_model", "blocks": {"ml": block}}
        for name, block in MODELS.items()
    ]
    return problems_of_blocks(json.dumps([*models, *nodes]))


@pytest.mark.parametrize(
    ("wrong", "facts"),
    [
        (node({}), ["models/watch.yml: watch: ml_monitor.model is missing", "model: churn"]),
        (
            node({"model": "lat"}),
            ["ml_monitor.model is 'lat'", "models of the project: late, kinds", "'late'?"],
        ),
        (node({"model": "late", "periods": "day"}), ["ml_monitor.periods is not a key", "'period'?"]),
        (node({"model": "late", "period": "year"}), ["period is 'year'", "day, week, month"]),
        (node({"model": "late", "min_rows": 0}), ["min_rows is 0", "between 1 and"]),
        (
            node({"model": "late", "compare_with": "same_month"}),
            ["compare_with is 'same_month'", "period: month"],
        ),
        (
            node({"model": "late", "thresholds": {"psi": {"warn": 0.3, "drift": 0.2}}}),
            ["thresholds.psi.drift is 0.2", "at least warn"],
        ),
        (
            node({"model": "late", "thresholds": {"ks": {"warn": 1, "drift": 2}}}),
            ["thresholds.ks is not a key"],
        ),
        (node({"model": "late"}, materialized="table"), ["materialized is 'table'", "ml_monitor"]),
        (node({"model": "late"}, kind="seed"), ["ml_monitor has no effect on a seed"]),
        (node(None, blocks={}), ["ml_monitor.model is missing"]),
    ],
)
def test_a_wrong_block_is_reported(wrong: dict[str, Any], facts: list[str]) -> None:
    texts = problems(wrong)
    assert any(all(fact in text for fact in facts) for text in texts), texts


def test_a_sound_block_has_no_problems_and_takes_the_columns_of_its_model() -> None:
    assert problems(node({"model": "late", "slices": "region"})) == []
    block = read({"model": "late", "slices": "REGION"})
    assert block["problems"] == []
    spec = block["spec"]
    assert [spec[name] for name in ("key", "time", "label", "model_time")] == [
        "ID",
        "seen_at",
        "is_late",
        "seen_at",
    ]
    assert (spec["slices"], spec["min_rows"], spec["thresholds"]["psi"]["warn"]) == (["region"], 200, 0.1)


def test_the_label_may_be_unknown_altogether() -> None:
    block = read({"model": "late"}, {name: kind for name, kind in COLUMNS.items() if name != "is_late"})
    assert (block["problems"], block["spec"]["label"]) == ([], None)


def test_all_problems_of_the_columns_come_at_once() -> None:
    columns = {"prediction": "VARCHAR", "model_version": "VARCHAR", "seen_at": "TIME", "__role": "VARCHAR"}
    texts = read({"model": "late", "slices": "region", "label": "is_paid"}, columns)["problems"]
    for facts in (
        ("ml_monitor.key: column id is not in the query", "name one of its columns: prediction"),
        ("ml_monitor.slices: column region is not in the query",),
        ("ml_monitor.label: column is_paid is not in the query",),
        ("ml_monitor.time: column seen_at is of type TIME", "a timestamp or date"),
        ("ml_monitor.prediction: column prediction is of type VARCHAR", "a number"),
        ("ml_monitor.model_version: column model_version is of type VARCHAR", "a whole number"),
        ("column __role of the query", "rename it"),
    ):
        assert any(all(fact in text for fact in facts) for text in texts), (facts, texts)


def test_a_model_without_a_time_column_needs_one_in_the_block() -> None:
    (text,) = read({"model": "kinds"}, {**COLUMNS, "prediction": "VARCHAR"})["problems"]
    assert "ml_monitor.time is missing" in text and "kinds" in text
    assert [text] == problems(node({"model": "kinds"}))
    assert problems(node({"model": "kinds", "time": "seen_at"})) == []


def test_slices_are_different_columns() -> None:
    (sentence,) = problems(node({"model": "late", "slices": ["region", "Region"]}))
    assert "ml_monitor.slices" in sentence and "must be different columns" in sentence
