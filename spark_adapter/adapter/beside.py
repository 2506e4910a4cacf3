"""The DuckDB beside Spark, with the functions that the plugin gives a connection of dbt-duckdb."""

from __future__ import annotations

from threading import local
from typing import Any

import duckdb
from dbt.adapters.base import AdapterPlugin
from dbt.adapters.warehouse_ml_spark.credentials import Credentials
from dbt.include import warehouse_ml_spark

from scoring.plugin import Plugin
from scoring.spark.state import State


class _DuckDB:
    """What macros are looked up for while statements run in the DuckDB beside Spark."""

    @classmethod
    def type(cls) -> str:
        return "duckdb"


BESIDE = AdapterPlugin(
    adapter=_DuckDB,  # type: ignore[arg-type]
    credentials=Credentials,
    include_path=warehouse_ml_spark.PACKAGE_PATH,
    project_name="dbt_warehouse_ml_spark",
)
"""Of the macros of dbt-duckdb it has none: those of dbt itself will do, and those beside this module."""


class Beside:
    """The state of a process, and a cursor of it for each of dbt's threads.

    Parameters
    ----------
    spark
        The session.
    config
        The config of the plugin in the profile.
    """

    def __init__(self, spark: Any, config: dict[str, Any]) -> None:
        self._plugin = Plugin("warehouse_ml", config)
        self.state = State(spark, self._plugin.configure_connection)
        self._thread = local()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return the cursor of this thread."""
        if not hasattr(self._thread, "cursor"):
            self._thread.cursor = self.state.connection.cursor()
        self._plugin.configure_cursor(self._thread.cursor)
        return self._thread.cursor
