"""The dbt-duckdb plugin: SQL functions on every connection of a dbt run, and sources from packages.

Declared in ``profiles.yml`` as ``- module: scoring.plugin`` with ``alias: warehouse_ml``. The only module
that imports dbt.
"""

from __future__ import annotations

import os
import weakref
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

from scoring import personal_data, training_packages
from scoring.carrying_over import carry_over
from scoring.csv_files import describe_header, find_lines
from scoring.decisions import DECISION_SCHEMA
from scoring.errors import (
    DatabaseNameError,
    LockedWarehouseError,
    OutputError,
    PackageDataError,
    ProfileError,
    WarehouseMLError,
)
from scoring.functions import ModelFunctions
from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.once import Once
from scoring.package_data import read_package_csv
from scoring.profile_connections import connect
from scoring.profile_secrets import problems
from scoring.publishing import KEPT, publish
from scoring.raw_copies import RawCopies
from scoring.replays import FUNCTION, replay
from scoring.runs import NodeMemory, RunHistory
from scoring.version_schema import VERSION_SCHEMA
from scoring.warehouse import SETTINGS, Warehouse, open_warehouse, row_type

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
        self._is_failure_reported = False
        add_callback_to_manager(self._at_the_end)

    def update_connection_config(self, creds: DuckDBCredentials, config: dict[str, Any]) -> None:
        """Open and close the warehouse before dbt does, so that one that cannot be used ends in a sentence.

        dbt prints the stack of any error that is not its own.

        Raises
        ------
        dbt_common.exceptions.DbtRuntimeError
            If another process holds the file, its name does not fit a database, or the profile has a secret that is
            not from the environment.
        """
        try:
            self._take_secrets(creds)
            with open_warehouse(creds.path, config=config) as connection:
                name = connection.sql("select current_database()").fetchall()[0][0]
            if creds.database == creds.path_derived_database_name(creds.path) != name:
                raise DatabaseNameError.renamed(Path(creds.path).name, name, creds.database)
        except (DatabaseNameError, LockedWarehouseError, ProfileError) as error:
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
        # For the materialization of seeds: Jinja reads no files.
        conn.create_function("ml_csv_header", describe_header, ["VARCHAR", "VARCHAR"], "VARCHAR")
        conn.create_function(
            "ml_csv_lines",
            find_lines,
            ["VARCHAR", "VARCHAR", "BIGINT", "BIGINT[]"],
            "STRUCT(line BIGINT, text VARCHAR)[]",
        )
        conn.create_function(FUNCTION, self._replay, ["VARCHAR"], "VARCHAR", side_effects=True)
        self._connection = weakref.ref(conn)  # which holds the function, and through it would never be freed
        conn.create_function(
            "ml_decide_retraining", self._decide_retraining, ["VARCHAR"], "VARCHAR", side_effects=True
        )
        conn.create_function("ml_report_run", self._report_run, ["VARCHAR"], "VARCHAR[]", side_effects=True)
        conn.create_function(
            "ml_personal_data", self._personal_data, ["VARCHAR"], "VARCHAR[]", side_effects=True
        )
        conn.create_function("ml_block_problems", _problems_of_blocks, ["VARCHAR"], "VARCHAR[]")
        conn.create_function("ml_monitor_block", _read_monitor, ["VARCHAR"], "VARCHAR")
        conn.create_function(
            "ml_once",
            Once(conn).run,
            ["VARCHAR", "VARCHAR"],
            "STRUCT(is_first BOOLEAN, answer VARCHAR)",
            side_effects=True,
        )
        conn.create_function(
            "ml_copy_source", RawCopies(conn).copy, ["VARCHAR"], "VARCHAR", side_effects=True
        )
        # Nothing is published unless the profile says so.
        conn.create_function("ml_publish", self._publish_copy, [], "VARCHAR", side_effects=True)
        is_read_only = _is_read_only(conn)
        if not is_read_only:
            carry_over(conn)
        self._memory = NodeMemory()
        history = RunHistory(conn, self._memory, is_read_only=is_read_only)
        conn.create_function("ml_record_run", history.record, ["VARCHAR"], "VARCHAR", side_effects=True)
        self._functions = ModelFunctions(conn)

    def configure_cursor(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Define on a cursor what cursors do not share, and tell training of the dbt run and its project."""
        self._context = copy_context()
        if self._watch not in get_event_manager().callbacks:  # which every command of a process clears
            get_event_manager().add_callback(self._watch)
        self._functions.define_macros(cursor)
        cursor.execute(f"set variable {INVOCATION_VARIABLE} = ?", [get_invocation_id()])
        cursor.execute(f"set variable {FOLDER_VARIABLE} = ?", [_project_folder()])
        for name, schema in TYPE_VARIABLES.items():
            cursor.execute(f"set variable {name} = ?", [row_type(schema)])

    def _publish_copy(self) -> str:
        """Publish the warehouse if the profile says so, and return what to log."""
        connection, how = self._connection(), self._publish
        if connection is None or not how:
            return ""
        options = how if isinstance(how, dict) else {}
        folder = Path(options["folder"]) if "folder" in options else None
        try:
            with connection.cursor() as cursor:
                return f"Published {publish(cursor, folder, keep=options.get('keep', KEPT))}."
        except OutputError as error:
            return str(error)

    def _replay(self, request: str) -> str:
        """Answer a request for a replay. DuckDB calls a function in any thread, where dbt's context is missing."""
        return self._context.copy().run(replay, request)

    def _personal_data(self, request: str) -> list[str]:
        """Answer a request about personal data. DuckDB calls it in any thread, where dbt's context is missing."""
        connection = self._connection()
        if connection is None:
            return []
        with connection.cursor() as cursor:
            return self._context.copy().run(personal_data.ask, cursor, request)

    def _watch(self, event: EventMsg) -> None:
        """Note the memory held as a node starts and ends."""
        if event.info.name == "NodeStart":
            self._memory.node_started(event.data.node_info.unique_id)
        elif event.info.name == "NodeFinished":
            self._memory.node_ended(event.data.node_info.unique_id)

    def _decide_retraining(self, request: str) -> str:
        """Decide which models the next build trains, by an entry point."""
        connection = self._connection()
        if connection is not None:
            with connection.cursor() as cursor:
                training_packages.load("retraining", "A retrain policy")(cursor, request)
        return ""

    def _report_run(self, request: str) -> list[str]:
        """Report a run that reached its end. DuckDB calls a function in any thread, where dbt's context is missing."""
        from scoring.alerts.report import report

        connection = self._connection()
        if connection is None:
            return []
        with connection.cursor() as cursor:
            done = self._context.copy().run(
                report, Warehouse(cursor), request, folder=_project_folder(), target_path=_target_path()
            )
        self._is_failure_reported = done.is_failure
        return done.problems

    def _at_the_end(self, event: EventMsg) -> None:
        """Report a run that failed in a hook, by an interrupt or by ``--fail-fast``, and is not reported as failed."""
        if event.info.name != "CommandCompleted" or event.data.success or self._is_failure_reported:
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


def _problems_of_blocks(nodes: str) -> list[str]:
    """Return what is wrong with the blocks of some nodes, given as JSON."""
    problems: list[str] = training_packages.load("blocks", "The check of YAML blocks")(nodes)
    return problems


def _read_monitor(request: str) -> str:
    """Return what the reader makes of a monitor's block and the columns of its query, both as JSON."""
    answer: str = training_packages.load("monitor", "A monitor")(request)
    return answer


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
