"""The starter, copied out of the repository: installed from the wheel, and built by its workflow of production."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pytest
from fresh_environments import (
    commit,
    copy_of_the_repository,
    fresh_environment,
    supported_pythons,
    wheel_of,
)
from ml_project import write
from other_tables import other_tables
from project import REGISTRY, ROOT, Project
from scipy.stats import spearmanr
from sklearn.metrics import log_loss, roc_auc_score
from workflow_steps import Runner

import scoring

STARTER = ROOT / "dbt_project"
SCRIPT = STARTER / "seeds/write_subscriptions.py"
LEFT_OUT = shutil.ignore_patterns(
    "target", "logs", "dbt_packages", "*.duckdb*", "__pycache__", "package-lock.yml"
)
_, NEWEST = supported_pythons()
FILE = "production/warehouse.duckdb"
LEARNT = ["active_days", "support_tickets_80d", "plan"]
"""The features with an effect, from the largest to the least."""
# A join by known_at alone, as a month's report comes before that of the next.
AS_OF_RENEWAL = """
    from (select subscription_id as id, renews_at, is_churned from raw.subscriptions) as renewals
    asof left join features.subscription_usage as usage
        on renewals.id = usage.subscription_id and renewals.renews_at >= usage.known_at
"""


@dataclass(frozen=True)
class Release:
    """What a user installs: the repository, and its wheel."""

    repository: Path
    wheel: Path

    def starter(self, folder: Path, package: str) -> Project:
        """Copy the starter, and set where warehouse-ml is in its two files that say so."""
        shutil.copytree(STARTER, folder, ignore=LEFT_OUT)
        project = Project(folder, FILE)
        project.replace("packages.yml", "local: ..", package)
        project.replace("requirements.txt", "\n..[", f"\n{self.wheel}[")
        commit(folder)
        return project


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    repository = copy_of_the_repository(tmp_path_factory.mktemp("released") / "warehouse-ml")
    return Release(repository, wheel_of(repository, tmp_path_factory.mktemp("wheel")))


@pytest.fixture(scope="module")
def runner(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """What executes the starter's workflows with the newest Python, after that of production; not to be changed."""
    folder = tmp_path_factory.mktemp("starter")
    project = release.starter(folder / "my_warehouse", f"local: {release.repository}")
    variables = fresh_environment(folder / "environment", NEWEST)
    runner = Runner(project.folder, variables, folder / "cache", NEWEST)
    runner.execute("production.yml")
    return runner


@pytest.fixture(scope="module")
def built(runner: Runner) -> Project:
    """The starter after its first build; not to be changed."""
    return Project(runner.folder, FILE)


def target(project: Project, file: str) -> dict[str, Any]:
    return json.loads((project.folder / "target" / file).read_text())


def test_seed_is_what_its_script_writes(tmp_path: Path) -> None:
    copied = shutil.copy(SCRIPT, tmp_path)
    subprocess.run([sys.executable, copied], check=True)
    assert (tmp_path / "subscriptions.csv").read_bytes() == SCRIPT.with_name("subscriptions.csv").read_bytes()


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
        "features.subscription_usage",
        "marts.churn_predictions",
        "ml.churn",
        "ml.decisions",
        "monitoring.data_quality",
        "monitoring.pipeline_nodes",
        "monitoring.retrain_decisions",
        "monitoring.run_events",
        "raw.subscriptions",
        "staging.quarantine",
    ]
    views = "select distinct schema_name from duckdb_views() where not internal"
    assert sorted(built.query(views)) == [("features",), ("ml",), ("monitoring",)]


def test_version_is_exact_and_champion(built: Project) -> None:
    versions = "select model_name, version, parity_absolute_difference, parity_rows from ml.model_versions"
    ((*version, compared),) = built.query(versions)
    assert version == ["churn", 1, 0.0]
    assert compared >= len(built.query("from raw.subscriptions where is_churned is not null"))
    assert built.query("select model_name, version from ml.champions") == [("churn", 1)]
    gates = "select distinct metric, comparison, is_passed from ml.model_gates order by all"
    assert built.query(gates) == [
        ("brier", "must_beat_constant", True),
        ("log_loss", "max", True),
        ("non_finite_scores", "max", True),
        ("parity", "max", True),
        ("roc_auc", "min", True),
    ]


def test_model_finds_the_effects_that_are_there_and_no_others(built: Project) -> None:
    selected = "select feature from ml.model_feature_selection where is_selected"
    assert {name for (name,) in built.query(selected)} == set(LEARNT)
    gains = "select feature from ml.model_features order by gain desc"
    assert [name for (name,) in built.query(gains)] == LEARNT


