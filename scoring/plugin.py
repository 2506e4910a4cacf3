"""The dbt-duckdb plugin: SQL functions on every connection of a dbt run, and sources from packages.

Declared in ``profiles.yml`` as ``- module: scoring.plugin`` with ``alias: warehouse_ml``. The only module
that imports dbt.
"""

from __future__ import annotations

import os
from contextvars import copy_context
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import duckdb
import pyarrow as pa
from dbt import flags
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.duckdb.secrets import Secret
from dbt.adapters.duckdb.utils import SourceConfig
from dbt.adapters.factory import FACTORY
from dbt_common.events.base_types import EventMsg
from dbt_common.events.event_manager_client import add_callback_to_manager, get_event_manager
from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note
from dbt_common.exceptions import DbtRuntimeError
from dbt_common.invocation import get_invocation_id

from scoring.carrying_over import carry_over
from scoring.decisions import DECISION_SCHEMA
from scoring.errors import (
    DatabaseNameError,
    LockedWarehouseError,
    NoWarehouseError,
    PackageDataError,
    ProfileError,
    WarehouseMLError,
)
from scoring.functions import ModelFunctions
from scoring.macro_functions import MacroFunctions
from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.package_data import read_package_csv
from scoring.profile_connections import connect
from scoring.profile_secrets import problems
from scoring.runs import NodeMemory
from scoring.version_schema import VERSION_SCHEMA
from scoring.warehouse import SETTINGS, open_warehouse, row_type

INVOCATION_VARIABLE, FOLDER_VARIABLE = "dbt_invocation_id", "dbt_project_folder"
TYPE_VARIABLES = {
    "warehouse_ml_version": VERSION_SCHEMA,
    "warehouse_ml_decision": DECISION_SCHEMA,
    "warehouse_ml_monitor": MONITOR_SCHEMA,
}
"""The variables that hold the type of a row, by which macros make tables of such rows."""
WATCHED = ("build", "run", "retry", "test", "seed", "snapshot")
"""The commands of dbt whose failures are alerted of."""


