"""A process with one Spark session, in which dbt runs as often as a test asks: a session takes some 15 s to open."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import parsed_projects
from project import Run

PROCESSES = get_context("spawn")
# The sessions of tests are short: compiling Java code well would take longer than it saves.
MASK_KEY = "a key to mask with"
ENVIRONMENT = {
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:ReservedCodeCacheSize=240m",
    "OMP_WAIT_POLICY": "passive",
    "WAREHOUSE_ML_MASK_KEY": MASK_KEY,
}


class SparkProcess:
    """The process, for a project in a folder; its warehouse is there too.

    Parameters
    ----------
    folder
        The folder of the dbt project.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own, other = PROCESSES.Pipe()
        self._process = PROCESSES.Process(target=_serve, args=(other, str(folder)))
        self._process.start()
        other.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._own.close()
        self._process.join(30)
        self._process.kill()

    def dbt(self, *arguments: str) -> Run:
        """Run dbt against Spark with warnings as errors."""
        return self._dbt("--warn-error", *arguments)

    def build(self, *arguments: str) -> Run:
        """Build as a user does, warnings staying warnings."""
        return self._dbt("build", *arguments)

    def parity(self, *arguments: str) -> Run:
        """Compare what both targets have built."""
        return Run(*self._answer("parity", ["parity", *arguments]))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._answer("rows", sql)

    def problem(self, sql: str) -> str:
        """Return what a query that must fail says."""
        return self._answer("problem", sql)

    def call(self, function: Callable[[Any], Any]) -> Any:
        """Return what a function of a test module gives for the session."""
        return self._answer("call", function)

    def _dbt(self, *arguments: str) -> Run:
        command = [*arguments, "--target", "spark"]
        with parsed_projects.parsed_once(self.folder, command):
            return Run(*self._answer("dbt", command))

    def _answer(self, kind: str, request: Any) -> Any:
        self._own.send((kind, request))
        return self._own.recv()


def _serve(connection: Connection, folder: str) -> None:
    os.chdir(folder)
    os.environ.update(ENVIRONMENT)
    os.environ.pop("SPARK_WAREHOUSE", None)
    while True:
        try:
            kind, request = connection.recv()
        except EOFError:
            return
        answers = {"dbt": _dbt, "parity": _parity, "rows": _rows, "problem": _problem, "call": _call}
        connection.send(answers[kind](request))


def _dbt(arguments: list[str]) -> tuple[int, str]:
    from dbt.cli.main import dbtRunner

    with _quiet() as output:
        result = dbtRunner().invoke(["--no-use-colors", *arguments])
    code = 0 if result.success else 2 if result.exception else 1
    return code, " ".join(f"{output.getvalue()} {result.exception or ''}".split())


def _parity(arguments: list[str]) -> tuple[int, str]:
    from scoring.cli import main

    with _quiet() as output:
        code = main(arguments)
    return code, " ".join(output.getvalue().split())


def _rows(sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in _session().sql(sql).collect()]


def _problem(sql: str) -> str:
    from scoring.spark.messages import message_of

    try:
        _session().sql(sql).collect()
    except Exception as error:
        return message_of(error)
    return ""


def _call(function: Callable[[Any], Any]) -> Any:
    return function(_session())


def _session() -> Any:
    """Return the session that dbt opened."""
    from pyspark.sql import SparkSession

    return SparkSession.active()


@contextmanager
def _quiet():  # type: ignore[no-untyped-def]
    output = StringIO()
    with redirect_stdout(output), redirect_stderr(output):
        yield output
