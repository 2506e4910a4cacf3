"""Write the pages of this folder and the JSON Schema for editors, from the models that read the blocks.

`make reference` runs it; a test compares what it writes with what is here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from training.declared.feature_view import NULL_RULES, FeatureView
from training.declared.ml_monitor import MonitorSpec
from training.declared.problems import json_schema, plain, rule
from training.declared.raw_contract import RawContract
from training.declared.schema import Part, Schema
from training.declared.settings import params_model
from training.declared.spec import DEFAULT_ESTIMATORS, SUPERVISED, ModelSpec
from training.estimators import ESTIMATORS

FOLDER = Path(__file__).parent
NOTE = "<!-- Written by `make reference` from the models that read the block; edit those. -->"
EDITORS = """A wrong block is rejected with all that is wrong with it, each problem with its path. Editors
with a YAML language server complete and check the block where the file begins with this line:

```yaml
# yaml-language-server: $schema=../dbt_packages/warehouse_ml/docs/reference/warehouse_ml.schema.json
```"""
ML = """models:
  - name: churn
    config:
      meta:
        ml:
          task: binary
          label: is_churned
          key: customer_id
          time: seen_at
          split: {method: sequential, validation: 0.1, test: 0.2}
          slices: [plan, {column: sex, feature: false}]
          gates:
            - {metric: roc_auc, min: 0.7, slices: plan}
            - {metric: log_loss, max_vs_champion: 1.01, severity: warn}
          pin: {version: 1, reason: audit}
"""
VIEW = """models:
  - name: customer_orders
    config:
      meta:
        feature_view: {entity: customer, keys: [customer_id], ttl: 30 day, owner: pricing team}
    columns:
      - name: customer_id
        description: Key of the customer.
      - name: orders_7d
        description: Orders of the last seven days.
        config: {meta: {nulls: never}}
      - name: event_at
        description: When the last order was made.
      - name: known_at
        description: When it was booked.
"""
CONTRACT = """seeds:
  - name: orders
    config:
      column_types: {order_id: integer, amount: integer, ordered_at: timestamp}
      meta:
        raw_contract:
          key: [order_id]
          required: [ordered_at]
          ranges:
            amount: {min: 0, max: 1000}
          max_bad_share: 0.01
"""
MONITOR = """models:
  - name: churn_monitor
    config:
      materialized: ml_monitor
      meta:
        ml_monitor:
          model: churn
          period: week
          slices: [plan]
          prediction: probability
          thresholds:
            psi: {warn: 0.2, drift: 0.4}
    data_tests:
      - warehouse_ml.has_no_drift:
          arguments: {level: warn, kinds: prediction}
          config: {severity: warn}
"""
PAGES: dict[str, tuple[type[Part], str, str]] = {
    "ml": (
        ModelSpec,
        "What a model learns and which version may score: its `config: meta: ml:`.",
        ML,
    ),
    "feature_view": (
        FeatureView,
        "What makes a model, seed or snapshot a feature view: its `config: meta: feature_view:`. Each of its "
        f"features says under `config: meta: nulls:` what a null means, one of {', '.join(NULL_RULES)}.",
        VIEW,
    ),
    "raw_contract": (
        RawContract,
        "What the rows of a seed or of a source's table must keep to: its `config: meta: raw_contract:`.",
        CONTRACT,
    ),
    "ml_monitor": (
        MonitorSpec,
        "What a monitor measures of which model: its `config: meta: ml_monitor:`. See [monitoring](../monitoring.md).",
        MONITOR,
    ),
}


def written() -> dict[str, str]:
    """Return the files of this folder that are written, by name."""
    pages = {f"{name}.md": "\n".join(_page(name)) + "\n" for name in PAGES}
    return {**pages, "warehouse_ml.schema.json": json.dumps(_editor_schema(), indent=2) + "\n"}


def _page(name: str) -> Iterator[str]:
    model, introduction, example = PAGES[name]
    yield from (f"# `{name}`", "", NOTE, "", introduction, "", "```yaml", f"{example}```", "")
    yield from (*EDITORS.splitlines(), "")
    yield from _section(name, json_schema(model), json_schema(model))
    if name == "ml":
        yield "A setting without a default here has that of the estimator's library; for those that depend on"
        yield "task and rows see [the decision](../decisions/0013-defaults.md)."
        yield ""
        for estimator in ESTIMATORS:
            yield from _settings(estimator)


def _section(path: str, node: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield the table of a block, and those of the blocks in it."""
    yield from (f"## `{path}`", "", "| key | value | default | meaning | example |", "|---|---|---|---|---|")
    inner: list[tuple[str, str]] = []
    for key, value in node["properties"].items():
        default = "required" if key in node.get("required", ()) else _default(value.get("default"))
        meaning = " ".join(str(value.get("description", "")).split())
        example = f"`{key}: {plain(value['examples'][0])}`"
        yield f"| `{key}` | {rule(_followed(value, schema))} | {default} | {meaning} | {example} |"
        inner += [(f"{path}.{key}{suffix}", name) for suffix, name in _references(value)]
    yield ""
    for inner_path, name in inner:
        yield from _section(inner_path, schema["$defs"][name], schema)


