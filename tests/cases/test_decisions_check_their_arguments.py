"""promote, rollback and release do what was asked, or say in one sentence why they change nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import duckdb
import pytest
from project import Project, Run
from registry import add_version, build, champions, make_project, measured

GATES = [{"metric": "roc_auc", "min": 0.7}]
FORM = {"raw_score": "r.x + r.y", "prediction": "raw_score / 2e0"}
NO_SQL = {"raw_score": "r.x +* 'a", "prediction": "raw_score"}
SEVERAL = """
import json, sys
from dbt.cli.main import dbtRunner
for action, arguments in json.loads(sys.argv[1]):
    done = dbtRunner().invoke(["--no-use-colors", "run-operation", action, "--args", arguments])
    print("END OF", done.success)
"""


def decide(project: Project, *decisions: tuple[str, str]) -> list[Run]:
    """Run several operations in one process of dbt."""
    command = [sys.executable, "-c", SEVERAL, json.dumps(decisions)]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=True)
    runs = " ".join(done.stdout.split()).split("END OF ")
    codes = [0 if run.startswith("True") else 1 for run in runs[1:]]
    outputs = [runs[0], *(run.split(" ", 1)[-1] for run in runs[1:-1])]
    return [Run(code, output) for code, output in zip(codes, outputs, strict=True)]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Run]:
    """Two models and their first build.

    rain@3 and rain@4 do not pass their gates, and rain@4 is damaged; the table of fog is of an older release,
    and the SQL form of its version is no SQL.
    """
    project = make_project(tmp_path_factory.mktemp("decisions"), {"rain": GATES, "fog": GATES})
    for version, auc in enumerate((0.8, 0.9, 0.1, 0.1), 1):
        add_version(project, "rain", version, measured("roc_auc", auc), gates=GATES, sql_form=FORM)
    add_version(project, "fog", 1, measured("roc_auc", 0.8), gates=GATES, sql_form=NO_SQL)
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute("update ml.rain set task = 'anomaly' where version = 4")
        warehouse.execute("alter table ml.fog drop scoring_sha256")
    return project, build(project)


def test_a_form_that_is_no_sql_is_its_models_notice(first: tuple[Project, Run]) -> None:
    project, run = first
    assert "There is no ml.fog_sql: version 1 of fog has an SQL form that cannot be kept" in run.output
    assert champions(project)["fog"] == (1, "gates")


def test_a_table_of_an_older_release_has_digests_after_a_build(first: tuple[Project, Run]) -> None:
    project, _ = first
    assert project.query("select count(*) from ml.fog where length(scoring_sha256) = 64") == [(1,)]


REFUSED = [
    ("promote", "{model: rain, version: }", "version is missing"),
    ("promote", "{model: rain, version: true}", "version is true"),
    ("promote", "{model: rain, version: '1'}", "the text '1'"),
    ("promote", "{model: rain, version: 1.5}", "version is 1.5"),
    ("promote", "{model: rain, version: 0}", "version is 0"),
    ("promote", "{model: rain, version: -1}", "version is -1"),
    ("promote", "{model: rain, version: 99999999999999999999}", "it has 1, 2, 3, 4"),
    ("promote", "{model: rain, version: 3}", "force: true"),
    ("promote", "{model: rain, version: 4, force: true}", "damaged"),
    ("promote", "{model: rain, version: 1, force: maybe}", "force is the text 'maybe'"),
    ("promote", "{model: , version: 1}", "model is missing"),
    ("promote", "{version: 1}", "model is missing"),
    ("promote", "{model: rian, version: 1}", "Did you mean 'rain'?"),
    ("promote", "{model: rain, version: 1, reason: 7}", "reason is 7"),
    ("promote", "{model: rain, version: 1, why: audit}", "why is not an argument"),
    ("rollback", "{model: rain, version: }", "version is missing"),
    ("rollback", "{model: rain, version: 3}", "force: true"),
    ("rollback", "{model: rain, versoin: 1}", "Did you mean 'version'?"),
    ("rollback", "{model: rain}", "another champion to go back to"),
    ("release", "{model: rain, version: 1}", "version is not an argument"),
]


def state(project: Project) -> Any:
    return project.query("select * from ml.model_promotions"), champions(project)


def test_wrong_arguments_change_nothing(first: tuple[Project, Run]) -> None:
    project, _ = first
    before = state(project)
    runs = decide(project, *(decision[:2] for decision in REFUSED))
    for (action, arguments, fact), run in zip(REFUSED, runs, strict=True):
        assert run.code == 1, (action, arguments)
        assert fact in run.output, (action, arguments, run.output)
        assert "Traceback" not in run.output
    assert state(project) == before


def test_decisions_are_recorded_and_a_replaced_macro_is_written_again(first: tuple[Project, Run]) -> None:
    project, _ = first
    forced, back, released = decide(
        project,
        ("promote", "{model: rain, version: 3, force: true, reason: \"it's \\\\ an 'audit'\"}"),
        ("rollback", "{model: rain}"),
        ("release", "{model: rain}"),
    )
    assert (forced.code, back.code, released.code) == (0, 0, 0), forced.output + back.output + released.output
    recorded = "select action, version, reason, is_forced from ml.model_promotions order by decided_at"
    assert project.query(recorded) == [
        ("promote", 3, "it's \\ an 'audit'", True),
        ("rollback", 2, "from version 3", False),
        ("release", None, "back to the gates", False),
    ]
    assert champions(project)["rain"] == (2, "gates")
    with duckdb.connect(str(project.warehouse)) as warehouse:
        warehouse.execute("create or replace macro ml.rain_sql(r) as 0.5e0")
    run = project.dbt("build", "--select", "champion_history", "--indirect-selection", "empty")
    assert "The macro ml.rain_sql was replaced after version 2 of rain became champion" in run.output
    assert project.query("select ml.rain_sql({'x': 1, 'y': 3})") == [(2.0,)]
