"""The SQL form of each champion as functions in the metastore, for clients of Spark without Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import md5
from typing import TYPE_CHECKING

from scoring import registry
from scoring.decisions import champion
from scoring.errors import WarehouseMLError
from scoring.loading import contents
from scoring.places import literal
from scoring.signature import Signature
from scoring.spark.sql_form import parameters, translated
from scoring.spark.tables import path_of
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

    wanted: set[str] = set()
    try:
        row, form = _champion(warehouse, table)
        if row is not None and form is not None:
            texts = expressions(table.name, form)
            if any(len(text) > LARGEST_FORM for text in texts.values()):
                yield f"its SQL form has more than {LARGEST_FORM:,} characters"
            else:
                _create(spark, table, row, texts)
                wanted = {*texts}
    except WarehouseMLError as error:
        yield str(error)
    except (
        PySparkException
    ) as error:  # of a form that nests too deeply, and whatever else Spark does not take
        yield str(error).splitlines()[0]
    for name, comment in functions_of(spark, table).items():
        if name not in wanted and comment.startswith(OURS):
            spark.sql(f"drop function if exists {path_of(table.schema, name)}")


def _champion(
    warehouse: Warehouse, table: Relation
) -> tuple[registry.VersionRow | None, Mapping[str, str] | None]:
    """Return the version that scores, and its form."""
    version = champion(warehouse, table)
    if version is None:
        return None, None
    row = registry.version_row(warehouse, table, version)
    return row, contents(warehouse, row).sql_form


def _create(spark: SparkSession, table: Relation, row: registry.VersionRow, texts: Mapping[str, str]) -> None:
    """Write those functions that are not there as they are to be."""
    there = functions_of(spark, table)
    signature = Signature.from_row(row.signature)
    for name, text in texts.items():
        body = translated(text, signature, name)
        digest = md5(body.encode(), usedforsecurity=False).hexdigest()
        comment = f"{OURS}{row.version} of {table.name}, SHA-256 {row.artifact_sha256}, definition {digest}"
        if there.get(name) != comment:
            spark.sql(
                f"create or replace function {path_of(table.schema, name)}({parameters(signature)}) "
                f"returns double comment {literal(comment)} return {body}"
            )


def functions_of(spark: SparkSession, table: Relation) -> dict[str, str]:
    """Return the comments of the functions of a model that are there."""
    comments = {}
    for name in (f"{table.name}_raw_sql", f"{table.name}_sql"):
        if spark.catalog.functionExists(path_of(table.schema, name)):
            rows = spark.sql(f"describe function extended {path_of(table.schema, name)}").collect()
            lines = [row[0] for row in rows if row[0].startswith("Comment:")]
            comments[name] = "".join(lines).removeprefix("Comment:").strip()
    return comments
