"""docs/reference is what the readers of the blocks and the macros say today, and each of its examples is accepted."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from training.declared.blocks import problems_of_blocks
from training.declared.config import parse
from training.errors import ConfigError

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "reference"
PAGES = {name: (FOLDER / f"{name}.md").read_text() for name in ("ml", "feature_view", "raw_contract")}
MACROS = (FOLDER / "macros.md").read_text()
EDITOR = jsonschema.Draft202012Validator(json.loads((FOLDER / "warehouse_ml.schema.json").read_text()))
CELLS = [
    (path, yaml.safe_load(example))
    for page in PAGES.values()
    for path, table in re.findall(r"^## `([^`]+)`\n\n\| key(.*?)\n\n", page, re.DOTALL | re.MULTILINE)
    for example in re.findall(r"`([^`]+)` \|$", table, re.MULTILINE)
]

TYPES = dict.fromkeys(
    ("customer_id", "order_id", "amount", "paid", "paid_on", "ordered_at", "booked_at"), "integer"
)
COLUMNS = {
    name: {"description": "x", "nulls": "never"} for name in (*TYPES, "postcode", "event_at", "known_at")
}
RANDOM = {"method": "random", "validation": 0.1, "test": 0.2}
BLOCKS: dict[str, dict[str, Any]] = {
    "ml": {"task": "binary", "label": "y", "key": "id", "split": RANDOM, "slices": ["region"]},
    "feature_view": {"entity": "shop", "keys": "customer_id", "owner": "shops"},
    "raw_contract": {},
}
NEEDED: dict[str, dict[str, Any]] = {
    "ml.split.column": {"split": {"method": "custom"}},
    "ml.features.<name>.constant": {"features": {"x": {"nulls": "constant"}}},
    "ml.features.<name>.nulls": {"features": {"x": {"constant": 0}}},
    "ml.time_budget_seconds": {"estimator": "auto"},
    "ml.tuning.search.<name>.low": {"tuning": {"search": {"num_leaves": {"high": 63}}}},
    "ml.tuning.search.<name>.high": {"tuning": {"search": {"num_leaves": {"low": 7}}}},
    "ml.tuning.search.<name>.log": {"tuning": {"search": {"num_leaves": {"low": 7, "high": 63}}}},
    "ml.retrain.performance.metric": {"retrain": {"performance": {"max": 0.5}}},
    "ml.retrain.performance.min": {"retrain": {"performance": {"metric": "roc_auc"}}},
    "ml.retrain.performance.max": {"retrain": {"performance": {"metric": "log_loss"}}},
    "ml.gates[].metric": {"gates": [{"min": 0.7}]},
    "ml.gates[].max_vs_champion": {"gates": [{"metric": "log_loss"}]},
    "ml.gates[].min_rows": {"gates": [{"metric": "roc_auc", "min": 0.7, "slices": "region"}]},
    "ml.gates[].baseline": {"gates": [{"metric": "roc_auc", "min_gain_over_baseline": 0}]},
    **{
        f"ml.gates[].{key}": {"gates": [{"metric": "roc_auc"}]}
        for key in ("min", "max", "min_gain_over_baseline", "min_gain_over_champion")
    },
    **{
        f"ml.gates[].{key}": {"gates": [{"metric": "roc_auc", "min": 0.7}]}
        for key in ("dataset", "slices", "severity")
    },
    "ml.slices[].feature": {"slices": ["region", {"column": "x"}]},
    "ml.slices[].column": {"slices": ["region", {"feature": True}]},
    "raw_contract.max_bad_share_by_rule": {"required": ["ordered_at"]},
    "raw_contract.rules[].name": {"rules": [{"condition": "true", "reason": "x"}]},
    "raw_contract.rules[].condition": {"rules": [{"name": "x", "reason": "x"}]},
    "raw_contract.rules[].reason": {"rules": [{"name": "x", "condition": "true"}]},
    "raw_contract.rules[].columns": {"rules": [{"name": "x", "condition": "true", "reason": "x"}]},
    **{
        f"raw_contract.weights.{key}": {"weights": dict.fromkeys(("completeness", "accuracy", "validity"), 1)}
        for key in ("completeness", "accuracy", "validity")
    },
    "ml.pin.reason": {"pin": {"version": 1}},
    "ml.ab_test.version": {"ab_test": {"share": 0.1}},
    "ml.ab_test.share": {"ab_test": {"version": 2}},
}


def within(block: dict[str, Any], path: list[str], example: Mapping[str, Any]) -> dict[str, Any]:
    """Return the block with an example at a path: ``gates[]`` is the last of a list, ``<name>`` any name."""
    if not path:
        return {**block, **example}
    key, inner = path[0].removesuffix("[]"), path[1:]
    key = next(iter(block), {"search": "num_leaves"}.get(key, "amount")) if key == "<name>" else key
    if path[0].endswith("[]"):
        *others, last = block.get(key) or [{}]
        return {**block, key: [*others, within(last, inner, example)]}
    return {**block, key: within(block.get(key, {}), inner, example)}


def accept(name: str, block: dict[str, Any]) -> None:
    """Read a block beside others that it may name."""
    if name == "ml":
        parse(block, model_name="m")
        return
    kind = "model" if name == "feature_view" else "source"
    seed = {"file": "a.yml", "kind": "seed", "column_types": TYPES, "blocks": {"raw_contract": {}}}
    nodes = [
        {"name": "block", "file": "a.yml", "kind": kind, "columns": COLUMNS, "blocks": {name: block}},
        {"name": "orders", **seed},
        {"name": "customers", **seed},
    ]
    assert problems_of_blocks(json.dumps(nodes)) == []


@pytest.mark.parametrize("script", ["write.py", "write_macros.py"])
def test_the_pages_are_what_the_command_writes(script: str) -> None:
    assert f"docs/reference/{script}" in (ROOT / "Makefile").read_text()
    for name, text in runpy.run_path(str(FOLDER / script))["written"]().items():
        assert (FOLDER / name).read_text() == text, f"{name} is out of date: run `make reference`"


def test_the_arguments_of_a_macro_are_those_of_its_signature() -> None:
    entries = MACROS.split("\n### `")[1:]
    for entry in entries:
        title, rest = entry.split("`\n", 1)
        name, _, signature = title.removesuffix(")").partition("(")
        table = re.findall(r"^\| `(\w+)` \|", rest.split("\n## ")[0], re.MULTILINE)
        in_signature = re.findall(r"(?:^|, )(\w+)(?==|,|$)", re.sub(r"=[\[{].*?[\]}]", "=x", signature))
        assert table == in_signature, name
    assert len(entries) > 40


def test_every_public_macro_and_generic_test_is_on_the_page() -> None:
    names = set(re.findall(r"^### `(?:materialized=')?(\w+)", MACROS, re.MULTILINE))
    files = [*(ROOT / "macros").rglob("*.sql"), *(ROOT / "tests/dbt/generic").glob("*.sql")]
    declared = {name for file in files for name in re.findall(r"{%-? (?:macro|test) (\w+)", file.read_text())}
    public = {name for name in declared if not re.match(r"_|default__|duckdb__|spark__", name)}
    assert names == public | {"ml_model", "ml_monitor"}


@pytest.mark.parametrize(
    ("path", "example"), CELLS, ids=[f"{path}.{next(iter(each))}" for path, each in CELLS]
)
def test_each_example_of_a_key_is_accepted(path: str, example: dict[str, Any]) -> None:
    name, *inner = path.split(".")
    needed = NEEDED.get(f"{path}.{next(iter(example))}", {})
    accept(name, within({**BLOCKS[name], **needed}, inner, example))


def test_every_key_has_an_example() -> None:
    keys = [
        line for page in PAGES.values() for line in page.splitlines() if re.search(r"\| `\w+: .*` \|$", line)
    ]
    assert len(keys) == len(CELLS) > 40


@pytest.mark.parametrize("name", PAGES)
def test_the_example_of_a_page_is_accepted_by_reader_and_editor(name: str) -> None:
    text, _ = re.findall(r"```yaml\n(.*?)```", PAGES[name], re.DOTALL)
    file = yaml.safe_load(text)
    EDITOR.validate(file)
    ((node,),) = file.values()
    accept(name, node["config"]["meta"][name])
    node["config"]["meta"][name]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="'colour' was unexpected"):
        EDITOR.validate(file)


def test_editors_accept_the_files_of_this_project() -> None:
    files = [path for folder in ("models", "seeds", "dbt_project") for path in (ROOT / folder).rglob("*.yml")]
    for path in files:
        EDITOR.validate(yaml.safe_load(path.read_text()))
    assert len(files) > 40


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ({"params": {"num_leafs": 7}}, "'num_leafs' was unexpected"),
        ({"estimator": "mlp", "params": {"num_leaves": 7}}, "'num_leaves' was unexpected"),
        ({"task": "clustering", "params": {"num_leaves": 7}}, "'num_leaves' was unexpected"),
        ({"gates": [{"metric": "roc", "min": 0.7}]}, "'roc' is not one of"),
        ({"label": None}, "None is not of type 'string'"),
    ],
)
def test_editors_point_at_what_the_reader_rejects(block: dict[str, Any], problem: str) -> None:
    declared = {"name": "m", "config": {"meta": {"ml": {**BLOCKS["ml"], **block}}}}
    with pytest.raises(jsonschema.ValidationError, match=problem):
        EDITOR.validate({"models": [declared]})
    with pytest.raises(ConfigError):
        parse({**BLOCKS["ml"], **block}, model_name="m")
