from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from scoring.errors import SparkError
from scoring.spark.session import Options, session
from scoring.spark.tables import spark_type


def test_a_machine_without_java_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(SparkError, match=r"Java 17 or newer.*openjdk-17-jre-headless"):
        session(Options.of("local[1]", None, str(tmp_path), {}))
    assert not list(tmp_path.iterdir())


def test_an_old_java_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SparkError, match=r"11\.0\.2"):
        session(Options.of("local[1]", None, str(tmp_path / "tables"), {}))


def test_a_java_that_cannot_be_run_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "bin/java"
    java.parent.mkdir()
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(SparkError, match=r"bin/java cannot be run \(Permission denied\): install it"):
        session(Options.of("local[1]", None, str(tmp_path / "tables"), {}))


@pytest.mark.parametrize("place", ["a_file", "a_file/tables"])
def test_a_folder_that_cannot_be_made_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "a_file").touch()
    with pytest.raises(SparkError, match=rf"{place} cannot be one: .*; correct `folder` in profiles.yml"):
        session(Options.of("local[1]", None, str(tmp_path / place), {}))


NOT_STARTED = """
import sys
from scoring.errors import SparkError
from scoring.spark.session import Options, session
try:
    session(Options.of(sys.argv[1], None, sys.argv[3], {"spark.driver.memory": sys.argv[2]}))
except SparkError as error:
    print(error)
"""


@pytest.mark.parametrize(("master", "memory"), [("nowhere", "1g"), ("local[1]", "-1g")])
def test_a_session_that_does_not_start_is_reported(master: str, memory: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", NOT_STARTED, master, memory, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    (sentence,) = run.stdout.splitlines()
    assert f"does not start with the master '{master}': " in sentence
    assert sentence.endswith("correct `master` and `server_side_parameters` in profiles.yml.")


@pytest.mark.parametrize(
    ("duckdb", "spark"),
    [
        ("varchar", "string"),
        ("timestamp", "timestamp_ntz"),
        ("integer", "int"),
        ("timestamp_ntz", "timestamp_ntz"),
        ("ubigint", "decimal(20,0)"),
        ("decimal(9, 2)", "decimal(9,2)"),
        ("varchar[]", "array<string>"),
        ("map(varchar, struct(x double, y integer))", "map<string,struct<x:double,y:int>>"),
    ],
)
def test_types_of_duckdb_have_names_on_spark(duckdb: str, spark: str) -> None:
    assert spark_type(duckdb) == spark