class Plugin(BasePlugin):
    """Give a dbt project the SQL functions and the raw data of installed packages."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:
        """Keep what the config says, and watch for the end of the run, which its last hooks do not always reach."""
        self._extensions = plugin_config.get("extensions", [])
        self._publish = plugin_config.get("publish")
        self._secrets: list[Secret] = []
        self._macro_functions: list[MacroFunctions] = []  # of each connection
        add_callback_to_manager(self._at_the_end)

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Open and close the warehouse before dbt does, so that one that cannot be used ends in a sentence.

        dbt prints the stack of any error that is not its own.

        Raises
        ------
        dbt_common.exceptions.DbtRuntimeError
            If another process holds the file, it is no warehouse, its name does not fit a database, or the profile has
            a secret that is not from the environment.
        """
        try:
            self._take_secrets(creds)
            with open_warehouse(creds.path, config=config) as connection:
                name = connection.sql("select current_database()").fetchall()[0][0]
            if creds.database == creds.path_derived_database_name(creds.path) != name:
                raise DatabaseNameError.renamed(Path(creds.path).name, name, creds.database)
        except (DatabaseNameError, LockedWarehouseError, NoWarehouseError, ProfileError) as error:
            raise DbtRuntimeError(str(error)) from None

    def _take_secrets(self, creds: DuckDBCredentials) -> None:
        """Check the secrets of the profile, and make them here: dbt would, before the extensions that they need."""
        if texts := problems(creds.to_dict(), os.environ):
            raise ProfileError.secrets(texts)
        if persistent := [str(secret.name) for secret in creds._secrets if secret.persistent]:
            raise ProfileError.persistent(persistent)
        self._secrets, creds._secrets = creds._secrets or self._secrets, []

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Set what every connection sets and register the functions, once per database connection.

        Tables of versions that an older release made are given the columns that they lack.

        Raises
        ------
        dbt_common.exceptions.DbtRuntimeError
            If an extension of DuckDB is not installed, or a database of the profile cannot be attached.
        """
        try:
            secrets = ((str(secret.name), secret.to_sql()) for secret in self._secrets)
            # dbt then attaches what is not attached yet.
            databases = (self.creds.attach if self.creds else None) or []
            attached = ((database.alias or database.path, database.to_sql()) for database in databases)
            connect(conn, self._extensions, secrets, attached)
        except WarehouseMLError as error:
            raise DbtRuntimeError(str(error)) from None
        conn.execute(SETTINGS)
        is_read_only = _is_read_only(conn)
        if not is_read_only:
            carry_over(conn)
        self._memory = NodeMemory()
        functions = MacroFunctions(
            conn,
            publishing=self._publish,
            memory=self._memory,
            is_read_only=is_read_only,
            folder=_project_folder,
            target_path=_target_path,
        )
        self._macro_functions.append(functions)
        self._functions = ModelFunctions(conn)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Define on a cursor what cursors do not share, and tell training of the dbt run and its project."""
        self._macro_functions[-1].run_in(copy_context())
        if self._watch not in get_event_manager().callbacks:  # which every command of a process clears
            get_event_manager().add_callback(self._watch)
        self._functions.define_macros(cursor)
        cursor.execute(f"set variable {INVOCATION_VARIABLE} = ?", [get_invocation_id()])
        cursor.execute(f"set variable {FOLDER_VARIABLE} = ?", [_project_folder()])
        for name, schema in TYPE_VARIABLES.items():
            cursor.execute(f"set variable {name} = ?", [row_type(schema)])

    def _watch(self, event: EventMsg) -> None:
        """Note the memory held as a node starts and ends."""
        if event.info.name == "NodeStart":
            self._memory.node_started(event.data.node_info.unique_id)
        elif event.info.name == "NodeFinished":
            self._memory.node_ended(event.data.node_info.unique_id)

    def _at_the_end(self, event: EventMsg) -> None:
        """Report a run that failed in a hook, by an interrupt or by ``--fail-fast``, and is not reported as failed."""
        if event.info.name != "CommandCompleted" or event.data.success:
            return
        if any(functions.is_failure_reported for functions in self._macro_functions):
            return
        command = event.data.command.split()[-1]
        if command not in WATCHED:
            return
        from scoring.alerts.report import now, report_unfinished
        from scoring.alerts.run import Run

        config = cast(Any, next(iter(FACTORY.adapters.values()))).config
        run = Run(
            project=config.project_name,
            target=config.target_name,
            command=command,
            invocation=get_invocation_id(),
            started_at=now() - timedelta(seconds=event.data.elapsed),
            finished_at=now(),
            folder=Path(_project_folder()),
            target_path=Path(_target_path()),
        )
        for problem in report_unfinished(run):
            fire_event(Note(msg=problem))

    def load(self, source_config: SourceConfig) -> pa.Table:
        """Return the rows of a source whose meta names a ``package`` and a ``file`` in it."""
        for key in ("package", "file"):
            if key not in source_config:
                raise PackageDataError.missing_key(source_config.identifier, key)
        # dbt-duckdb writes the name of the table without quotes, which that of our file may need.
        if self.creds and source_config.database == self.creds.database:
            source_config.database = None
        return read_package_csv(source_config["package"], source_config["file"])


def _is_read_only(connection: duckdb.DuckDBPyConnection) -> bool:
    ((answer,),) = connection.execute(
        "select readonly from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return bool(answer)


def _target_path() -> str:
    """Return dbt's folder for what it writes, relative to the project unless it is absolute."""
    return str(getattr(flags.get_flags(), "TARGET_PATH", None) or "target")  # type: ignore[no-untyped-call]


def _project_folder() -> str:
    """Return the absolute path of the folder of the project that dbt runs, its working folder by default."""
    dbt_flags = flags.get_flags()  # type: ignore[no-untyped-call]
    return str(Path(getattr(dbt_flags, "PROJECT_DIR", "")).absolute())
