"""While another process writes to the warehouse, dbt says so in one sentence and who it is."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import Project

import scoring
from scoring.errors import LockedWarehouseError

HOLD = "import duckdb, sys; held = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@pytest.fixture
def holder(sources: Project) -> Iterator[int]:
    """The id of a process that has the warehouse open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, sources.warehouse],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
    sources.warehouse.unlink()


def test_dbt_names_the_process_that_holds_the_file(sources: Project, holder: int) -> None:
    run = sources.dbt("run", "-s", "stg_airlines")

    assert run.code != 0
    assert (
        "The warehouse warehouse.duckdb is locked: one process at a time can write to a DuckDB file, and "
        f"process {holder} (python" in run.output
    )
    assert "close it there, or wait until it ends, and run again." in run.output
    assert "Traceback" not in run.output


def test_a_file_that_is_no_warehouse_is_named(sources: Project, tmp_path: Path) -> None:
    project = sources.copy_to(tmp_path)
    project.warehouse.write_bytes(b"no database" * 500)
    run = project.dbt("run", "-s", "stg_airlines")
    assert run.code != 0
    assert "The file warehouse.duckdb is not a DuckDB database: name the file that dbt built." in run.output
    assert "Traceback" not in run.output


def test_so_does_a_connection_for_scoring(sources: Project, holder: int) -> None:
    with pytest.raises(LockedWarehouseError, match=f"process {holder} .* has it open; close it there"):
        scoring.connect(sources.warehouse, read_only=True)
