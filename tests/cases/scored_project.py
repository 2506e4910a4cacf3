"""A warehouse with a small model and rows to score, and calls of the command line."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import made_versions

from scoring.cli import main
from training.train import train

ROWS = """
    select
        range as id,
        (range * 7 % 13)::hugeint as wide,
        range % 5 as amount,
        ['north of it', '', null, 'south'][1 + range % 4] as region,
        timestamp '2024-01-01' + to_hours(range) as seen_at,
        (range * 7 % 13) + range % 5 + range % 4 > 9 as is_late
    from range(400)
"""
BLOCK = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "split": {"method": "random", "validation": 0.1, "test": 0.2},
    "params": {"num_iterations": 20, "min_data_in_leaf": 5, "learning_rate": 0.5},
}


@dataclass(frozen=True)
class Warehouse:
    """A DuckDB file with the champion ``late@1`` and its rows as ``raw.rows``."""

    path: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, or run a statement."""
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def run(self, *arguments: str | Path) -> tuple[int, str]:
        """Run the command line and return its exit code and what it prints."""
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(printed):
            code = main(["--warehouse", str(self.path), *map(str, arguments)])
        return code, printed.getvalue()

    def score(self, source: str | Path, target: str | Path, *options: str) -> tuple[int, str]:
        """Score rows with the model, over what is there."""
        places = ("--input", source, "--output", target, "--replace")
        return self.run("score", "--model", "late", *places, *options)


def make(folder: Path) -> Warehouse:
    """Train the model."""
    warehouse = Warehouse(folder / "warehouse.duckdb")
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute(f"create schema raw; create table raw.rows as {ROWS}")
        made_versions.add(connection, train(connection.table("raw.rows"), model_name="late", config=BLOCK))
    return warehouse
