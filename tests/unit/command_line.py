"""A warehouse file for the tests of the command line, and a call of it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import made_versions
import pyarrow as pa
import pytest

from scoring.cli import main

Run = Callable[..., tuple[int, str, str]]


def make_warehouse(path: Path, trained: pa.Table, training_sql: str) -> Path:
    """Make a warehouse with the champion ``late@1``, and the rows that it was trained on as ``raw.rows``."""
    with duckdb.connect(str(path)) as connection:
        made_versions.add(connection, trained, champion=False)
        made_versions.decide(connection, "late", 1, decided_at=datetime(2024, 5, 1, 12))
        connection.execute("create schema raw")
        connection.execute(f"create table raw.rows as {training_sql}")
    return path


def runner(warehouse: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command on the warehouse and gives exit code, output and complaints."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main(["--warehouse", str(warehouse), *map(str, arguments)])
        shown = capfd.readouterr()
        return code, shown.out, shown.err

    return run