def _references(node: Mapping[str, Any], suffix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the blocks that the value of a key may be or hold."""
    if "$ref" in node:
        yield suffix, str(node["$ref"]).rpartition("/")[2]
    for member in node.get("anyOf", ()):
        yield from _references(member, suffix)
    if "items" in node:
        yield from _references(node["items"], f"{suffix}[]")
    if isinstance(node.get("additionalProperties"), dict):
        yield from _references(node["additionalProperties"], f"{suffix}.<name>")


def _followed(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in node:
        return {**schema["$defs"][str(node["$ref"]).rpartition("/")[2]], **node}
    return {**node, "anyOf": [_followed(each, schema) for each in node["anyOf"]]} if "anyOf" in node else node


def _default(value: object) -> str:
    return "" if value in (None, [], {}) else f"`{plain(value)}`"


def _settings(name: str) -> Iterator[str]:
    estimator = ESTIMATORS[name]
    scaled = {setting for task in estimator.tasks for setting in estimator.scaled(task, 1000)}
    yield from (f"## `ml.params` of {name}", "", f"For {', '.join(sorted(estimator.tasks))}.", "")
    yield from ("| setting | value | default | tuned unless `search` is set |", "|---|---|---|---|")
    for key, node in json_schema(params_model(name))["properties"].items():
        default = "by task and rows" if key in scaled else _default(estimator.defaults.get(key))
        meaning = f": {node['description']}" if "description" in node else ""
        is_tuned = "yes" if key in estimator.search_space else ""
        yield f"| `{key}` | {rule(node)}{meaning} | {default} | {is_tuned} |"
    yield ""


def _editor_schema() -> dict[str, Any]:
    """Return the JSON Schema of a dbt properties file, as far as the blocks in it go."""
    models = [(model, "validation") for model, *_ in PAGES.values()]
    _, schema = models_json_schema(models, schema_generator=Schema)  # type: ignore[arg-type]
    definitions = schema["$defs"]
    definitions["ModelSpec"]["allOf"] = [*_params_by_estimator()]
    meta = {name: {"$ref": f"#/$defs/{model.__name__}"} for name, (model, *_) in PAGES.items()}
    nulls = {"nulls": {"enum": list(NULL_RULES), "description": "What a null of the feature means."}}
    columns = {"columns": {"items": _with_meta(nulls)}}

    def listed(*blocks: str) -> dict[str, Any]:
        return {"items": _with_meta({name: meta[name] for name in blocks}, columns)}

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The blocks of warehouse-ml in a dbt properties file",
        "type": "object",
        "properties": {
            "models": listed("ml", "feature_view", "ml_monitor"),
            "seeds": listed("raw_contract", "feature_view"),
            "snapshots": listed("feature_view"),
            "sources": {"items": {"properties": {"tables": listed("raw_contract")}}},
        },
        "$defs": definitions,
    }


def _with_meta(blocks: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    meta = {"properties": {"meta": {"properties": dict(blocks)}}}
    return {"properties": {"config": meta, **(more or {})}}


def _params_by_estimator() -> Iterator[dict[str, Any]]:
    """Yield for each estimator that `params` has its settings, also where a task has it by default."""
    for name in ESTIMATORS:
        tasks = [task for task, default in DEFAULT_ESTIMATORS.items() if default == name]
        by_name = {"required": ["estimator"], "properties": {"estimator": {"const": name}}}
        tasks += SUPERVISED if name == "lightgbm" else ()
        by_task = {"not": {"required": ["estimator"]}, "properties": {"task": {"enum": tasks}}}
        then = {"properties": {"params": dict(json_schema(params_model(name)))}}
        yield {"if": {"anyOf": [by_name, *([by_task] if tasks else [])]}, "then": then}


if __name__ == "__main__":
    for file, text in written().items():
        (FOLDER / file).write_text(text, encoding="utf-8")
