"""A Python model returns training rows or a fitted model with its rows; what goes wrong in it is its own refusal."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import yaml
from project import ROOT, Project, Run
from sklearn import datasets

import scoring

PAGE = (ROOT / "docs/python_models.md").read_text()
FILES = dict(re.findall(r"`(models/[\w/.]+)`:\n```\w+\n(.*?)```", PAGE, re.DOTALL))
GOOD = ("tumour_booster", "tumour_pipeline", "tumour_frame", "tumour_rows")
FEATURES = ("mean_radius", "mean_texture", "mean_area", "mean_concavity")
FRAME = """
def model(dbt, session):
    dbt.config(materialized="ml_model")
    return dbt.ref("samples").df()
"""
BROKEN = """
def model(dbt, session):
    dbt.config(materialized="ml_model")
    return dbt.ref("samples").df()["no_such_column"]
"""
PROJECT = """
name: own
version: 0.1.0
config-version: 2
profile: my_warehouse
flags: {send_anonymous_usage_stats: false}
models: {own: {+materialized: table}}
"""


def with_block(name: str, code: str) -> dict[str, str]:
    """Return the files of a model with the block of the first one."""
    config = yaml.safe_load(FILES["models/ml/tumour_rows.yml"])["models"][0]["config"]
    block = {"models": [{"name": name, "config": config}]}
    return {f"models/ml/{name}.py": code, f"models/ml/{name}.yml": json.dumps(block)}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project of the page, with a model that raises beside; built twice."""
    project = Project(tmp_path_factory.mktemp("python_models"))
    data = datasets.load_breast_cancer()
    places = [list(data.feature_names).index(name.replace("_", " ")) for name in FEATURES]
    rows = np.column_stack([np.arange(len(data.target)), data.data[:, places], data.target])
    files = {
        **FILES,
        "dbt_project.yml": PROJECT,
        "packages.yml": json.dumps({"packages": [{"local": str(ROOT)}]}),
        "profiles.yml": (ROOT / "dbt_project/profiles.yml").read_text(),
        **with_block("tumour_frame", FRAME),
        **with_block("tumour_raising", BROKEN),
        "models/samples.sql": f"select * from read_csv('{project.folder}/samples.csv')",
        "models/predicted.sql": "{{ warehouse_ml.predict(ref('tumour_booster'), ref('samples')) }}",
    }
    for path, text in files.items():
        (project.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (project.folder / path).write_text(text)
    header = ",".join(["sample_id", *FEATURES, "is_benign"])
    np.savetxt(project.folder / "samples.csv", rows, "%.17g", ",", header=header, comments="")
    (project.folder / "dbt_packages").mkdir()
    (project.folder / "dbt_packages/warehouse_ml").symlink_to(ROOT)  # as `dbt deps` does
    return project


@pytest.fixture(scope="module")
def runs(project: Project) -> list[Run]:
    """Two builds; before the second one a comment is added to a file."""
    first = project.build("-s", "package:own")
    project.replace("models/ml/tumour_pipeline.py", "def model", "# The same model.\n\n\ndef model")
    return [first, project.build("-s", "package:own")]


def test_model_that_raises_is_refused_alone(project: Project, runs: list[Run]) -> None:
    for run in runs:
        assert run.code == 1
        assert "tumour_raising" in run.output and "no_such_column" in run.output
    assert project.query(
        "select model_name, max_by(version, sequence), max_by(action, sequence) from decisions group by 1 order by 1"
    ) == [
        ("tumour_booster", 1, "accept"),
        ("tumour_frame", 1, "accept"),
        ("tumour_pipeline", 1, "accept"),
        ("tumour_raising", None, "refuse"),
        ("tumour_rows", 1, "accept"),
    ]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("name", GOOD)
def test_build_of_the_same_model_appends_no_version(project: Project, name: str) -> None:
    assert project.query(f"select version, changes from {name}") == [(1, ["first"])]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("name", GOOD[:2])
def test_scores_in_sql_are_the_library_s(project: Project, name: str) -> None:
    with scoring.connect(project.warehouse) as warehouse:
        space: dict[str, Any] = {}
        exec(FILES[f"models/ml/{name}.py"], space)
        dbt = type(
            "dbt", (), {"ref": lambda self, table: warehouse.table(table), "config": lambda self, **_: None}
        )
        warehouse.sql("set schema = 'main'")
        fitted, rows = space["model"](dbt(), warehouse)
        frame = rows.df()
        columns = frame[[*FEATURES]]
        expected = (
            fitted.predict(columns) if name == "tumour_booster" else fitted.predict_proba(columns)[:, 1]
        )
        scores = warehouse.sql(f"select ml_predict('{name}', r) from rows as r").fetchnumpy()
        np.testing.assert_allclose(next(iter(scores.values())), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.usefixtures("runs")
def test_booster_is_explained_and_has_the_library_s_settings(project: Project) -> None:
    with scoring.connect(project.warehouse) as warehouse:
        ((explained,),) = warehouse.sql(
            "select ml_explain('tumour_booster', s) from samples as s limit 1"
        ).fetchall()
    assert set(explained) == {*FEATURES, "(base)"}
    ((estimator, params),) = project.query("select estimator, params from tumour_booster")
    assert (estimator, json.loads(params)["num_leaves"]) == ("lightgbm", 7)
    assert len(project.query("select prediction from predicted")) == 569


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("name", "problem"), [("tumour_rows", None), ("tumour_frame", "return a DuckDB relation")]
)
def test_training_rows_that_a_query_gives_can_be_rebuilt(
    project: Project, name: str, problem: str | None
) -> None:
    ((query, reported),) = project.query(f"select training_set.query, training_set.problem from {name}")
    assert (query is None) == (problem is not None)
    assert reported is None if problem is None else problem in reported
