"""One SQL file and one YAML block make a model: trained, versioned, trained again only when it must be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from ml_project import CONFIG, QUERY, declare, make, write_samples
from project import Project

VERSIONS = "select version, changes, artifact_sha256 from ml.tumour order by version"
TABLES = "select database_name, schema_name, table_name from duckdb_tables() where schema_name = 'ml'"
MODEL = ("--select", "samples", "tumour")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after its first build; not to be changed."""
    project = make(tmp_path_factory.mktemp("small") / "project")
    run = project.dbt("build")
    assert run.code == 0, run.output
    return project


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """A copy of the built project to change and to build."""
    ignored = shutil.ignore_patterns("target", "logs")
    return Project(shutil.copytree(built.folder, tmp_path / "project", symlinks=True, ignore=ignored))


def node_seconds(project: Project, name: str) -> float:
    results = json.loads((project.folder / "target/run_results.json").read_text())["results"]
    (seconds,) = (result["execution_time"] for result in results if result["unique_id"].endswith(f".{name}"))
    return float(seconds)


def test_model_is_trained_gated_and_scores(built: Project) -> None:
    ((version, changes, _),) = built.query(VERSIONS)
    assert (version, changes) == (1, ["first"])
    assert built.query("select model_name, version from ml.champions") == [("tumour", 1)]
    assert built.query("select count(*) from marts.tumour_predictions where model_version = 1") == [(569,)]
    predictors = (
        "select distinct entry.predictor from (select unnest(metrics) as entry from ml.tumour) order by 1"
    )
    assert built.query(predictors) == [("constant",), ("linear",), ("model",)]


def test_nothing_is_left_behind(built: Project) -> None:
    assert [name for *_, name in built.query(f"{TABLES} and table_name like '%tumour%'")] == ["tumour"]


def test_unchanged_model_is_not_trained_again(project: Project) -> None:
    before = project.query(VERSIONS)
    run = project.dbt("build", *MODEL)
    assert run.code == 0, run.output
    assert project.query(VERSIONS) == before
    assert node_seconds(project, "tumour") < 1


def test_changes_make_one_version_each_that_says_what_changed(project: Project) -> None:
    ((*_, digest),) = project.query(VERSIONS)
    write_samples(project, rows=500)
    assert project.dbt("build", *MODEL).code == 0
    declare(project, {**CONFIG, "seed": 7})
    assert project.dbt("build", *MODEL).code == 0
    # Back to the first data and configuration: the same artifact, bit for bit.
    write_samples(project)
    declare(project)
    run = project.dbt("build", *MODEL, "--full-refresh")
    assert run.code == 0, run.output
    versions = project.query(VERSIONS)
    assert [(version, changes) for version, changes, _ in versions] == [
        (1, ["first"]),
        (2, ["data"]),
        (3, ["config"]),
        (4, ["data", "config"]),
    ]
    assert [sha == digest for *_, sha in versions] == [True, False, False, True]


def test_full_refresh_trains_anew_and_keeps_the_versions(project: Project) -> None:
    before = project.query(VERSIONS)
    run = project.dbt("build", *MODEL, "--full-refresh")
    assert run.code == 0, run.output
    first, second = project.query(VERSIONS)
    assert [first] == before
    assert (second[0], second[1], second[2]) == (2, ["retrain"], first[2])


@pytest.mark.parametrize(
    ("config", "query", "sentences"),
    [
        (
            {**CONFIG, "task": "binry", "labl": "x", "seed": -1},
            QUERY,
            [
                "Model 'tumour' has 3 problems under config: meta: ml:",
                "ml.task is 'binry'; it must be one of binary, multiclass, regression, clustering, anomaly",
                "Did you mean 'label'?",
                "ml.seed is -1; it must be a whole number between 0 and 2147483647",
            ],
        ),
        (
            CONFIG,
            "select * replace (sample_id // 2 as sample_id, mean_area / 0e0 as mean_area, "
            "nullif(is_benign, 1) as is_benign) from {{ ref('samples') }} limit 40",
            [
                "Model 'tumour' has 4 problems in its training data:",
                "there must be at least 50 rows to train, validate and test on; found 40",
                "key 'sample_id' must be unique; found 20 rows",
                "label 'is_benign' must be known and finite;",
                "label 'is_benign' must take at least two values; found only 0",
            ],
        ),
        (
            CONFIG,
            "select * exclude (is_benign) from {{ ref('samples') }}",
            ["column 'is_benign', the model's label, must be in the query;"],
        ),
        (
            CONFIG,
            "select *, 'é'' \"😀\\n'::integer as broken from {{ ref('samples') }}",
            ["DuckDB must be able to run the query, but says: Conversion Error", "😀"],
        ),
        (
            CONFIG,
            "select * from nowhere",
            ["but says: Catalog Error: Table with name nowhere"],
        ),
    ],
    ids=["configuration", "rows", "column", "value", "table"],
)
def test_problems_are_told_in_plain_sentences(
    project: Project, config: dict[str, Any], query: str, sentences: list[str]
) -> None:
    before = project.query(VERSIONS)
    declare(project, config, query)
    run = project.dbt("build", "--select", "tumour")
    assert run.code == 1
    for sentence in sentences:
        assert sentence in run.output
    assert "Traceback" not in run.output
    assert project.query(VERSIONS) == before
    assert [name for *_, name in project.query(f"{TABLES} and table_name like '%tumour%'")] == ["tumour"]


def test_model_outside_of_its_schema_is_told(project: Project) -> None:
    project.replace("dbt_project.yml", "ml: {+schema: ml}", "ml: {+schema: models}")
    run = project.dbt("build", "--select", "tumour")
    assert run.code == 1
    assert "Model 'tumour' must be built in schema ml, " in run.output
    assert "found schema 'models'" in run.output


def test_warehouse_holds_what_is_needed_to_find_the_rows_of_a_split_again(built: Project) -> None:
    share = "('0x' || substr(md5(split.salt || sample_id::varchar), 1, 8))::bigint / 4294967296e0"
    found = built.query(
        f"select count(*) filter (where {share} < split.test), count(*) filter (where {share} between "
        "split.test and split.test + split.validation) from ml.tumour cross join raw.samples"
    )
    stored = built.query(
        "select max(part.rows) filter (where part.split = 'test'), max(part.rows) filter (where part.split = "
        "'validation') from (select unnest(split.parts) as part from ml.tumour)"
    )
    assert found == stored
