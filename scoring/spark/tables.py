"""Rows on their way between Spark and Arrow."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from scoring.places import quoted

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_SIGNED = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
}


def name_of(schema: str, table: str) -> str:
    """Return the name of a table as SQL has it."""
    return f"{quoted(schema)}.{quoted(table)}"


def path_of(*parts: str) -> str:
    """Return the name of a table or view as the writers of Spark take it."""
    return ".".join(f"`{part.replace('`', '``')}`" for part in parts)


def arrow_of(frame: DataFrame) -> pa.Table:
    """Return all rows of a frame, instants as timestamps in UTC without a zone."""
    rows: pa.Table = frame.toArrow()
    zoned = {
        field.name for field in rows.schema if pa.types.is_timestamp(field.type) and field.type.tz is not None
    }
    for place, field in enumerate(rows.schema):
        if field.name in zoned:
            naive = rows.column(place).cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
            rows = rows.set_column(place, field.name, naive)
    return rows


def frame_of(spark: SparkSession, rows: Any) -> DataFrame:
    """Return what the function ``model`` of a Python model gives as a frame of Spark.

    Parameters
    ----------
    rows
        A frame of Spark, an Arrow table, a relation of DuckDB, or a frame of pandas.
    """
    if isinstance(rows, duckdb.DuckDBPyRelation):
        rows = rows.to_arrow_table()
    if isinstance(rows, pa.Table):
        rows = rows.cast(pa.schema([(field.name, _type_for_spark(field.type)) for field in rows.schema]))
        if not len(rows):  # of which Spark makes no frame
            from pyspark.sql.pandas.types import from_arrow_schema

            return spark.createDataFrame([], from_arrow_schema(rows.schema, prefer_timestamp_ntz=True))
    elif hasattr(rows, "sparkSession"):
        frame: DataFrame = rows
        return frame
    frame = spark.createDataFrame(rows)
    return frame


@cache
def spark_type(data_type: str) -> str:
    """Return what Spark calls a type of DuckDB, as the YAML of models has it; a type that is Spark's stays."""
    from pyspark.sql.pandas.types import from_arrow_type

    with duckdb.connect() as scratch:
        try:
            kind = scratch.sql(f"select cast(null as {data_type}) as value").to_arrow_table().schema[0].type
        except duckdb.Error:
            return data_type
    return str(from_arrow_type(_type_for_spark(kind), prefer_timestamp_ntz=True).simpleString())


def _type_for_spark(kind: pa.DataType) -> pa.DataType:
    """Return the type that Spark has for a type of Arrow that it does not take."""
    if pa.types.is_dictionary(kind):
        return _type_for_spark(kind.value_type)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if pa.types.is_list(kind):
        return pa.list_(_type_for_spark(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([(field.name, _type_for_spark(field.type)) for field in kind.fields])
    if pa.types.is_map(kind):
        return pa.map_(_type_for_spark(kind.key_type), _type_for_spark(kind.item_type))
    return _SIGNED.get(kind, kind)
