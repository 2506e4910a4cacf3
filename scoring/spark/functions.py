"""``ml_predict`` and its kin, ``ml_explain`` and ``ml_mask`` in a Spark session, as Arrow functions.

They take the versions along that are there when they are registered, so that workers ask nobody; whoever appends a
version or a decision registers them anew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from scoring import loading, registry
from scoring.decisions import champion
from scoring.errors import MaskKeyError, WarehouseMLError
from scoring.masking import MASK, key_of
from scoring.spark.masking_worker import Key, mask
from scoring.spark.scoring_worker import Models, PackedModel, PackedVersion, score
from scoring.warehouse import Relation, Warehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXPLAIN = "ml_explain"
TYPES = {
    "ml_predict": "double",
    "ml_predict_class": "string",
    "ml_predict_proba": "map<string,double>",
    EXPLAIN: "map<string,double>",
}
"""The functions of models, and the types of their values."""
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

    explained = Models(tuple(_packed(warehouse, table) for table in registry.version_tables(warehouse)))
    models = Models(tuple(map(_without_text, explained.models)))
    for name, kind in TYPES.items():
        call = partial(score, explained if name == EXPLAIN else models, name)
        spark.udf.register(name, arrow_udf(_function(name, call), kind))
    spark.udf.register(MASK, arrow_udf(_function(MASK, partial(mask, _key())), "string"))


def _function(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with the types of Arrow, which Spark reads at run time."""
    import pyarrow as pa

    def function(*arguments: pa.Array) -> pa.Array:
        return call(*arguments)

    function.__name__ = name
    function.__annotations__ = {"arguments": pa.Array, "return": pa.Array}
    return function


def _key() -> Key:
    """Return the key of masks that this process has; it travels with the function, and stands in no setting."""
    try:
        return Key(key_of(os.environ))
    except MaskKeyError as error:
        return Key(None, str(error))


def _without_text(model: PackedModel) -> PackedModel:
    """Return a model without the text of its versions, which only explanations read."""
    versions = {number: replace(version, native_model=None) for number, version in model.versions.items()}
    return replace(model, versions=versions)


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
            held = loading.contents(warehouse, row)
        except WarehouseMLError:
            continue
        yield (
            number,
            PackedVersion(
                row.name,
                row.task,
                dict(row.signature),
                held.artifact,
                row.artifact_sha256,
                row.estimator,
                held.native_model,
            ),
        )
