"""dbt's connections, all of them to the one Spark session of the process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

import duckdb
from dbt.adapters.contracts.connection import Connection, ConnectionState
from dbt.adapters.exceptions import FailedToConnectError
from dbt.adapters.spark import SparkConnectionManager
from dbt.adapters.spark.session import Cursor, SessionConnectionWrapper
from dbt_common.clients.agate_helper import empty_table
from dbt_common.exceptions import DbtRuntimeError

from scoring.errors import WarehouseMLError
from scoring.spark.messages import errors_of_spark, message_of
from scoring.spark.session import session

_thread = local()
"""Where the statements of a thread go that are not for Spark."""


def here(cursor: Any | None) -> None:
    """Send the statements of this thread to a cursor of the DuckDB beside Spark from now on; None for Spark again."""
    _thread.cursor = cursor


def is_here() -> bool:
    """Return whether the statements of this thread go to the DuckDB beside Spark."""
    return getattr(_thread, "cursor", None) is not None


class SessionCursor(Cursor):
    """A cursor whose statements run in a session that is open already."""

    def __init__(self, spark: Any) -> None:
        super().__init__()
        self._spark = spark

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement; of an error the user sees what Spark says, without the stack of its JVM."""
        self._rows = None
        try:
            self._df = self._spark.sql(sql % parameters if parameters else sql)
        except Exception as error:  # those of Spark, and what its bridge to Java makes of others
            raise DbtRuntimeError(message_of(error)) from None

    def run(self) -> None:
        """Run the last statement if it is a query, which Spark would only plan."""
        with errors_of_dbt():
            if self._df is not None and self._df.columns:
                self._df.write.format("noop").mode("overwrite").save()

    def fetchall(self) -> Any:
        """Return the rows of the last statement."""
        with errors_of_dbt():
            return super().fetchall()


class SessionHandle:
    """What dbt takes for the connection of a driver."""

    def __init__(self, spark: Any) -> None:
        self.spark = spark

    def cursor(self) -> SessionCursor:
        """Return a new cursor."""
        return SessionCursor(self.spark)


class Handle(SessionConnectionWrapper):
    """The handle that dbt keeps for a thread."""

    def cursor(self) -> Any:
        """Return what runs the next statement."""
        if is_here():
            return LocalCursor(_thread.cursor)
        return super().cursor()

    def run(self) -> None:
        """Run the last statement if it is a query."""
        self._cursor.run()  # type: ignore[union-attr]

    @property
    def spark(self) -> Any:
        """The session."""
        return self.handle.spark  # type: ignore[attr-defined]


class LocalCursor:
    """A cursor of the DuckDB beside Spark, as dbt takes it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def execute(self, sql: str, bindings: Any = None) -> None:
        """Run a statement."""
        try:
            self._cursor.execute(sql, bindings)
        except duckdb.Error as error:
            raise DbtRuntimeError(str(error)) from None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows of the last statement."""
        return self._cursor.fetchall()

    @property
    def description(self) -> Any:
        """The columns of the last statement."""
        return self._cursor.description


class ConnectionManager(SparkConnectionManager):
    """Opens the session for whoever comes first, and leaves it open for the others."""

    TYPE = "warehouse_ml_spark"

    @classmethod
    def open(cls, connection: Connection) -> Connection:
        """Connect one of dbt's threads.

        Raises
        ------
        dbt.adapters.exceptions.FailedToConnectError
            See `scoring.spark.session.session`.
        """
        if connection.state == ConnectionState.OPEN:
            return connection
        try:
            spark = session(connection.credentials.options())  # type: ignore[attr-defined]
        except WarehouseMLError as error:
            raise FailedToConnectError(str(error)) from None
        connection.handle = Handle(SessionHandle(spark))  # type: ignore[arg-type]
        connection.state = ConnectionState.OPEN
        return connection

    def execute(
        self, sql: str, auto_begin: bool = False, fetch: bool = False, limit: int | None = None
    ) -> Any:
        """Run a statement; a query whose rows nobody wants runs too, which may end in an error on purpose."""
        if fetch or is_here():
            return super().execute(sql, auto_begin, fetch, limit)
        _, cursor = self.add_query(self._add_query_comment(sql), auto_begin)
        cursor.run()
        return self.get_response(cursor), empty_table()

    def set_connection_name(self, name: str | None = None) -> Connection:
        """Begin a node or a hook, in Spark whatever the one before left."""
        here(None)
        return super().set_connection_name(name)

    @classmethod
    def data_type_code_to_name(cls, type_code: Any) -> str:
        """Return the name of a type, which a session gives as text."""
        return str(type_code)


@contextmanager
def errors_of_dbt() -> Iterator[None]:
    """Make errors of Spark those that dbt reports in a sentence."""
    try:
        yield
    except errors_of_spark() as error:
        raise DbtRuntimeError(message_of(error)) from None
