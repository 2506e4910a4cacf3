"""What a node of materialization ``ml_model`` does on Spark: train on the driver as on DuckDB, or in the executors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from scoring.spark.messages import errors_of_spark, message_of
from scoring.spark.tables import arrow_of
from scoring.warehouse import Relation
from training.declared import config as configuration
from training.declared.spec import ModelSpec
from training.errors import QueryError
from training.materialize import Rows, build, materialize_python
from training.python_model import Returned
from training.sql import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

MOST_ROWS = 5_000_000
"""Training rows up to which the driver holds them, unless the block says otherwise."""
IN_EXECUTORS = "lightgbm"
"""The estimator that can be trained where the rows are."""


def build_model(
    spark: SparkSession, cursor: duckdb.DuckDBPyConnection, request: Mapping[str, Any]
) -> dict[str, Any]:
    """Train a model if anything changed, judge its versions, and append version and decision to the state.

    Parameters
    ----------
    spark
        The session, which the training query runs in.
    cursor
        Of the DuckDB beside it, with the tables of versions and decisions.
    request
        See `training.materialize.build`; with ``query`` and ``relation``, and for a Python model ``source``.

    Returns
    -------
    dict
        ``details`` and ``notices``, see `training.decide.Outcome`.
    """
    options = dict(request)
    query, relation = options.pop("query"), options.pop("relation")
    versions = Relation(*relation)

    def load(name: str) -> duckdb.DuckDBPyRelation:
        return cursor.from_arrow(arrow_of(spark.table(name)))

    if "source" in options:
        done = materialize_python(cursor, load=load, query=query, relation=relation, **options)
    else:
        with _rows(spark, cursor, query, versions, options["config"]) as rows:
            done = build(cursor, versions, rows, **options)
    return {"details": done.details, "notices": done.notices}


@contextmanager
def _rows(
    spark: SparkSession,
    cursor: duckdb.DuckDBPyConnection,
    query: str,
    versions: Relation,
    config: Mapping[str, Any] | None,
) -> Iterator[Rows]:
    """Give what fetches the rows of a training query, or leaves them in Spark until the model is trained."""
    from training.distributed.rows import RowsInSpark

    kept: list[RowsInSpark] = []

    def rows() -> Returned:
        spec = configuration.parse(config, model_name=versions.name, is_trained=True)
        try:
            frame = spark.sql(query)
            if not _may_stay(spec):
                return Returned(cursor.from_arrow(arrow_of(frame)))
            kept.append(RowsInSpark(spark, frame, model=versions.name))
            if spec.distributed or _training_rows(kept[0].frame, spec) > MOST_ROWS:
                return Returned(cursor.from_arrow(kept[0].empty()), whole=kept[0])
            return Returned(cursor.from_arrow(arrow_of(kept[0].frame)))
        except errors_of_spark() as error:
            reason = message_of(error).partition("\n")[0]
            raise QueryError.refused(versions.name, reason) from error

    try:
        yield rows
    finally:
        for each in kept:
            each.close()


def _may_stay(spec: ModelSpec) -> bool:
    return spec.distributed is not False and spec.estimator == IN_EXECUTORS and spec.tuning is None


def _training_rows(frame: DataFrame, spec: ModelSpec) -> int:
    """Return how many rows are in the training part, about."""
    split = spec.split
    column = split.column or ""
    if split.method == "custom" and column.lower() in map(str.lower, frame.columns):
        return int(frame.filter(f"{quoted(column)} = 'train'").count())
    return round(frame.count() * (1 - float(split.validation) - float(split.test)))
