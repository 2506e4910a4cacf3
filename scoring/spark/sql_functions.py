"""The SQL form of each champion as functions in the metastore, for clients of Spark without Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scoring import registry
from scoring.decisions import champion
from scoring.errors import WarehouseMLError
from scoring.loading import contents
from scoring.places import literal, quoted
from scoring.signature import Signature
from scoring.spark.sql_form import parameters, translated
from scoring.sql_forms import OURS, expressions
from scoring.warehouse import Relation, Warehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LARGEST_FORM = 400_000
"""Characters. Spark analyses a form in every query that calls it: one of this size takes it several seconds."""


def write(spark: SparkSession, warehouse: Warehouse) -> list[str]:
    """Keep the SQL form of every champion as functions beside its versions, and return what to report.

    ``<model>_sql`` gives what ml_predict gives, ``<model>_raw_sql`` the raw score. Their parameters are the features,
    each with its name: Spark casts a struct by the places of its fields, and would take one feature for another.

    Parameters
    ----------
    warehouse
        Has the tables of versions and decisions.
    """
    return [
        f"There is no function {table}_sql in Spark: {problem}; ml_predict scores with version "
        f"{champion(warehouse, table)}."
        for table in registry.version_tables(warehouse)
        for problem in _write(spark, warehouse, table)
    ]


def _write(spark: SparkSession, warehouse: Warehouse, table: Relation) -> Iterator[str]:
    """Write or drop the functions of one model, and yield why there are none."""
    from pyspark.errors import PySparkException

    version = champion(warehouse, table)
    present = _present(spark, table)
    wanted: dict[str, str] = {}
    comment = ""
    try:
        if version is not None:
            row = registry.version_row(warehouse, table, version)
            form = contents(warehouse, row).sql_form
            comment = f"{OURS}{version} of {table.name}, SHA-256 {row.artifact_sha256}"
            signature = Signature.from_row(row.signature)
            wanted = {} if form is None else expressions(table.name, form)
            if any(len(text) > LARGEST_FORM for text in wanted.values()):
                yield f"its SQL form has more than {LARGEST_FORM:,} characters"
                wanted = {}
        for name, text in wanted.items():
            if present.get(name) != comment:
                body = translated(text, signature, name)
                spark.sql(
                    f"create or replace function {_name(table, name)}({parameters(signature)}) returns double "
                    f"comment {literal(comment)} return {body}"
                )
    except WarehouseMLError as error:
        yield str(error)
    except PySparkException as error:
        yield str(error).splitlines()[0]
        wanted = {}
    for name, text in present.items():
        if name not in wanted and text.startswith(OURS):
            spark.sql(f"drop function if exists {_name(table, name)}")


def _present(spark: SparkSession, table: Relation) -> dict[str, str]:
    """Return the comments of the functions of a model that are there."""
    comments = {}
    for name in (f"{table.name}_raw_sql", f"{table.name}_sql"):
        path = _name(table, name)
        if spark.catalog.functionExists(path):
            rows = spark.sql(f"describe function extended {path}").collect()
            lines = [row[0] for row in rows if row[0].startswith("Comment:")]
            comments[name] = "".join(lines).removeprefix("Comment:").strip()
    return comments


def _name(table: Relation, name: str) -> str:
    return f"{quoted(table.schema)}.{quoted(name)}"
