from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from command_line import Run, make_warehouse, runner


@pytest.fixture
def file(tmp_path: Path, trained: pa.Table, binary_sql: str) -> Path:
    """Three versions: the second is the champion, the third was refused."""
    path = make_warehouse(tmp_path / "w.duckdb", trained, binary_sql)
    with duckdb.connect(str(path)) as warehouse:
        for version in (2, 3):
            warehouse.execute(
                f"insert into ml.late select * replace ({version} as version, "
                f"timestamp '2024-05-0{version}' as created_at) from ml.late where version = 1"
            )
        warehouse.execute("update ml.late set created_at = timestamp '2024-05-01' where version = 1")
        warehouse.execute("update ml.champions set version = 2")
    return path


def judge(file: Path) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute(
            """
            create view ml.model_gates as
            select 'late' as model_name, version, metric, 'test' as dataset, 'max' as comparison,
                null::varchar as slice_column, null::varchar as slice_value, 0.5 as threshold, observed,
                coalesce(observed <= 0.5, false) as is_passed, 'error' as severity,
                true as is_declared_today, true as is_declared_at_training
            from (values
                (1, 'log_loss', 0.4), (2, 'log_loss', 0.3), (3, 'log_loss', 0.6), (3, 'brier', null)
            ) as t (version, metric, observed)
            """
        )


def test_versions_are_listed_with_the_champion_and_the_reason(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    judge(file)
    code, out, err = runner(file, capfd)("models")
    assert (code, err) == (0, "")
    header, *rows = [line.split() for line in out.splitlines()]
    assert header == ["model", "version", "task", "estimator", "created", "champion", "why"]
    assert [" ".join(row) for row in rows] == [
        "late 3 binary lightgbm 2024-05-03 00:00:00 refused: brier test max 0.5, observed nothing; "
        "log_loss test max 0.5, observed 0.6",
        "late 2 binary lightgbm 2024-05-02 00:00:00 yes gates, since 2024-05-01 12:00:00",
        "late 1 binary lightgbm 2024-05-01 00:00:00 met its gates",
    ]


def test_one_model_is_listed_by_name_in_a_warehouse_that_has_judged_nothing(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run: Run = runner(file, capfd)
    assert [line.split("  ")[-1].strip() for line in run("models", "--model", "Late")[1].splitlines()] == [
        "why",
        "not judged yet",
        "gates, since 2024-05-01 12:00:00",
        "not judged yet",
    ]
    code, out, err = run("models", "--model", "lat")
    assert (code, out) == (1, "")
    assert err.startswith("Model 'lat' is not in this warehouse") and err.endswith("Did you mean 'late'?\n")


def test_warehouse_is_chosen_by_option_then_variable_then_default(
    file: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from scoring.cli import main

    def complaint(*arguments: str) -> str:
        main(arguments)
        return capfd.readouterr().err

    monkeypatch.delenv("WAREHOUSE_PATH", raising=False)
    monkeypatch.chdir(file.parent)
    assert "warehouse warehouse.duckdb is not there" in complaint("models")
    monkeypatch.setenv("WAREHOUSE_PATH", "second.duckdb")
    assert "warehouse second.duckdb is" in complaint("models")
    monkeypatch.setenv("WAREHOUSE_ML_WAREHOUSE", "first.duckdb")
    assert "warehouse first.duckdb is" in complaint("models")
    assert "warehouse before.duckdb is" in complaint("--warehouse", "before.duckdb", "models")
    assert "warehouse after.duckdb is" in complaint(
        "--warehouse", "before.duckdb", "models", "--warehouse", "after.duckdb"
    )
    assert complaint("models", "--warehouse", "w.duckdb") == ""
