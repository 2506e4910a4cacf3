"""Readers have a whole copy of the warehouse at any time: while dbt builds, when it fails, when it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest
from ml_project import write
from project import Project, Run, install, profile

from scoring.cli import main
from scoring.errors import OutputError
from scoring.publishing import publish

PROJECT = """
name: newsroom
version: 0.1.0
config-version: 2
profile: newsroom
flags: {send_anonymous_usage_stats: false}
models:
  newsroom: {+materialized: table}
"""
# Two tables and a view that are of one build, or else the copy is half of one.
MODELS = {
    "first": "select numbers.number from {{ ref('numbers') }} as numbers cross join range(20000)",
    "second": "select number from {{ ref('first') }}",
    "either": (
        "{{ config(materialized='view') }} "
        "select number from {{ ref('first') }} union select number from {{ ref('second') }}"
    ),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("newsroom"))
    install(project)
    write(project, "dbt_project.yml", PROJECT.lstrip())
    write(project, "profiles.yml", profile("newsroom", config={"publish": {"keep": 2}}))
    for name, query in MODELS.items():
        write(project, f"models/{name}.sql", query)
    run = build(project, 1)
    assert run.code == 0, run.output
    assert "Published " in run.output
    return project


def build(project: Project, number: int) -> Run:
    """Build with another number; a variable would let dbt parse everything anew."""
    write(project, "seeds/numbers.csv", f"number\n{number}\n")
    return project.dbt("build", "-s", "package:newsroom")


def numbers(file: Path) -> list[int]:
    """Return what a reader of its own sees: one number, or the copy is of no one build."""
    with duckdb.connect() as reader:
        reader.execute(f"attach '{file}' as warehouse (read_only)")
        return [number for (number,) in reader.sql("select number from warehouse.main.either").fetchall()]


def test_readers_see_whole_builds_throughout(project: Project) -> None:
    published = project.folder / "published/warehouse.duckdb"
    seen: list[list[int]] = []
    is_over = threading.Event()

    def read() -> None:
        while not is_over.is_set():
            seen.append(numbers(published))
            time.sleep(0.05)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(2, 5):
        assert build(project, number).code == 0
    is_over.set()
    reader.join()
    assert all(len(each) == 1 for each in seen)
    assert [each for (each,) in seen] == sorted(each for (each,) in seen)
    assert {1, 3} <= {each for (each,) in seen}
    assert numbers(published) == [4]
    previous = sorted(project.folder.glob("published/previous/*/warehouse.duckdb"))
    assert [numbers(file) for file in previous] == [[2], [3]]


def test_a_reader_keeps_what_it_has_open(project: Project) -> None:
    with duckdb.connect(str(project.folder / "published/warehouse.duckdb"), read_only=True) as reader:
        before = reader.sql("from either").fetchall()
        assert build(project, 6).code == 0
        assert reader.sql("from either").fetchall() == before
    assert numbers(project.folder / "published/warehouse.duckdb") == [6]


def test_a_red_build_leaves_the_last_copy(project: Project) -> None:
    project.replace("models/second.sql", "select number from", "select missing_column as number from")
    run = build(project, 7)
    project.replace("models/second.sql", "select missing_column as number from", "select number from")
    assert run.code != 0
    assert "Published" not in run.output
    assert numbers(project.folder / "published/warehouse.duckdb") == [6]


def test_killed_publishing_leaves_the_last_copy(project: Project, tmp_path: Path) -> None:
    warehouse = tmp_path / "big.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table rows as select i, hash(i) as h from range(3_000_000) t (i)")
    command = [
        sys.executable,
        "-c",
        "import sys; from scoring.cli import main; sys.exit(main())",
        "publish",
        "--warehouse",
        str(warehouse),
    ]
    subprocess.run(command, check=True, capture_output=True)
    published = tmp_path / "published/big.duckdb"
    before = published.stat().st_ino
    hidden = tmp_path / "published/.big.duckdb.partial"
    kills = 0
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not hidden.exists():
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += published.stat().st_ino == before
        with duckdb.connect(str(published), read_only=True) as reader:
            assert reader.sql("select count(*), sum(i) from rows").fetchall() == [
                (3_000_000, 4_499_998_500_000)
            ]
    assert kills
    subprocess.run(command, check=True, capture_output=True)
    assert published.stat().st_ino != before
    assert not hidden.exists()


def test_what_cannot_be_published_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    warehouse = tmp_path / "w.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table t as select 1 as a")
        with pytest.raises(OutputError, match="where it is itself"):
            publish(connection, tmp_path)
    with duckdb.connect() as connection, pytest.raises(OutputError, match="in memory"):
        publish(connection, tmp_path)
    assert main(["publish", "--warehouse", str(tmp_path / "none.duckdb")]) == 1
    assert "none.duckdb" in capsys.readouterr().err
    assert (
        main(["publish", "--warehouse", str(warehouse), "--output", str(tmp_path / "out"), "--keep", "0"])
        == 0
    )
    assert capsys.readouterr().out == f"Published {tmp_path}/out/w.duckdb.\n"
    assert not (tmp_path / "out/previous").exists()
