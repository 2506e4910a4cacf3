"""What a build says and does about models that pass, fail, break or are pinned, and what an operator decides.

The rules themselves are tested without dbt. One project, built twice: first every model is good, then each has a
story of its own. The tests after that are one story.
"""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
from ml_project import CONFIG, PREDICTIONS, QUERY, declare, make, write
from project import REGISTRY, Project, Run

import scoring
from scoring.registry import resolve
from scoring.warehouse import Warehouse

SETTINGS = CONFIG["params"]
AT_LEAST_90 = {"metric": "roc_auc", "min": 0.9}
UNREACHABLE = {"metric": "roc_auc", "min": 0.9999}
HALVES = "select *, case when sample_id % 2 = 0 then 'even' else 'odd' end as half from {{ ref('samples') }}"
FIRST: dict[str, dict[str, Any]] = {
    "broken": {},
    "refused": {},
    "tightened": {},
    "pinned": {},
    "mispinned": {},
    "formless": {},
    "warned": {
        "gates": [{**UNREACHABLE, "severity": "warn"}, {"metric": "roc_auc", "min": 0.1, "slices": ["half"]}],
        "slices": ["half"],
        "select_features": True,
        "tuning": {"trials": 2},
    },
}
SECOND: dict[str, dict[str, Any]] = {
    "broken": {"seed": -1, "labl": "x"},
    "refused": {"params": {**SETTINGS, "num_iterations": 1}, "gates": [UNREACHABLE]},
    "tightened": {"gates": [UNREACHABLE]},
    "pinned": {"seed": 7, "pin": {"version": 1, "reason": "audit"}},
    "mispinned": {"pin": {"version": 8, "reason": "a typo"}},
    "formless": {"estimator": "random_forest", "params": {"n_estimators": 5}},
    "hopeless": {"gates": [UNREACHABLE]},
}
UNTRAINED = {
    "wrong_rows": (
        "select * replace (sample_id // 2 as sample_id, mean_area / 0e0 as mean_area, "
        "nullif(is_benign, 1) as is_benign) from {{ ref('samples') }} limit 40"
    ),
    "no_column": "select * exclude (is_benign) from {{ ref('samples') }}",
    "bad_value": "select *, 'é'' \"😀\\n'::integer as broken from {{ ref('samples') }}",
    "no_table": "select * from nowhere",
}
MISSED = "must have roc_auc on the test data of at least 0.9999, but"
INCREMENTAL = """
{{ config(materialized='incremental', unique_key='sample_id') }}

{{ warehouse_ml.predict(ref('refused'), ref('samples'), key='sample_id') }}
"""
SCORED = "select model_version, count(*), max(scored_at) from marts.{}_predictions group by 1"
CHAMPIONS = "select model_name, version, reason from ml.champions"
HISTORY = "select version, reason from ml.champion_history where model_name = '{}' order by sequence"

