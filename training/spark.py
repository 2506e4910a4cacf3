"""What a node of materialization ``ml_model`` does on Spark: fetch the rows, and train on the driver as on DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb

from scoring.spark.tables import arrow_of
from scoring.warehouse import Relation
from training.errors import QueryError
from training.materialize import build, materialize_python
from training.python_model import Returned

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


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
        ``details`` and ``notices``, see `training.materialize.OUTCOME`.
    """
    options = dict(request)
    query, relation = options.pop("query"), options.pop("relation")
    versions = Relation(*relation)

    def rows() -> Returned:
        from pyspark.errors import PySparkException

        try:
            return Returned(cursor.from_arrow(arrow_of(spark.sql(query))))
        except PySparkException as error:
            raise QueryError.refused(versions.name, str(error).splitlines()[0]) from error

    def load(name: str) -> duckdb.DuckDBPyRelation:
        return cursor.from_arrow(arrow_of(spark.table(name)))

    if "source" in options:
        materialize_python(cursor, load=load, query=query, relation=relation, **options)
    else:
        build(cursor, versions, rows, **options)
    ((details, notices),) = cursor.execute(f'select details, notices from "{options["outcome"]}"').fetchall()
    cursor.execute(f'drop table "{options["outcome"]}"')
    return {"details": details, "notices": notices or []}
