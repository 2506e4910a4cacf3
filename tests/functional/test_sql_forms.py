"""The champion scores in the warehouse file itself: as macros that any client of the file can call."""

from __future__ import annotations

from pathlib import Path

import duckdb
import ml_project
import numpy as np
import pytest
from lightgbm import Booster
from project import Project
from registry import add_version, build, make_project, measured

GATES = [{"metric": "roc_auc", "min": 0.7}]


def form(factor: int) -> dict[str, str]:
    return {"raw_score": f"r.x * {factor}e0 + r.y", "prediction": "raw_score / 2e0"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Versions 1 and 2 of the model have an SQL form, 3 has none; the champion is version 2."""
    project = make_project(tmp_path_factory.mktemp("sql_forms"), {"rain": GATES, "fog": GATES})
    for version, sql_form, auc in ((1, form(10), 0.8), (2, form(20), 0.8), (3, None, 0.1)):
        row = {"sql_form": sql_form, "estimator": "lightgbm" if sql_form else "mlp"}
        add_version(project, "rain", version, measured("roc_auc", auc), gates=GATES, **row)
    add_version(project, "fog", 1, measured("roc_auc", 0.8), gates=GATES)
    run = build(project)
    assert run.code == 1  # version 3 is refused
    assert (
        "There is no ml.fog_sql: version 1 of fog has no SQL form (it would be longer than 1.5" in run.output
    )
    return project


def scores(project: Project) -> tuple[float, float]:
    """Return what a client without any of our functions gets, from a file that it attached."""
    with duckdb.connect() as client:
        client.execute(f"attach '{project.warehouse}' as shop (read_only)")
        found = client.sql(
            "select shop.ml.rain_raw_sql(t), shop.ml.rain_sql(t) from (select 1 as X, 4 as y) as t"
        )
        row = found.fetchone()
    assert row is not None
    return row


def macros(project: Project) -> list[tuple[str, str]]:
    return project.query(
        "select function_name, left(comment, 17) from duckdb_functions() where schema_name = 'ml' order by 1"
    )


def decide(project: Project, action: str, version: int | None = None) -> str:
    forced = ", force: true" if version == 3 else ""  # it does not pass its gates
    arguments = "{model: rain}" if version is None else f"{{model: rain, version: {version}{forced}}}"
    run = project.dbt("run-operation", action, "--args", arguments)
    assert run.code == 0, run.output
    return run.output


def test_the_macros_follow_the_champion(project: Project) -> None:
    assert scores(project) == (24.0, 12.0)
    assert macros(project) == [("rain_raw_sql", "Version 2 of rain"), ("rain_sql", "Version 2 of rain")]

    decide(project, "promote", 1)
    assert scores(project) == (14.0, 7.0)

    output = decide(project, "promote", 3)
    assert "There is no ml.rain_sql: version 3 of rain has no SQL form (estimator mlp has none)" in output
    assert "ml.fog_sql" not in output
    assert macros(project) == []

    decide(project, "release")
    assert scores(project) == (24.0, 12.0)
    assert "There is no" not in build(project).output  # nothing has changed
    assert scores(project) == (24.0, 12.0)


def test_a_trained_model_scores_as_its_library_does(tmp_path: Path) -> None:
    project = ml_project.make(tmp_path)
    run = project.dbt("build")
    assert run.code == 0, run.output
    features = ", ".join(ml_project.FEATURES)
    with duckdb.connect(str(project.warehouse), read_only=True) as client:
        found = client.sql(
            "select ml.tumour_raw_sql(s), ml.tumour_sql(s) from raw.samples as s order by sample_id"
        )
        raw, prediction = (np.array(column) for column in zip(*found.fetchall(), strict=True))
        matrix = np.array(client.sql(f"select {features} from raw.samples order by sample_id").fetchall())
        (native,) = client.sql("select native_model from ml.tumour").fetchone()
        scored = client.sql("select prediction from marts.tumour_predictions order by sample_id").fetchnumpy()
    booster = Booster(model_str=native)
    np.testing.assert_array_equal(raw, booster.predict(matrix, raw_score=True))
    np.testing.assert_allclose(prediction, scored["prediction"], rtol=1e-15)
