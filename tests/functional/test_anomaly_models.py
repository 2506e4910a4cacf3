"""Anomaly models, with known anomalies and without, are trained, gated and scored by one build."""

from __future__ import annotations

from typing import Any

import pytest
from ml_project import PREDICTIONS, declare, make, write
from project import Project

from training.evaluation.metrics import COUNTS

CONFIG: dict[str, Any] = {
    "task": "anomaly",
    "key": "sample_id",
    "split": {"method": "random", "test": 0.3},
    "params": {"n_estimators": 30, "contamination": 0.1},
}
LABELLED = {**CONFIG, "label": "is_benign", "positive": 0, "gates": [{"metric": "roc_auc", "min": 0.7}]}
UNLABELLED = {**CONFIG, "gates": [{"metric": "flagged_share", "max": 0.2}]}
METRICS = {"tumour": {"average_precision", "flagged_share", "roc_auc"}, "unlabelled": {"flagged_share"}}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after its first build; not to be changed."""
    project = make(tmp_path_factory.mktemp("anomaly") / "project")
    declare(project, LABELLED)
    declare(project, UNLABELLED, "select * exclude (is_benign) from {{ ref('samples') }}", name="unlabelled")
    for name in METRICS:
        query = PREDICTIONS.replace("ref('samples')", "ref('samples'), ['prediction', 'predicted_class']")
        write(project, f"models/marts/{name}_predictions.sql", query.replace("tumour", name))
    project.replace("dbt_project.yml", "ml_models: [tumour]", "ml_models: [tumour, unlabelled]")
    run = project.dbt("build")
    assert run.code == 0, run.output
    return project


@pytest.mark.parametrize("name", METRICS)
def test_model_is_measured_and_champion(built: Project, name: str) -> None:
    assert built.query(f"select version from ml.champions where model_name = '{name}'") == [(1,)]
    metrics = built.query(
        f"select metric from ml.model_metrics where model_name = '{name}' and dataset = 'test'"
    )
    assert {metric for (metric,) in metrics} == METRICS[name] | COUNTS.keys()


@pytest.mark.parametrize("name", METRICS)
def test_rows_above_the_threshold_are_anomalies(built: Project, name: str) -> None:
    rows = built.query(
        "select predicted_class, count(*), "
        "bool_and((prediction > signature.threshold) = (predicted_class = 'anomaly')) "
        f"from marts.{name}_predictions cross join ml.{name} group by 1 order by 1"
    )
    assert [(found, holds) for found, _, holds in rows] == [("anomaly", True), ("normal", True)]
    (_, anomalies, _), (_, normal, _) = rows
    assert anomalies + normal == 569
    assert 0.05 < anomalies / 569 < 0.2


def test_label_is_no_feature(built: Project) -> None:
    features = "select list_transform(signature.features, lambda f: f.name) from ml.{}"
    assert built.query(features.format("tumour")) == built.query(features.format("unlabelled"))
