"""The warehouse as training, scoring and the registry need it: a small port, and DuckDB behind it.

A second engine gives another class with the methods of `Warehouse`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from scoring.errors import DatabaseNameError, LockedWarehouseError, NoWarehouseError
from scoring.places import literal, quoted

MAGIC = b"DUCK"
"""What a database file has at its ninth byte; see the page on storage in DuckDB's documentation."""
SETTINGS = """
-- Else an instant with a time zone is another timestamp wherever a machine's clock is set otherwise.
set global TimeZone = 'UTC';
-- Else an as-of join is one by nested loops where its left side is taken for a handful of rows, as DuckDB
-- takes any number of rows that a subquery filters.
set global asof_loop_join_threshold = 0;
"""
"""What every connection to a warehouse sets."""
SCHEMAS = frozenset(
    (
        "features",
        "intermediate",
        "marts",
        "ml",
        "monitoring",
        "raw",
        "staging",
        "information_schema",
        "pg_catalog",
    )
)
"""The schemas that SQL names without a database: a database may not be called like one of them."""

CONNECTION_VARIABLE = "warehouse_ml_connection"
"""The DuckDB variable that holds, on every cursor, the number of the connection that its functions belong to."""

VARIABLES = ("WAREHOUSE_ML_WAREHOUSE", "WAREHOUSE_PATH")
"""Environment variables that name the warehouse; the second is what the dbt project reads."""
DEFAULT_WAREHOUSE = "warehouse.duckdb"


def default_path() -> str:
    """Return the file that is meant where none is named."""
    return next(filter(None, map(os.environ.get, VARIABLES)), DEFAULT_WAREHOUSE)


def open_warehouse(
    path: str, *, read_only: bool = False, config: Mapping[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file with ``SETTINGS``, or say in one sentence why it cannot be opened.

    Parameters
    ----------
    path
        A DuckDB file, or ``:memory:``.
    read_only
        Open the file without the right to change it; several processes can do so at once.
    config
        DuckDB's settings.

    Raises
    ------
    scoring.errors.LockedWarehouseError
        If another process has the file open for writing, or, to write to it, open at all.
    scoring.errors.DatabaseNameError
        If the file is called like a schema.
    scoring.errors.NoWarehouseError
        If the file is no DuckDB database, or DuckDB does not open it.
    """
    database = Path(path).name.partition(".")[0].lower()  # as DuckDB names it
    if database in SCHEMAS:
        raise DatabaseNameError.of_a_schema(Path(path).name, database)
    if Path(path).is_file() and not _is_database(Path(path)):  # of which DuckDB would make one in memory
        raise NoWarehouseError.not_a_database(path)
    try:
        connection = duckdb.connect(path, read_only=read_only, config=dict(config or {}))
    except duckdb.IOException as error:
        holder = re.search(r"Conflicting lock is held in (.*?) ?\(PID (\d+)\)", str(error))
        if holder is None:
            raise NoWarehouseError.unreadable(path, str(error).splitlines()[0]) from error
        process = f"{holder[2]} ({Path(holder[1]).name})" if holder[1] else holder[2]
        raise LockedWarehouseError.held_by(Path(path).name, process) from error
    connection.execute(SETTINGS)
    return connection


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return not head or head[8:] == MAGIC


@cache
def row_type(schema: pa.Schema) -> str:
    """Return the type of a row as SQL has it, a struct of the columns."""
    with duckdb.connect() as scratch:
        rows = scratch.from_arrow(schema.empty_table())
        columns = ", ".join(
            f"{quoted(name)} {kind}" for name, kind in zip(rows.columns, rows.types, strict=True)
        )
    return f"struct({columns})"


@dataclass(frozen=True)
class Relation:
    """A table or view, by its full name; without a database it is in the current one."""

    database: str | None
    schema: str
    name: str

    @property
    def sql(self) -> str:
        """The quoted name."""
        return ".".join(map(quoted, filter(None, (self.database, self.schema, self.name))))

    def beside(self, name: str) -> Relation:
        """Return the relation of another name in the same schema."""
        return Relation(self.database, self.schema, name)

    def __str__(self) -> str:
        """Return the name as a user writes it within the database."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Warehouse:
    """A DuckDB connection as the port.

    Parameters
    ----------
    connection
        It runs no other statement.
    schema
        Where the models are that a name without a schema means; None for wherever there is one of the name.
    """

    connection: duckdb.DuckDBPyConnection
    schema: str | None = None

    @property
    def database(self) -> str:
        """The database that names without one are in."""
        return str(self.rows("select current_database()")[0][0])

    def variable(self, name: str) -> str | None:
        """Return a variable of the connection; None where it is not set."""
        ((value,),) = self.rows(f"select getvariable('{name}')")
        return None if value is None else str(value)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        return self.connection.execute(sql, list(values)).fetchall()

    def arrow(self, sql: str, values: Sequence[object] = ()) -> pa.Table:
        """Run a query and return its rows with their types."""
        return self.connection.execute(sql, list(values)).to_arrow_table()

    def columns(self, relation: Relation) -> list[str]:
        """Return the names of a relation's columns; none where there is no such relation."""
        if relation.database is None:
            relation = replace(relation, database=self.database)
        try:
            # DuckDB's table of columns would be made of all relations, which takes longer the more models there are.
            rows = self.rows(f"select name from pragma_table_info({literal(relation.sql)}) order by cid")
        except (duckdb.BinderException, duckdb.CatalogException):  # it is not there, or a view of what is not
            rows = self.rows(
                "select column_name from duckdb_columns() where database_name = ? "
                "and lower(schema_name) = lower(?) and lower(table_name) = lower(?) order by column_index",
                [relation.database, relation.schema, relation.name],
            )
        return [name for (name,) in rows]

    def relations_with(self, columns: Collection[str], *, database: str | None = None) -> list[Relation]:
        """Return the tables and views that have all of these columns, in the order of their names."""
        rows = self.rows(
            "select database_name, schema_name, table_name from duckdb_columns() "
            "where database_name = coalesce(?, current_database()) and list_contains(?, column_name) "
            "group by all having count(*) = ? order by table_name, schema_name",
            [database, list(columns), len(columns)],
        )
        return [Relation(*names) for names in rows]

    def create(self, relation: Relation, schema: pa.Schema) -> None:
        """Create an empty table and its schema, unless they are there."""
        self.connection.execute(f"create schema if not exists {relation.beside('').sql}")
        with self._registered(schema.empty_table()) as name:
            self.connection.execute(f"create table if not exists {relation.sql} as from {name}")

    def append(self, relation: Relation, rows: pa.Table) -> None:
        """Append rows to a table, by the names of their columns."""
        with self._registered(rows) as name:
            self.connection.execute(f"insert into {relation.sql} by name from {name}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done meanwhile, or none of it."""
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    @contextmanager
    def _registered(self, rows: pa.Table) -> Iterator[str]:
        self.connection.register("warehouse_ml_rows", rows)
        try:
            yield "warehouse_ml_rows"
        finally:
            self.connection.unregister("warehouse_ml_rows")
