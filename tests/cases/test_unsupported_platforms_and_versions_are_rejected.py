"""On Windows, and with another DuckDB or dbt, the import that plugin and commands begin with says what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import own_project
import pytest
from ml_project import write

WINDOWS = "import sys; sys.platform = 'win32'; "
OTHER = """import importlib.metadata as metadata
read = metadata.version
metadata.version = lambda name: {!r} if name == {!r} else read(name)
"""


def last_line(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("module", ["scoring", "scoring.plugin", "scoring.cli"])
def test_windows_is_named_with_what_to_do(module: str) -> None:
    last = last_line(f"{WINDOWS}import {module}")
    assert last.startswith("ImportError: warehouse-ml runs on Linux and macOS")
    assert "Windows Subsystem for Linux" in last


@pytest.mark.parametrize(
    ("library", "version", "series", "module"),
    [
        ("duckdb", "2.0.1", "1.5", "scoring"),
        ("duckdb", "1.4.3", "1.5", "scoring.cli"),
        ("duckdb", "1.50.0", "1.5", "scoring.plugin"),
        ("dbt-core", "1.12.0", "1.11", "scoring.plugin"),
        ("dbt-core", "2.0.0b1", "1.11", "scoring.plugin"),
        ("dbt-duckdb", "1.10.1", "1.11", "scoring.plugin"),
    ],
)
def test_another_version_is_named_with_the_one_to_install(
    library: str, version: str, series: str, module: str
) -> None:
    last = last_line(OTHER.format(version, library) + f"import {module}")
    assert last.startswith(
        f"ImportError: warehouse-ml supports {library} {series}, but {version} is installed"
    )
    assert last.endswith(f"pip install '{library}=={series}.*'.")


def test_dbt_prints_the_sentence(tmp_path: Path) -> None:
    project = own_project.make(tmp_path, {"orders": "id\n1\n"}, {})
    # Python imports this module of a folder on its path before anything else.
    write(project, "startup/sitecustomize.py", OTHER.format("2.0.1", "duckdb"))
    program = Path(sys.executable).with_name("dbt")
    done = subprocess.run(
        [program, "build"], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "startup"), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "warehouse-ml supports duckdb 1.5, but 2.0.1 is installed" in " ".join(done.stdout.split())


def test_another_spark_is_rejected_where_a_session_is_opened_and_only_there() -> None:
    other = OTHER.format("3.5.1", "pyspark")
    opening = "from scoring.spark.session import Options, session; session(Options())"
    last = last_line(f"{other}import scoring; {opening}")
    assert "SparkError: warehouse-ml supports pyspark 4.3, but 3.5.1 is installed" in last


def test_what_is_pinned_is_supported() -> None:
    from scoring.supported import SUPPORTED, SUPPORTED_ON_SPARK, check_versions

    assert {*SUPPORTED} == {"duckdb", "dbt-core", "dbt-duckdb"}
    check_versions()
    assert {*SUPPORTED_ON_SPARK} == {"dbt-spark", "pyspark"}
    check_versions(SUPPORTED_ON_SPARK)
