"""What the macros of this package ask Python for, as SQL functions: Jinja reads no files and keeps nothing."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextvars import Context
from pathlib import Path
from typing import Any

import duckdb

from scoring import personal_data, training_packages
from scoring.csv_files import describe_header, find_lines
from scoring.errors import OutputError
from scoring.once import Once
from scoring.publishing import KEPT, publish
from scoring.raw_copies import RawCopies
from scoring.replays import FUNCTION, replay
from scoring.runs import NodeMemory, RunHistory
from scoring.warehouse import Warehouse

CSV_LINES = "STRUCT(line BIGINT, text VARCHAR)[]"
ANSWER_OF_ONE = "STRUCT(is_first BOOLEAN, answer VARCHAR)"


class MacroFunctions:
    """The functions of one connection to a database, for all cursors of a dbt run.

    DuckDB calls a function in any thread, where dbt's context is missing: each runs in that of the last cursor.

    Parameters
    ----------
    connection
        The connection, which holds the functions, so that they do not hold it.
    publishing
        The key ``publish`` of the plugin's config; nothing is published without it.
    memory
        Where the memory of nodes is noted.
    is_read_only
        Whether the database is.
    folder, target_path
        Return the project's folder, and dbt's folder for what it writes.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        publishing: Any,
        memory: NodeMemory,
        is_read_only: bool,
        folder: Callable[[], str],
        target_path: Callable[[], str],
    ) -> None:
        self._connection = weakref.ref(connection)
        self._publishing = publishing
        self._folder = folder
        self._target_path = target_path
        self._context = Context()
        self.is_failure_reported = False
        """Whether a failure of the run was reported."""
        history = RunHistory(connection, memory, is_read_only=is_read_only)
        pure: list[tuple[str, Callable[..., Any], list[Any], str]] = [
            ("ml_csv_header", describe_header, ["VARCHAR", "VARCHAR"], "VARCHAR"),
            ("ml_csv_lines", find_lines, ["VARCHAR", "VARCHAR", "BIGINT", "BIGINT[]"], CSV_LINES),
            ("ml_block_problems", _problems_of_blocks, ["VARCHAR"], "VARCHAR[]"),
            ("ml_monitor_block", _read_monitor, ["VARCHAR"], "VARCHAR"),
        ]
        acting: list[tuple[str, Callable[..., Any], list[Any], str]] = [
            (FUNCTION, self._replay, ["VARCHAR"], "VARCHAR"),
            ("ml_decide_retraining", self._decide_retraining, ["VARCHAR"], "VARCHAR"),
            ("ml_report_run", self._report_run, ["VARCHAR"], "VARCHAR[]"),
            ("ml_personal_data", self._personal_data, ["VARCHAR"], "VARCHAR[]"),
            ("ml_once", Once(connection).run, ["VARCHAR", "VARCHAR"], ANSWER_OF_ONE),
            ("ml_copy_source", RawCopies(connection).copy, ["VARCHAR"], "VARCHAR"),
            ("ml_publish", self._publish, [], "VARCHAR"),
            ("ml_record_run", history.record, ["VARCHAR"], "VARCHAR"),
        ]
        for functions, has_effects in ((pure, False), (acting, True)):
            for name, call, arguments, kind in functions:
                connection.create_function(name, call, arguments, kind, side_effects=has_effects)

    def run_in(self, context: Context) -> None:
        """Let functions run in a context."""
        self._context = context

    def _publish(self) -> str:
        """Publish the warehouse if the profile says so, and return what to log."""
        connection, how = self._connection(), self._publishing
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
        """Answer a request for a replay."""
        return self._context.copy().run(replay, request)

    def _personal_data(self, request: str) -> list[str]:
        """Answer a request about personal data."""
        connection = self._connection()
        if connection is None:
            return []
        with connection.cursor() as cursor:
            return self._context.copy().run(personal_data.ask, cursor, request)

    def _decide_retraining(self, request: str) -> str:
        """Decide which models the next build trains, by an entry point."""
        connection = self._connection()
        if connection is not None:
            with connection.cursor() as cursor:
                training_packages.load("retraining", "A retrain policy")(cursor, request)
        return ""

    def _report_run(self, request: str) -> list[str]:
        """Report a run that reached its end."""
        from scoring.alerts.report import report

        connection = self._connection()
        if connection is None:
            return []
        with connection.cursor() as cursor:
            done = self._context.copy().run(
                report, Warehouse(cursor), request, folder=self._folder(), target_path=self._target_path()
            )
        self.is_failure_reported = done.is_failure
        return done.problems


def _problems_of_blocks(nodes: str) -> list[str]:
    """Return what is wrong with the blocks of some nodes, given as JSON."""
    problems: list[str] = training_packages.load("blocks", "The check of YAML blocks")(nodes)
    return problems


def _read_monitor(request: str) -> str:
    """Return what the reader makes of a monitor's block and the columns of its query, both as JSON."""
    answer: str = training_packages.load("monitor", "A monitor")(request)
    return answer
