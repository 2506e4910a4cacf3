"""A wrong call of `warehouse-ml score` ends in one sentence before a row is scored, and nothing is lost."""

from __future__ import annotations

import pytest
import scored_project
from scored_project import Warehouse

import scoring
from scoring import stream
from scoring.loading import load
from scoring.warehouse import Warehouse as OpenWarehouse


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    made = scored_project.make(tmp_path_factory.mktemp("calls"))
    made.query(f"copy raw.rows to '{made.path.parent}/rows.csv'")
    made.query(f"copy raw.rows to '{made.path.parent}/rows.parquet'")
    (made.path.parent / "link.parquet").symlink_to("rows.parquet")
    (made.path.parent / "hard.parquet").hardlink_to(made.path.parent / "rows.parquet")
    return made


@pytest.fixture(autouse=True)
def folder(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(warehouse.path.parent)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("raw.rows", "raw.rows"),
        ("raw.rows", "RAW.Rows"),
        ("rows.csv", "rows.csv"),
        ("rows.csv", "./rows.csv"),
        ("*.csv", "rows.csv"),
        ("rows.parquet", "link.parquet"),
        ("link.parquet", "rows.parquet"),
        ("rows.parquet", "hard.parquet"),
    ],
)
def test_an_input_is_not_replaced_by_its_scores(warehouse: Warehouse, source: str, target: str) -> None:
    code, printed = warehouse.score(source, target)
    assert (code, printed.count("\n")) == (1, 1)
    assert f"{target.removeprefix('./')} is the input" in printed
    assert warehouse.query("select count(wide) from raw.rows") == [(400,)]
    assert warehouse.query("select count(wide) from 'rows.csv'") == [(400,)]
    assert warehouse.query("select count(wide) from 'hard.parquet'") == [(400,)]


@pytest.mark.parametrize("target", ["x.txt", "out/x.json", "scores.csv.zip", "x.xlsx", "nowhere.x"])
def test_output_of_unknown_ending_names_the_known_ones(warehouse: Warehouse, target: str) -> None:
    code, printed = warehouse.score("raw.rows", target)
    assert (code, printed.count("\n")) == (1, 1)
    assert f"'{target}'" in printed or f" {target} " in printed
    assert all(fact in printed for fact in (".parquet", ".csv.gz", "schema", "'raw'"))


@pytest.mark.parametrize("target", ["raw.", ""])
def test_output_has_a_name(warehouse: Warehouse, target: str) -> None:
    code, printed = warehouse.score("raw.rows", target)
    assert (code, printed.count("\n")) == (1, 1) and "schema.table" in printed


@pytest.mark.parametrize("memory", ["lots", "", "2", "50%", "-1GB", "99999999999TB", "1KB"])
def test_limit_of_memory_is_a_size(warehouse: Warehouse, memory: str) -> None:
    code, printed = warehouse.score("raw.rows", "raw.scores", "--memory", memory)
    assert (code, printed.count("\n")) == (1, 1)
    assert "--memory" in printed and "GB" in printed and "DuckDB says" not in printed


@pytest.mark.parametrize("source", ["raw.rows", "rows.csv", "rows.parquet"])
def test_columns_to_keep_are_named_in_any_case(warehouse: Warehouse, source: str) -> None:
    options = ("--keep", "ID", "--keep", "Seen_At", "--keep", "id")
    assert warehouse.score(source, "raw.cased", *options)[0] == 0
    names = [name for name, *_ in warehouse.query("describe raw.cased")]
    assert names == ["id", "seen_at", "prediction", "model_version", "scored_at"]
    code, printed = warehouse.score(source, "raw.cased", "--keep", "SEEN")
    assert (code, printed.count("\n")) == (1, 1)
    assert "'SEEN'" in printed and "Did you mean 'seen_at'?" in printed and "as text" not in printed


def test_columns_to_keep_in_python_are_named_in_any_case(warehouse: Warehouse) -> None:
    with scoring.connect(warehouse.path, read_only=True) as connection:
        scorer = load(OpenWarehouse(connection), "late")
        rows = stream.score(connection.cursor(), "from raw.rows", scorer, keep=["ID"])
        assert rows.read_all().column_names[0] == "id"
