"""What builds keep beside dbt's nodes on Spark: versions, decisions, the history of runs.

These tables are small, and all that reads and writes them speaks DuckDB. So a private DuckDB in memory holds copies of
them while a build runs, and what is written there goes to the tables of Spark, rows that are new as an append.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import RLock
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from scoring.decisions import TABLE as DECISIONS
from scoring.errors import SparkError
from scoring.places import quoted
from scoring.registry import MARKS
from scoring.spark.tables import arrow_of, frame_of, name_of, path_of
from scoring.warehouse import SETTINGS, Relation, Warehouse

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Place = tuple[str, str]
"""Schema and name of a table."""


@dataclass(frozen=True)
class Saved:
    """What of a table is in Spark already."""

    rows: int = 0
    digest: int | None = None
    is_there: bool = False


class State:
    """The private DuckDB of a process, and what of it is in Spark.

    Parameters
    ----------
    spark
        The session.
    prepare
        Registers functions on the connection.
    """

    def __init__(self, spark: SparkSession, prepare: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        self._spark = spark
        self._lock = RLock()
        self._saved: dict[Place, Saved] = {}
        self._schemas: set[str] = set()
        self.connection = duckdb.connect()
        self.connection.execute(SETTINGS)
        prepare(self.connection)

    def load(self, places: Iterable[Place]) -> None:
        """Copy tables from Spark that are there and not copied yet."""
        with self._lock:
            for place in places:
                if place in self._saved:
                    continue
                if not self._spark.catalog.tableExists(path_of(*place)):
                    self._recover(place)
                if self._spark.catalog.tableExists(path_of(*place)):
                    self._copy(place)
                    self._saved[place] = self._now(place)
                else:
                    self._saved[place] = Saved()

    def make_schemas(self, names: Iterable[str]) -> None:
        """Make schemas here that are not there yet: nodes that run at once would be in each other's way."""
        with self._lock:
            for name in sorted(set(names) - self._schemas):
                self.connection.execute(f"create schema if not exists {quoted(name)}")
                self._schemas.add(name)

    def columns(self, place: Place) -> list[str]:
        """Return the names of the columns of a table; none where it is not there."""
        self.load([place])
        with self.connection.cursor() as cursor:
            return Warehouse(cursor).columns(Relation(None, *place))

    def borrow(self, places: Iterable[Place]) -> None:
        """Copy tables anew that are only read."""
        with self._lock:
            for place in places:
                if place in self._saved or self._is_view(place):
                    continue
                if self._spark.catalog.tableExists(path_of(*place)):
                    self._copy(place)

    def _is_view(self, place: Place) -> bool:
        rows = self.connection.execute(
            "select 1 from duckdb_views() where schema_name = ? and view_name = ?", list(place)
        ).fetchall()
        return bool(rows)

    def save(self) -> list[Place]:
        """Write to Spark what changed here since the last time, and return the tables that changed.

        Decisions come last: a version without one is judged by the next build. Where another build has decided
        meanwhile, nothing is written.

        Raises
        ------
        scoring.errors.SparkError
            See `_check_unchanged`.
        """
        with self._lock:
            changed = [place for place in self._places() if self._saved[place] != self._now(place)]
            for place in changed:
                self._check_unchanged(place)
            for place in changed:
                self._save(place)
        return changed

    def _places(self) -> list[Place]:
        rows = self.connection.execute(
            "select schema_name, table_name from duckdb_tables() where not temporary and not internal order by all"
        ).fetchall()
        places = [(schema, table) for schema, table in rows if (schema, table) in self._saved]
        return sorted(places, key=lambda place: place[1] == DECISIONS)

    def _save(self, place: Place) -> None:
        before, now = self._saved[place], self._now(place)
        self._spark.sql(f"create schema if not exists {path_of(place[0])}")
        is_appended = before.is_there and self._digest(place, before.rows) == before.digest
        first = before.rows if is_appended else 0
        rows = self.connection.execute(
            f"select * from {name_of(*place)} where rowid >= {first} order by rowid"
        ).to_arrow_table()
        frame = frame_of(self._spark, rows).coalesce(1)
        self._check_unchanged(place)
        if before.is_there and not is_appended:
            self._write_whole(place, frame)
        else:
            self._append(place, frame)
        self._saved[place] = now

    def publish(self, place: Place) -> None:
        """Make a table of Spark of a relation that is here, in one step; drop it there if it is not here."""
        with self.connection.cursor() as cursor:
            kinds = dict(
                cursor.execute(
                    "select table_name, table_type from information_schema.tables where table_schema = ?",
                    [place[0]],
                ).fetchall()
            )
            if place[1] not in kinds:
                self._spark.sql(f"drop table if exists {name_of(*place)}")
                return
            rows = cursor.execute(f"from {name_of(*place)}").to_arrow_table()
            self._spark.sql(f"create schema if not exists {path_of(place[0])}")
            self._write_whole(place, frame_of(self._spark, rows).coalesce(1))
            if kinds[place[1]] != "VIEW":
                cursor.execute(f"drop table {name_of(*place)}")

    def _append(self, place: Place, frame: DataFrame) -> None:
        """Append rows to a table, which is made if it is not there.

        It is made without rows: files of a table that is not there yet would be in the way of the next build.
        """
        if not self._spark.catalog.tableExists(path_of(*place)):
            self._spark.catalog.createTable(path_of(*place), source="parquet", schema=frame.schema)
        frame.write.insertInto(path_of(*place))

    def _write_whole(self, place: Place, frame: DataFrame) -> None:
        """Write a table anew under another name, under which `_recover` finds it, and let it take its place."""
        written = _written(place)
        self._spark.sql(f"drop table if exists {name_of(*written)}")
        self._append(written, frame)
        self._spark.sql(f"drop table if exists {name_of(*place)}")
        self._spark.sql(f"alter table {name_of(*written)} rename to {name_of(*place)}")

    def _recover(self, place: Place) -> None:
        """Let a table take its place that was written whole when the process was killed."""
        written = _written(place)
        if self._spark.catalog.tableExists(path_of(*written)):
            self._spark.sql(f"alter table {name_of(*written)} rename to {name_of(*place)}")

    def _is_guarded(self, place: Place) -> bool:
        """Return whether a table says which version scores: decisions, and versions."""
        return place[1] == DECISIONS or "artifact" in self.columns(place)

    def _check_unchanged(self, place: Place) -> None:
        """Check that no other build has written to a table of versions or decisions since it was copied.

        Raises
        ------
        scoring.errors.SparkError
            If one has: what this build decided, it decided without knowing of that.
        """
        if not self._is_guarded(place):
            return
        before, path = self._saved[place].rows, path_of(*place)
        there = 0
        if self._spark.catalog.tableExists(path):
            self._spark.catalog.refreshTable(path)
            there = self._spark.table(path).count()
        if there != before:
            raise SparkError.changed_meanwhile(".".join(place), there - before)

    def _copy(self, place: Place) -> None:
        rows = arrow_of(self._spark.table(path_of(*place)))
        self.put(place, rows)

    def put(self, place: Place, rows: pa.Table) -> None:
        """Make a table of rows here."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"create schema if not exists {quoted(place[0])}")
            cursor.register("rows_of_spark", rows)
            cursor.execute(f"create or replace table {name_of(*place)} as from rows_of_spark")
            cursor.unregister("rows_of_spark")

    def _now(self, place: Place) -> Saved:
        ((rows,),) = self.connection.execute(
            f"select coalesce(max(rowid) + 1, 0) from {name_of(*place)}"
        ).fetchall()
        return Saved(rows, self._digest(place, rows), True)

    def _digest(self, place: Place, rows: int) -> int | None:
        ((digest,),) = self.connection.execute(
            f"select bit_xor(hash(each, rowid)) from {name_of(*place)} as each where rowid < {rows}"
        ).fetchall()
        return None if digest is None else int(digest)


def _written(place: Place) -> Place:
    return place[0], f"{place[1]}__written_anew"


def version_places(spark: SparkSession, schemas: Iterable[str]) -> list[Place]:
    """Return the tables of versions and of decisions in some schemas of Spark, by their columns."""
    places = []
    for schema in schemas:
        for row in spark.sql(f"show tables in {path_of(schema)}").collect():
            if row["isTemporary"]:  # views of the session, which every schema lists
                continue
            place = (schema, row["tableName"])
            columns = {*spark.table(path_of(*place)).columns}
            if columns >= MARKS or (place[1] == DECISIONS and "sequence" in columns):
                places.append(place)
    return places