VIEWS = {
    "model_versions": (
        "estimator, changes, feature_count, offered_feature_count, trial_count, training_rows, artifact_bytes",
        "select estimator, changes, len(signature.features), len(feature_selection), len(tuning_trials), "
        "training_snapshot.rows, octet_length(artifact) from ml.warned",
    ),
    "model_metrics": (
        "dataset, predictor, metric, metric_value",
        "select e.dataset, e.predictor, e.metric, e.value from (select unnest(metrics) as e from ml.warned) "
        "where e.slice_column is null",
    ),
    "model_slices": (
        "slice_column, slice_value, dataset, predictor, metric, metric_value, overall_value",
        "with entries as (select unnest(metrics) as e from ml.warned) "
        "select s.slice_column, s.slice_value, s.dataset, s.predictor, s.metric, s.value, overall.e.value "
        "from (select e as s from entries where e.slice_column is not null) left join entries as overall on "
        "overall.e.slice_column is null and (s.dataset, s.predictor, s.metric) = "
        "(overall.e.dataset, overall.e.predictor, overall.e.metric)",
    ),
    "model_features": (
        "feature, feature_type, feature_number, gain, splits, mean",
        "with used as (select unnest(feature_importance) as i from ml.warned) "
        "select e.name, e.type, n, i.gain, i.splits, e.mean from (select unnest(training_snapshot.features) as e, "
        "generate_subscripts(training_snapshot.features, 1) as n from ml.warned) left join used on i.feature = e.name",
    ),
    "model_feature_selection": (
        "feature, feature_number, is_selected, reason, measured_value",
        "select e.feature, n, e.is_selected, e.reason, e.value from (select unnest(feature_selection) as e, "
        "generate_subscripts(feature_selection, 1) as n from ml.warned)",
    ),
    "model_trials": (
        "trial_number, estimator, metric, metric_value",
        "select e.trial, e.estimator, e.metric, e.value from (select unnest(tuning_trials) as e from ml.warned)",
    ),
    "model_curves": (
        "dataset, curve, point_number, x, y, threshold",
        "select e.dataset, e.curve, row_number() over (partition by e.dataset, e.curve order by n), e.x, e.y, "
        "e.threshold from (select unnest(curves) as e, generate_subscripts(curves, 1) as n from ml.warned)",
    ),
    "model_confusion": (
        "dataset, actual, predicted, row_count",
        "select e.dataset, e.actual, e.predicted, e.rows from (select unnest(confusion) as e from ml.warned)",
    ),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make(tmp_path_factory.mktemp("decisions"))
    for name in ("tumour.sql", "tumour.yml"):
        (project.folder / "models/ml" / name).unlink()
    (project.folder / "models/marts/tumour_predictions.sql").unlink()
    for name, block in FIRST.items():
        declare(project, {**CONFIG, **block}, HALVES if name == "warned" else QUERY, name)
    for name in ("broken", "pinned"):
        write(project, f"models/marts/{name}_predictions.sql", PREDICTIONS.replace("tumour", name))
    write(project, "models/marts/refused_predictions.sql", INCREMENTAL)
    return project


@pytest.fixture(scope="module")
def views_alone(empty: Project) -> Run:
    """The build of the registry in a warehouse where nothing was trained."""
    return empty.dbt("build", "--select", "package:warehouse_ml")


@pytest.fixture(scope="module")
def first(empty: Project, views_alone: Run) -> Run:
    return empty.build("--exclude", "package:warehouse_ml")


@pytest.fixture(scope="module")
def project(empty: Project, first: Run) -> Project:
    """The project in which every model has a champion."""
    assert first.code == 0, first.output
    return empty


@pytest.fixture(scope="module")
def before(project: Project) -> dict[str, tuple]:
    """What was scored by the first build, seven rows of it forgotten."""
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute("delete from marts.refused_predictions where sample_id < 7")
    return {name: project.query(SCORED.format(name))[0] for name in ("broken", "pinned", "refused")}


@pytest.fixture(scope="module")
def second(project: Project, before: dict[str, tuple]) -> Run:
    for name, block in SECOND.items():
        declare(project, {**CONFIG, **block}, name=name)
    for name, query in UNTRAINED.items():
        declare(project, query=query, name=name)
    write(project, "models/marts/hopeless_predictions.sql", PREDICTIONS.replace("tumour", "hopeless"))
    return project.build("--select", "package:small", REGISTRY)


def test_the_registry_is_built_before_any_model_was_trained(views_alone: Run, empty: Project) -> None:
    assert views_alone.code == 0, views_alone.output


def test_a_failed_gate_of_severity_warn_is_a_warning_and_the_version_scores(
    first: Run, project: Project
) -> None:
    assert first.output.count(f"Version 1 of warned {MISSED}") == 1
    assert ("warned", 1, "gates") in project.query(CHAMPIONS)


@pytest.mark.parametrize("view", VIEWS)
def test_views_show_what_a_version_row_holds(project: Project, view: str) -> None:
    columns, held = VIEWS[view]
    shown = project.query(f"select {columns} from ml.{view} where model_name = 'warned' order by all")
    assert shown == project.query(f"select * from ({held}) order by all")
    assert shown != []


def test_refusals_end_the_build_with_each_sentence_once(second: Run, project: Project) -> None:
    assert second.code == 1
    for sentence in (
        "Model 'broken' has 2 problems under config: meta: ml:",
        "Did you mean 'label'?",
        f"Version 2 of refused {MISSED}",
        f"Version 1 of tightened {MISSED}",
        "The pin of mispinned to version 8 takes no effect: there is no such version.",
        f"Version 1 of hopeless {MISSED}",
        "Model 'wrong_rows' has 4 problems in its training data:",
        "there must be at least 50 rows to train, validate and test on; found 40",
        "key 'sample_id' must be unique; found 20 rows",
        "column 'is_benign', the model's label, must be in the query;",
        "the warehouse must be able to run the query, but says: Conversion Error",
        "but says: Catalog Error: Table with name nowhere",
    ):
        assert second.output.count(sentence) == 1, sentence
    assert "There is no macro ml.formless_sql: " in second.output
    assert " SKIP=0 " in second.output
    assert "Traceback" not in second.output


@pytest.mark.usefixtures("second")
def test_only_predictions_without_a_champion_fail(project: Project) -> None:
    results = json.loads((project.folder / "target/run_results.json").read_text())["results"]
    failed = [result["unique_id"] for result in results if result["status"] not in ("success", "pass")]
    assert [name for name in failed if not name.startswith("operation.")] == [
        "model.small.hopeless_predictions"
    ]
    (message,) = (result["message"] for result in results if result["unique_id"] == failed[0])
    assert f"'hopeless' has no champion. Version 1 of hopeless {MISSED}" in " ".join(message.split())
    assert project.query("select * from duckdb_tables() where table_name = 'hopeless_predictions'") == []


@pytest.mark.usefixtures("second")
def test_champions_are_those_that_passed_or_were_pinned(project: Project) -> None:
    champions = {name: (version, reason) for name, version, reason in project.query(CHAMPIONS)}
    assert champions == {
        "broken": (1, "gates"),
        "refused": (1, "gates"),
        "tightened": (1, "gates"),
        "mispinned": (1, "gates"),
        "warned": (1, "gates"),
        "pinned": (1, "gates"),
        "formless": (2, "gates"),
    }
    versions = (
        "select model_name, max(version) from ml.model_versions group by 1 having max(version) > 1 order by 1"
    )
    assert project.query(versions) == [("formless", 2), ("pinned", 2), ("refused", 2)]


@pytest.mark.usefixtures("second")
def test_champions_of_refused_models_go_on_scoring(project: Project, before: dict[str, tuple]) -> None:
    for name in ("broken", "pinned"):
        ((version, rows, scored_at),) = project.query(SCORED.format(name))
        assert (version, rows) == (1, 569)
        assert scored_at > before[name][-1]
    assert before["refused"][:2] == (1, 562)
    ((version, rows, scored_at),) = project.query(SCORED.format("refused"))
    assert (version, rows) == (1, 569)
    again = project.query(
        f"select count(*) from marts.refused_predictions where scored_at > '{before['refused'][-1]}'"
    )
    assert again == [(7,)]


@pytest.mark.usefixtures("second")
def test_a_test_alone_fails_on_refusals_and_warns_of_the_rest(project: Project) -> None:
    run = project.plain("test", "--select", "model_decisions", "gate_failures")
    assert run.code == 1
    for name in (
        "Version 2 of refused must",
        "Model 'wrong_rows' has 4 problems",
        "The pin of mispinned to version 8",
    ):
        assert name in run.output
    assert f"Version 1 of warned {MISSED}" in run.output
    assert " WARN=1 ERROR=1 " in run.output


def operate(project: Project, operation: str, **arguments: object) -> Run:
    return project.dbt("run-operation", operation, "--args", json.dumps(arguments))


def forms(project: Project) -> list[tuple]:
    return project.query(
        "select function_name, left(comment, 9) from duckdb_functions() where function_name like 'formless%' order by 1"
    )


@pytest.mark.usefixtures("second")
def test_a_promotion_takes_effect_in_the_next_statement(project: Project) -> None:
    assert forms(project) == []

    run = operate(project, "promote", model="formless", version=1, reason="audit")
    assert run.code == 0, run.output
    assert "The champion of formless is version 1 (promote: audit)." in run.output
    with scoring.connect(str(project.warehouse)) as warehouse:
        assert resolve(Warehouse(warehouse), "formless").version == 1
    # Any client may score with the SQL form, also one without our functions that attached the file.
    assert forms(project) == [("formless_raw_sql", "Version 1"), ("formless_sql", "Version 1")]
    with duckdb.connect() as client:
        client.execute(f"attach '{project.warehouse}' as shop (read_only)")
        assert client.sql("select count(shop.ml.formless_sql(s)) from shop.raw.samples as s").fetchall() == [
            (569,)
        ]


def test_a_rollback_and_a_release_take_effect_in_the_next_statement(project: Project) -> None:
    run = operate(project, "rollback", model="formless")
    assert run.code == 0, run.output
    assert "There is no macro ml.formless_sql: " in run.output
    assert forms(project) == []

    run = operate(project, "promote", model="refused", version=2, force=True)
    assert run.code == 0, run.output
    build = project.build("--select", "refused", "refused_predictions", "pinned", "broken")
    assert build.code == 1  # version 2 fails its gate, and is held all the same
    assert [row[:2] for row in project.query(SCORED.format("refused"))] == [(2, 569)]

    run = operate(project, "release", model="refused")
    assert run.code == 0, run.output
    assert project.query(HISTORY.format("refused")) == [
        (1, "gates"),
        (2, "promote (forced): to version 2"),
        (1, "release: back to the gates"),
    ]


def test_impossible_decisions_change_nothing(project: Project) -> None:
    contents = project.contents("ml")
    for name, facts in {
        "refused": ("promote changes nothing: version 2 of 'refused' does not pass its gates", "force: true"),
        "snow": ("promote changes nothing: model is snow; it must be one of", "mispinned"),
    }.items():
        run = operate(project, "promote", model=name, version=2)
        assert run.code == 1
        for fact in facts:
            assert fact in run.output
    assert project.contents("ml") == contents
