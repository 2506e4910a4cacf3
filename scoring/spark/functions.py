"""``ml_predict``, ``ml_predict_class`` and ``ml_predict_proba`` in a Spark session, as Arrow functions.

They take the versions along that are there when they are registered, so that workers ask nobody; whoever appends a
version or a decision registers them anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from scoring import loading, registry
from scoring.decisions import champion
from scoring.errors import WarehouseMLError
from scoring.spark.scoring_worker import Models, PackedModel, PackedVersion, score
from scoring.warehouse import Relation, Warehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TYPES = {"ml_predict": "double", "ml_predict_class": "string", "ml_predict_proba": "map<string,double>"}
"""The functions, and the types of their values."""
VERSIONS = 8
"""How many versions of a model can be called, the newest and the champion: each travels with every query."""


def register(spark: SparkSession, warehouse: Warehouse) -> None:
    """Register the functions in a session, in place of those of before.

    Parameters
    ----------
    warehouse
        Has the tables of versions and decisions.
    """
    from pyspark.sql.functions import arrow_udf  # type: ignore[attr-defined] # lacking in its stubs

    models = Models(tuple(_packed(warehouse, table) for table in registry.version_tables(warehouse)))
    for name, kind in TYPES.items():
        spark.udf.register(name, arrow_udf(_function(models, name), kind))


def _function(models: Models, name: str):  # type: ignore[no-untyped-def] # the types of Arrow are read at run time
    import pyarrow as pa

    call = partial(score, models, name)

    def function(model: pa.Array, features: pa.Array) -> pa.Array:
        return call(model, features)

    function.__name__ = name
    function.__annotations__ = {"model": pa.Array, "features": pa.Array, "return": pa.Array}
    return function


def _packed(warehouse: Warehouse, table: Relation) -> PackedModel:
    scoring = champion(warehouse, table)
    numbers = registry.numbers(warehouse, table)
    wanted = sorted({*numbers[-VERSIONS:], *([scoring] if scoring in numbers else [])})
    versions = dict(_versions(warehouse, table, wanted))
    return PackedModel(table.schema, table.name, scoring, tuple(numbers), versions)


def _versions(
    warehouse: Warehouse, table: Relation, numbers: list[int]
) -> Iterator[tuple[int, PackedVersion]]:
    """Yield the versions that are sound; calling another says that it cannot be called."""
    for number in numbers:
        try:
            row = registry.version_row(warehouse, table, number)
            artifact = loading.contents(warehouse, row).artifact
        except WarehouseMLError:
            continue
        yield number, PackedVersion(row.name, row.task, dict(row.signature), artifact, row.artifact_sha256)
