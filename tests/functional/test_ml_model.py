"""One SQL file and one YAML block make a model: trained, versioned, trained again only when it must be."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from lightgbm import Booster
from ml_project import CONFIG, FEATURES, declare, write_samples
from project import Project

from training.evaluation.metrics import COUNTS

VERSIONS = "select version, changes, artifact_sha256 from ml.tumour order by version"
MODEL = ("--select", "samples", "tumour")
ANOMALIES = {"labelled": {"average_precision", "flagged_share", "roc_auc"}, "unlabelled": {"flagged_share"}}


def test_model_is_trained_gated_and_scores(small: Project) -> None:
    ((version, changes, _),) = small.query(VERSIONS)
    assert (version, changes) == (1, ["first"])
    assert small.query("select version from ml.champions where model_name = 'tumour'") == [(1,)]
    assert small.query("select count(*) from marts.tumour_predictions where model_version = 1") == [(569,)]
    predictors = (
        "select distinct entry.predictor from (select unnest(metrics) as entry from ml.tumour) order by 1"
    )
    assert small.query(predictors) == [("constant",), ("linear",), ("model",)]


def test_nothing_is_left_behind(small: Project) -> None:
    tables = "select table_name from duckdb_tables() where schema_name = 'ml' or table_name like '%tumour%' order by 1"
    assert [name for (name,) in small.query(tables)] == [
        *(
            "decisions",
            "labelled",
            "tumour",
            "tumour_explanations",
            "tumour_predictions",
            "tumour_scores",
            "unlabelled",
        )
    ]


def test_the_sql_form_scores_as_the_library_does(small: Project) -> None:
    with duckdb.connect(str(small.warehouse), read_only=True) as client:
        scores = client.sql(
            "select ml.tumour_raw_sql(s), ml.tumour_sql(s) from raw.samples as s order by sample_id"
        )
        raw, prediction = (np.array(column) for column in zip(*scores.fetchall(), strict=True))
        matrix = np.array(
            client.sql(f"select {', '.join(FEATURES)} from raw.samples order by sample_id").fetchall()
        )
        (native,) = client.sql("select native_model from ml.tumour").fetchone()
        scored = client.sql("select prediction from marts.tumour_predictions order by sample_id").fetchnumpy()
    np.testing.assert_array_equal(raw, Booster(model_str=native).predict(matrix, raw_score=True))
    np.testing.assert_allclose(prediction, scored["prediction"], rtol=1e-15)


@pytest.mark.parametrize("name", ANOMALIES)
def test_an_anomaly_model_is_measured_and_champion(small: Project, name: str) -> None:
    assert small.query(f"select version from ml.champions where model_name = '{name}'") == [(1,)]
    metrics = small.query(
        f"select metric from ml.model_metrics where model_name = '{name}' and dataset = 'test'"
    )
    assert {metric for (metric,) in metrics} == ANOMALIES[name] | COUNTS.keys()


@pytest.mark.parametrize("name", ANOMALIES)
def test_rows_above_the_threshold_are_anomalies(small: Project, name: str) -> None:
    rows = small.query(
        "select predicted_class, count(*), "
        "bool_and((prediction > signature.threshold) = (predicted_class = 'anomaly')) "
        f"from marts.{name}_predictions cross join ml.{name} group by 1 order by 1"
    )
    assert [(outcome, holds) for outcome, _, holds in rows] == [("anomaly", True), ("normal", True)]
    (_, anomalies, _), (_, normal, _) = rows
    assert anomalies + normal == 569
    assert 0.05 < anomalies / 569 < 0.2


def test_the_label_of_anomalies_is_no_feature(small: Project) -> None:
    features = "select list_transform(signature.features, lambda f: f.name) from ml.{}"
    assert small.query(features.format("labelled")) == small.query(features.format("unlabelled"))


def test_warehouse_holds_what_is_needed_to_find_the_rows_of_a_split_again(small: Project) -> None:
    share = "('0x' || substr(md5(split.salt || sample_id::varchar), 1, 8))::bigint / 4294967296e0"
    counts = small.query(
        f"select count(*) filter (where {share} < split.test), count(*) filter (where {share} between "
        "split.test and split.test + split.validation) from ml.tumour cross join raw.samples"
    )
    stored = small.query(
        "select max(part.rows) filter (where part.split = 'test'), max(part.rows) filter (where part.split = "
        "'validation') from (select unnest(split.parts) as part from ml.tumour)"
    )
    assert counts == stored


def test_every_change_makes_one_version_that_says_what_changed(small: Project, tmp_path: Path) -> None:
    project = small.copy_to(tmp_path / "project")
    ((*_, digest),) = project.query(VERSIONS)

    def build(*arguments: str) -> list[tuple]:
        run = project.dbt("build", *MODEL, *arguments)
        assert run.code == 0, run.output
        return [(version, changes) for version, changes, _ in project.query(VERSIONS)]

    decisions = "select count(*) from ml.decisions where model_name = 'tumour'"
    assert build() == [(1, ["first"])]
    assert project.query(decisions) == [(1,)]
    write_samples(project, rows=500)
    assert build()[1:] == [(2, ["data"])]
    declare(project, {**CONFIG, "seed": 7})
    assert build()[2:] == [(3, ["config"])]
    # Back to the first data and configuration: the same artifact, bit for bit.
    write_samples(project)
    declare(project)
    assert build("--full-refresh")[3:] == [(4, ["data", "config"])]
    assert build("--full-refresh")[4:] == [(5, ["retrain"])]
    assert [sha == digest for *_, sha in project.query(VERSIONS)] == [True, False, False, True, True]
