"""A warehouse file for the tests of the command line, and a call of it."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from scoring.cli import main

Run = Callable[..., tuple[int, str, str]]


def make_warehouse(path: Path, trained: pa.Table, training_sql: str) -> Path:
    """Make a warehouse with the champion ``late@1``, and the rows that it was trained on as ``raw.rows``."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema ml; create schema raw")
        connection.register("version_row", trained)
        connection.execute("create table ml.late as from version_row")
        connection.execute(
            "create table ml.champions as select 'late' as model_name, 1 as version, 'gates' as reason, "
            "timestamp '2024-05-01 12:00:00' as decided_at"
        )
        connection.execute(f"create table raw.rows as {training_sql}")
    return path


def runner(warehouse: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command on the warehouse and gives exit code, output and complaints."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        code = main(["--warehouse", str(warehouse), *map(str, arguments)])
        shown = capfd.readouterr()
        return code, shown.out, shown.err

    return run
