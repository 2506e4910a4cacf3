from importlib.metadata import EntryPoints
from pathlib import Path
from typing import Any

import duckdb
import made_versions
import pytest
from command_line import Run

from scoring import training_packages
from training import train


def add(file: Path, name: str, sql: str, config: dict[str, Any]) -> None:
    with duckdb.connect(str(file)) as warehouse:
        row = train(warehouse.sql(sql), model_name=name, config=config)
        made_versions.add(warehouse, row, champion=False)


def test_champions_score_as_lightgbm_does(file: Path, run: Run, binary_sql: str) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("create table ml.unjudged as from ml.late")
    code, out, err = run("verify")
    late, unjudged = out.splitlines()
    assert (code, err, unjudged) == (0, "", "ml.unjudged: no champion.")
    assert late.startswith("late@1: the same as LightGBM ")
    assert "raw scores differ by at most 0, " in late


@pytest.mark.parametrize(
    ("task", "estimator", "label"),
    [
        ("binary", "logistic_regression", "is_late"),
        ("multiclass", "mlp", "region"),
        ("multiclass", "random_forest", "region"),
        ("regression", "linear_regression", "minutes"),
        ("regression", "extra_trees", "minutes"),
        ("clustering", "kmeans", None),
        ("anomaly", "isolation_forest", None),
    ],
)
def test_other_estimators_score_as_the_reference_implementation_does(
    file: Path, run: Run, training_sql: str, task: str, estimator: str, label: str | None
) -> None:
    others = sorted({"is_late", "minutes"} - {label})
    where = f" where {label} is not null" if label else ""
    sql = f"select * exclude ({', '.join(others)}) from ({training_sql}){where}"
    config = {"task": task, "label": label, "key": "id", "time": "predicted_at", "estimator": estimator}
    config["split"] = {"method": "sequential", "validation": 0.1, "test": 0.2}
    if estimator in ("random_forest", "extra_trees", "isolation_forest"):
        config["params"] = {"n_estimators": 5}
    add(file, "other", sql, {key: value for key, value in config.items() if value})
    code, out, err = run("verify", "--model", "other@1")
    assert (code, err) == (0, "")
    assert out.startswith("other@1: the same as the reference implementation of ONNX ")


def test_artifact_that_scores_otherwise_is_reported(file: Path, run: Run) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("alter table ml.late drop scoring_sha256")  # else the digest says so first
        warehouse.execute(
            "update ml.late set native_model = replace(native_model, 'leaf_value=-', 'leaf_value=+')"
        )
    code, out, err = run("verify")
    assert (code, out) == (1, "")
    assert "'late' is refused: its scores from the ONNX artifact (raw score) must equal" in err


def test_one_that_differs_does_not_keep_others_from_being_verified(file: Path, run: Run) -> None:
    with duckdb.connect(str(file)) as warehouse:
        warehouse.execute("create table ml.early as select * replace ('early' as model_name) from ml.late")
        warehouse.execute("update ml.early set artifact_sha256 = repeat('0', 64)")
        made_versions.decide(warehouse, "early", 1)
    code, out, err = run("verify")
    assert code == 1
    assert err.startswith("The artifact of 'early@1' is refused") and err.count("\n") == 1
    assert out.startswith("late@1: the same") and out.count("\n") == 1


def test_missing_training_packages_are_reported(
    file: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_packages, "entry_points", lambda group: EntryPoints())
    code, out, err = run("verify")
    assert (code, out) == (1, "")
    assert "needs the packages that train models" in err and err.count("\n") == 1
