"""The views over the run history on tables that a test writes, rendered as dbt renders them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import jinja2
import pyarrow as pa
import yaml
from project import ROOT

VIEWS = (
    "pipeline_runs", "deployments", "scorecard_builds", "scorecard_pipelines", "scorecard_accuracies",
    "scorecard_champions", "scorecard_models", "scorecard_quality", "scorecard_deployments", "scorecard",
    "forecast_runs", "forecast_backtest", "forecast_machine", "resource_forecast",
)  # fmt: skip
TABLES = {
    "monitoring": ("run_events", "pipeline_nodes", "data_quality"),
    "registry": ("model_versions", "model_metrics", "model_decisions"),
}
MACROS = (
    "registry/_text", "time/_microseconds", "time/minutes_between", "runs/_scorecard_weights", "runs/_resource_limit",
    "runs/_robust_forecasts", "runs/_limit_warning",
)  # fmt: skip

INTERNAL = "{% set warehouse_ml = {'_text': default___text, '_microseconds': default___microseconds} %}"


def make(
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    blocks: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> duckdb.DuckDBPyConnection:
    """Return a warehouse whose tables, with the columns of their YAML, hold some rows, and all the views.

    Parameters
    ----------
    blocks
        The block ``scorecard`` of each model of the project.
    limits
        The var ``resource_limits``.
    """
    connection = duckdb.connect()
    for folder, names in TABLES.items():
        for name in names:
            (model,) = yaml.safe_load((ROOT / f"models/{folder}/{name}.yml").read_text())["models"]
            columns = ", ".join(f"{each['name']} {each['data_type']}" for each in model["columns"])
            connection.execute(f"create table {name} ({columns})")
            schema = connection.execute(f"from {name}").to_arrow_table().schema
            connection.register("new_rows", pa.Table.from_pylist(list(rows.get(name, ())), schema=schema))
            connection.execute(f"insert into {name} by name from new_rows")
    environment = _environment(blocks or {}, limits or {})
    macros = "".join((ROOT / f"macros/{name}.sql").read_text() for name in MACROS)
    for name in VIEWS:
        text = (ROOT / f"models/monitoring/{name}.sql").read_text()
        sql = environment.from_string(f"{macros}{INTERNAL}{text}").render()
        connection.execute(f"create view {name} as {sql}")
    return connection


class _Relation(str):
    def render(self) -> str:
        return str(self)


class Refused(Exception):
    """What dbt raises where a macro refuses."""


class _Exceptions:
    def raise_compiler_error(self, message: str) -> None:
        raise Refused(message)


def _environment(blocks: Mapping[str, Any], limits: Mapping[str, Any]) -> jinja2.Environment:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"])
    nodes = {
        f"model.own.{name}": {
            "name": name,
            "alias": name,
            "original_file_path": f"models/{name}.yml",
            "config": {"materialized": "ml_model", "meta": {"scorecard": block}},
        }
        for name, block in blocks.items()
    }
    environment.globals |= {
        "execute": True,
        "ref": _Relation,
        "config": lambda **_: "",
        "var": lambda name, default=None: limits if name == "resource_limits" else default,
        "graph": {"nodes": nodes},
        "exceptions": _Exceptions(),
    }
    return environment
