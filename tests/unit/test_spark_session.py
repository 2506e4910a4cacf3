from __future__ import annotations

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
