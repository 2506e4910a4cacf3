"""A process that is killed while it scores leaves the old output, or none; a second run finishes."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from command_line import make_warehouse

from scoring.cli import INTERRUPTED

# Kills its own process, as a crash or the system would, at the point in question.
KILLED = """
import os
import signal
import sys

from scoring import outputs, stream
from scoring.cli import main

# A process that a script started in the background ignores Ctrl-C, and so do its children.
signal.signal(signal.SIGINT, signal.default_int_handler)
point = sys.argv.pop(1)
reported = stream._reported


def kill(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)


def batches(*arguments):
    for number, batch in enumerate(reported(*arguments)):
        if number == 40:
            kill()
        yield batch


if point == "writing":
    stream._reported = batches
elif point == "moving":
    outputs.os.fsync = kill
elif point == "interrupted":
    kill = lambda: os.kill(os.getpid(), signal.SIGINT)
    stream._reported = batches
sys.exit(main(sys.argv[1:]))
"""
ROWS = 60 * 16_384


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, trained: pa.Table) -> Path:
    rows = "select range as id, range % 10 as amount, 1 as visits, 'north' as region, range / 7 as price"
    folder = tmp_path_factory.mktemp("killed")
    return make_warehouse(folder / "w.duckdb", trained, f"{rows} from range({ROWS})")


def run(file: Path, point: str, target: str) -> int:
    arguments = ["--model", "late", "--input", "raw.rows", "--output", target, "--keep", "id", "--replace"]
    command = [sys.executable, "-c", KILLED, point, "score", "--warehouse", file.name, *arguments]
    return subprocess.run(command, cwd=file.parent, capture_output=True).returncode


@pytest.mark.parametrize(
    ("point", "target"),
    [
        ("writing", "scored.parquet"),
        ("writing", "scored.csv"),
        ("moving", "scored.parquet"),
        ("writing", "raw.scored"),
    ],
)
def test_killed_scoring_leaves_no_half_output(file: Path, point: str, target: str) -> None:
    place = target if target == "raw.scored" else f"'{file.parent / target}'"

    def total() -> tuple[int, ...]:
        with duckdb.connect(str(file)) as warehouse:
            return warehouse.sql(f"select count(*), sum(id::bigint)::bigint from {place}").fetchall()[0]

    def write_old() -> None:
        with duckdb.connect(str(file)) as warehouse:
            old = "select 7 as id"
            if target == "raw.scored":
                warehouse.execute(f"create or replace table {target} as {old}")
            else:
                warehouse.execute(f"copy ({old}) to {place}")

    write_old()
    assert run(file, point, target) == -signal.SIGKILL
    assert total() == (1, 7)
    assert run(file, "never", target) == 0
    assert total() == (ROWS, ROWS * (ROWS - 1) // 2)
    assert not list(file.parent.glob("*.partial"))


@pytest.mark.parametrize("target", ["interrupted.parquet", "raw.interrupted"])
def test_interrupted_scoring_ends_at_once_and_leaves_nothing(file: Path, target: str) -> None:
    assert run(file, "interrupted", target) == INTERRUPTED
    assert not list(file.parent.glob("*interrupted*"))
    with duckdb.connect(str(file)) as warehouse:
        assert ("interrupted",) not in warehouse.sql("select table_name from duckdb_tables()").fetchall()


def test_killed_scoring_into_a_new_place_leaves_it_empty(file: Path) -> None:
    assert run(file, "writing", "new.parquet") == -signal.SIGKILL
    assert not (file.parent / "new.parquet").exists()
    assert (file.parent / ".new.parquet.partial").exists()
