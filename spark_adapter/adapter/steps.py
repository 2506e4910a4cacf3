"""A query made of steps, of which Spark computes each table once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from threading import Lock
from typing import Any

from dbt.adapters.warehouse_ml_spark.connections import errors_of_dbt

from scoring.spark.tables import path_of

# The parts are views by the names that the steps give them.
_ONE_AT_A_TIME = Lock()


def view_of_steps(spark: Any, steps: Sequence[dict[str, Any]]) -> str:
    """Compute a query whose parts are views of the session meanwhile, and return the name of a view of its rows.

    Parameters
    ----------
    spark
        The session.
    steps
        See `training.data.lineage.Step`. A table is computed once, and so is the last step.
    """
    *parts, last = steps
    name = "rows_" + sha256(json.dumps(steps).encode()).hexdigest()[:16]
    with _ONE_AT_A_TIME, errors_of_dbt():
        for part in parts:
            _make_view(spark, part["name"], part["query"], is_computed=part["is_table"])
        _make_view(spark, name, last["query"], is_computed=True)
        for part in parts:
            spark.catalog.dropTempView(part["name"])
    return name


def _make_view(spark: Any, name: str, query: str, *, is_computed: bool) -> None:
    frame = spark.sql(query)
    if is_computed:
        frame = frame.localCheckpoint()
    frame.createOrReplaceTempView(path_of(name))
