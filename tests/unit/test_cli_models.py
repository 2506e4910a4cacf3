from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from command_line import Run, make_warehouse, runner
from made_versions import add, decide

from scoring.decisions import REFUSE
from scoring.projects import results
from scoring.versions import ListedVersion, listed_versions
from scoring.warehouse import Warehouse


def verdict(version: int, metric: str, observed: float | None) -> dict[str, Any]:
    is_passed = observed is not None and observed <= 0.5
    return {
        "version": version,
        "metric": metric,
        "dataset": "test",
        "comparison": "max",
        "slice_column": None,
        "slice_value": None,
        "severity": "error",
        "threshold": 0.5,
        "observed": observed,
        "is_passed": is_passed,
        "is_declared_today": True,
        "is_declared_at_training": True,
    }


JUDGED = {
    "newest_version": 3,
    "passing_versions": (1, 2),
    "gates": (
        verdict(1, "log_loss", 0.4),
        verdict(2, "log_loss", 0.3),
        verdict(3, "brier", None),
        verdict(3, "log_loss", 0.6),
    ),
}


@pytest.fixture
def file(tmp_path: Path, trained: pa.Table, binary_sql: str) -> Path:
    """Three versions: the second is the champion, nothing was decided about the third."""
    path = make_warehouse(tmp_path / "w.duckdb", trained, binary_sql)
    with duckdb.connect(str(path)) as warehouse:
        for version in (2, 3):
            warehouse.execute(
                f"insert into ml.late select * replace ({version} as version, "
                f"timestamp '2024-05-0{version}' as created_at) from ml.late where version = 1"
            )
        warehouse.execute("update ml.late set created_at = timestamp '2024-05-01' where version = 1")
        decide(warehouse, "late", 2, decided_at=datetime(2024, 5, 2, 12))
    return path


def test_versions_are_listed_with_the_champion_and_the_reason(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The champion scores since the decision that made it one, whatever was decided after."""
    with duckdb.connect(str(file)) as warehouse:
        decide(warehouse, "late", 2, action=REFUSE, reason="Version 3 fails.", **JUDGED)
    code, out, err = runner(file, capfd)("models")
    assert (code, err) == (0, "")
    header, *rows = [line.split() for line in out.splitlines()]
    assert header == ["model", "version", "task", "estimator", "created", "champion", "why"]
    assert [" ".join(row) for row in rows] == [
        "late 3 binary lightgbm 2024-05-03 00:00:00 refused: brier test max 0.5, observed nothing; "
        "log_loss test max 0.5, observed 0.6",
        "late 2 binary lightgbm 2024-05-02 00:00:00 yes gates, since 2024-05-02 12:00:00",
        "late 1 binary lightgbm 2024-05-01 00:00:00 met its gates",
    ]


def whys(out: str) -> list[str]:
    return [line.split("  ")[-1].strip() for line in out.splitlines()[1:]]


def test_one_model_is_listed_by_name_and_a_version_that_no_build_has_judged_says_so(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run: Run = runner(file, capfd)
    expected = ["not judged yet", "gates, since 2024-05-02 12:00:00", "refused"]
    for name in ("Late", "ml.late"):
        assert whys(run("models", "--model", name)[1]) == expected
    for name in ("lat", "other.late"):
        code, out, err = run("models", "--model", name)
        assert (code, out) == (1, "")
        assert err.startswith(f"Model '{name}' is not in this warehouse")
        assert "'late'" in err
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("drop table ml.decisions")
    assert whys(run("models")[1]) == ["not judged yet"] * 3


def test_a_model_that_was_never_trained_is_listed(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("create table ml.never as from ml.late where false")
    run: Run = runner(file, capfd)
    assert run("models", "--model", "never")[1].splitlines()[1].split(maxsplit=1) == [
        "never",
        "no version: dbt build trains the first one, or says why not",
    ]
    with duckdb.connect(str(file), read_only=True) as warehouse:
        versions = listed_versions(Warehouse(warehouse), "never")
    sentence = "never has no version: dbt build trains the first one, or says why not."
    assert list(results.shown(results.Built(versions))) == [sentence]
    assert whys(run("models")[1])[0:3] == ["not judged yet", "gates, since 2024-05-02 12:00:00", "refused"]


def test_models_of_several_schemas_are_listed_with_them(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect(str(file)) as warehouse:
        row = warehouse.table("ml.late").limit(1).to_arrow_table()
        add(warehouse, row, schema="dev_ml")
    _, out, _ = runner(file, capfd)("models")
    assert {line.split()[0] for line in out.splitlines()[1:]} == {"dev_ml.late", "ml.late"}
    assert [line.split()[0] for line in out.splitlines() if " yes " in line] == ["dev_ml.late", "ml.late"]


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


def test_version_is_that_of_the_distribution(run: Run) -> None:
    assert run("--version") == (0, f"warehouse-ml, version {metadata.version('warehouse-ml')}\n", "")


def test_a_file_that_is_no_warehouse_is_one_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from scoring.cli import main

    (tmp_path / "customers.csv").write_text("id,label\n1,0\n")
    assert main(["--warehouse", str(tmp_path / "customers.csv"), "models"]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "customers.csv is not a DuckDB database" in line
    (tmp_path / "damaged.duckdb").write_bytes(8 * b"\0" + b"DUCK" + 5000 * b"\0")
    assert main(["--warehouse", str(tmp_path / "damaged.duckdb"), "models"]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert "damaged.duckdb cannot be opened" in line and "restore it" in line


def test_each_gate_says_what_was_asked_and_observed() -> None:
    version = ListedVersion("late", 1, "binary", "lightgbm", None, True, "gates")
    gates = [
        ("roc_auc", "test", "min", None, 0.74, 0.76, True),
        ("roc_auc", "test", "min", "airport JFK", 0.7, 0.69, False),
        ("log_loss", "test", "min_gain_over_baseline", None, 0.01, 0.02, True),
        ("log_loss", "test", "must_beat_constant", None, None, 0.15, True),
        ("log_loss", "test", "max_vs_champion", None, 1.01, None, True),
        ("roc_auc", "test", "min", None, 0.5, None, False),
    ]
    assert list(results.shown(results.Built([version], gates)))[1:] == [
        "  passed  roc_auc test min 0.74: 0.76",
        "  FAILED  roc_auc test min airport JFK 0.7: 0.69",
        "  passed  log_loss test min_gain_over_baseline 0.01: a gain of 0.02",
        "  passed  log_loss test must_beat_constant: a gain of 0.15",
        "  passed  log_loss test max_vs_champion 1.01: nothing to compare with",
        "  FAILED  roc_auc test min 0.5: nothing measured",
    ]
