"""Apache Spark as the engine: the session, tables to Arrow and back, the state beside it, and the SQL functions."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["register_models"]


def register_models(spark: SparkSession, *, schemas: Collection[str]) -> None:
    """Register ``ml_predict``, ``ml_predict_class``, ``ml_predict_proba``, ``ml_explain`` and ``ml_mask`` in a session.

    Versions that are appended later are not seen: call it again.

    Parameters
    ----------
    spark
        A session of Spark 4.3, classic or Connect.
    schemas
        The schemas whose models can be called.
    """
    from scoring.spark.functions import register
    from scoring.spark.state import State, version_places
    from scoring.warehouse import Warehouse

    state = State(spark, lambda connection: None)
    state.load(version_places(spark, schemas))
    with state.connection.cursor() as cursor:
        register(spark, Warehouse(cursor))
