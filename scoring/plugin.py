"""The dbt-duckdb plugin: SQL functions on every connection of a dbt run, and sources from packages.

Declared in ``profiles.yml`` as ``- module: scoring.plugin`` with ``alias: warehouse_ml``. The only module
that imports dbt.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.utils import SourceConfig
from dbt_common.invocation import get_invocation_id

from scoring.errors import PackageDataError
from scoring.functions import ModelFunctions
from scoring.package_data import read_package_csv

INVOCATION_VARIABLE = "dbt_invocation_id"


class Plugin(BasePlugin):
    """Give a dbt project the SQL functions and the raw data of installed packages."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions once per database connection."""
        self._functions = ModelFunctions(conn)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Define on a cursor what cursors do not share, and tell training which dbt run this is."""
        self._functions.define_macros(cursor)
        cursor.execute(f"set variable {INVOCATION_VARIABLE} = ?", [get_invocation_id()])

    def load(self, source_config: SourceConfig) -> pa.Table:
        """Return the rows of a source whose meta names a ``package`` and a ``file`` in it."""
        for key in ("package", "file"):
            if key not in source_config:
                raise PackageDataError.missing_key(source_config.identifier, key)
        return read_package_csv(source_config["package"], source_config["file"])