def test_model_is_nearly_as_good_as_the_true_probabilities(built: Project) -> None:
    script = runpy.run_path(str(SCRIPT))
    tickets, truth = defaultdict(list), {}
    for row in script["rows"]():
        latest = tickets[row["subscription_id"]]
        latest.append(row["support_tickets"])
        chance = script["chance"](row["plan"], row["active_days"], sum(latest[-3:]))
        truth[row["subscription_id"], row["renews_at"]] = chance
    with scoring.connect(built.warehouse) as warehouse:
        scored = warehouse.sql(
            f"select id, renews_at, is_churned, ml_predict('churn', usage) {AS_OF_RENEWAL}"
        ).fetchall()
    # Training saw nothing of the last ten weeks.
    tested = [row for row in scored if row[2] is not None and row[1] > datetime(2025, 10, 25)]
    label, model = [row[2] for row in tested], [row[3] for row in tested]
    best = [truth[row[:2]] for row in tested]
    assert len(tested) > 700
    assert roc_auc_score(label, model) > roc_auc_score(label, best) - 0.02
    assert log_loss(label, model) < 1.05 * log_loss(label, best)
    # What is predicted is the churn to come.
    predictions = built.query("select subscription_id, renews_at, probability from marts.churn_predictions")
    assert {row[:2] for row in predictions} == {row[:2] for row in scored if row[2] is None}
    chances, probabilities = [truth[row[:2]] for row in predictions], [row[2] for row in predictions]
    assert spearmanr(chances, probabilities).statistic > 0.85


def test_every_row_is_scored_as_lightgbm_scores_it(built: Project) -> None:
    native_model, signature = built.query("select native_model, signature from ml.churn")[0]
    columns = [
        f"usage.{feature['name']}::double"
        if feature["type"] == "number"
        else f"list_position({feature['categories']}, usage.{feature['name']}) - 1"
        for feature in signature["features"]
    ]
    rows = built.query(
        f"select {', '.join(columns)}, probability {AS_OF_RENEWAL}"
        "inner join marts.churn_predictions as scored on id = scored.subscription_id and is_churned is null"
    )
    values = np.array(rows, dtype=float)
    expected = lightgbm.Booster(model_str=native_model).predict(values[:, :-1])
    assert len(rows) == len(built.query("from raw.subscriptions where is_churned is null"))
    # A probability may differ from LightGBM's by the last bits of the exponential function.
    np.testing.assert_allclose(values[:, -1], expected, rtol=1e-15, atol=0)


def test_features_are_replayed_for_leaks(built: Project) -> None:
    replay = "select status from monitoring.pipeline_nodes where node_name like '%replays_as_of_subscription_usage%'"
    assert built.query(replay) == [("pass",)]


def test_another_csv_takes_five_lines(built: Project, tmp_path: Path) -> None:
    project = built.copy_to(tmp_path / "my_warehouse")
    shutil.move(project.folder / FILE, project.folder / "warehouse.duckdb")
    five_lines_do(Project(project.folder), "iris", "diabetes", "spreadsheet")


def five_lines_do(project: Project, *names: str) -> None:
    """Add tables to the starter as its README says; each must get a good model that scores every row."""
    page = (STARTER / "README.md").read_text().split("## First exercise", 1)[1]
    written = dict(re.findall(r"^`(models/\S+)`:\n```\w+\n(.*?)^```", page, re.DOTALL | re.MULTILINE))
    assert sum(len(text.splitlines()) for text in written.values()) == 5
    tables = {name: table for name, table in other_tables().items() if name in names}
    for name, table in tables.items():
        write(project, f"seeds/{name}_rows.csv", table.text)
        changes = {
            "wines": f"{name}_rows",
            "wine_id": json.dumps(table.key, ensure_ascii=False),
            "wine": name,
            "multiclass": table.task,
            "cultivar": json.dumps(table.label, ensure_ascii=False) + table.rest,
            ", outputs=['predicted_class']": ""
            if table.task != "multiclass"
            else ", outputs=['predicted_class']",
        }
        for path, text in written.items():
            for old, new in changes.items():
                text = text.replace(old, new)
            write(project, path.replace("wine", name), text)
    churn = project.query("select * from ml.churn")

    run = project.dbt("build", "-s", "package:my_warehouse", REGISTRY)

    assert run.code == 0, run.output
    assert project.query("select * from ml.churn") == churn  # nothing changed for it: no new version
    for name, table in tables.items():
        ((value, champion),) = project.query(
            f"select metric_value, champion.version from ml.model_metrics as metrics "
            f"inner join ml.champions as champion using (model_name) where model_name = '{name}' "
            f"and predictor = 'model' and dataset = 'test' and metric = '{table.metric}'"
        )
        assert value > table.enough, (name, value)
        rows = table.text.count("\n") - 1
        prediction = "predicted_class" if table.task == "multiclass" else "prediction"
        scored = f"select count({prediction}), count(*), min(model_version) from marts.{name}_predictions"
        assert project.query(scored) == [(rows, rows, champion)], name


def test_site_describes_every_model_and_column(built: Project) -> None:
    catalog, manifest = target(built, "catalog.json"), target(built, "manifest.json")
    own = {name: node for name, node in catalog["nodes"].items() if name.split(".")[1] == "my_warehouse"}
    assert len(own) == 4
    # The columns of a version table are the same for every model: nobody has to write them out.
    del own["model.my_warehouse.churn"]
    for name, node in own.items():
        described = manifest["nodes"][name]
        assert described["description"], name
        columns = {column["name"] for column in described["columns"].values() if column["description"]}
        assert columns == set(node["columns"]), name
