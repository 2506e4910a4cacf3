from importlib.metadata import EntryPoints
from pathlib import Path

import duckdb
import pytest
from command_line import Run

from scoring import training_packages

KEPT = "{'query': $q, 'cutoff': timestamp '2024-05-01', 'models_sha256': 'x', 'inputs': [], 'problem': null}"


@pytest.fixture
def kept(file: Path) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute(f"update ml.late set training_set = {KEPT}", {"q": "from raw.rows"})


def test_without_its_query_a_version_says_why(run: Run) -> None:
    code, out, err = run("training-set", "--model", "late@1")
    assert (code, out) == (1, "")
    assert (
        "'late@1' cannot be built again, as its version holds no query: it was trained outside of dbt" in err
    )


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv", "rows.csv.gz"])
def test_rows_are_written_once(file: Path, run: Run, tmp_path: Path, name: str) -> None:
    code, out, err = run("training-set", "--model", "late", "--version", "1", "--output", tmp_path / name)
    assert (code, err) == (0, "")
    assert "as of 2024-05-01 00:00:00, fingerprint " in out
    with duckdb.connect(str(file), read_only=True) as warehouse:
        assert (
            warehouse.sql(f"select count(*) from '{tmp_path / name}'").fetchall()
            == warehouse.sql("select count(*) from raw.rows").fetchall()
        )
    code, out, err = run("training-set", "--model", "late", "--output", tmp_path / name)
    assert (code, out) == (1, "")
    assert "is there already" in err


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--model", "late@1", "--version", "1"], 2, "The version must be given once"),
        (["--model", "late", "--output", "marts.rows"], 1, "The output 'marts.rows' is no file"),
        (["--model", "late", "--version", "7"], 1, "no version 7"),
    ],
)
def test_wrong_calls_end_in_a_sentence(run: Run, arguments: list[str], code: int, sentence: str) -> None:
    exit_code, out, err = run("training-set", *arguments)
    assert (exit_code, out) == (code, "")
    assert sentence in err


def test_training_packages_that_are_missing_are_reported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_packages, "entry_points", lambda group: EntryPoints())
    code, out, err = run("training-set", "--model", "late")
    assert (code, out) == (1, "")
    assert "training-set needs the packages that train models" in err
