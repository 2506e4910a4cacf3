"""A promotion that is killed before its commit leaves the old champion, its log and its history whole."""

from __future__ import annotations

import signal

import pytest
from project import Project, Run
from registry import add_version, build, champions, make_project, measured

import scoring

GATES = [{"metric": "roc_auc", "min": 0.7}]
OLD, NEW = (2, "gates"), (1, "promote: to version 1")

# A plugin of dbt-duckdb that kills its process after the statement that an environment variable names.
KILLER = """
import os
import signal

from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        statement = os.environ.get("KILLED_AFTER")
        if not statement:
            return
        execute = DuckDBCursorWrapper.execute

        def killed(cursor, sql, bindings=None):
            result = execute(cursor, sql, bindings)
            if statement in sql.replace('"', ""):
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        DuckDBCursorWrapper.execute = killed
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A model of two versions, of which the second is live."""
    project = make_project(tmp_path_factory.mktemp("crash_promotion"), {"rain": GATES})
    (project.folder / "killer.py").write_text(KILLER)
    project.replace("profiles.yml", "plugins: [", "module_paths: ['.']\n      plugins: [{module: killer}, ")
    for version in (1, 2):
        add_version(project, "rain", version, measured("roc_auc", 0.8), gates=GATES)
    run = build(project)
    assert run.code == 0, run.output
    assert champions(project) == {"rain": OLD}
    return project


def promote(project: Project) -> Run:
    return project.dbt("run-operation", "promote", "--args", "{model: rain, version: 1}")


def state(project: Project) -> tuple[dict, list[tuple], list[tuple]]:
    """Return the champion, the log and the history."""
    return (
        champions(project),
        project.query("select action, version, reason from ml.model_promotions"),
        project.query(
            "select version, reason, live_until_at is null from ml.champion_history order by live_from_at"
        ),
    )


BEFORE = ({"rain": OLD}, [], [(*OLD, True)])
AFTER = ({"rain": NEW}, [("promote", 1, "to version 1")], [(*OLD, False), (*NEW, True)])


def assert_killed_without_trace(project: Project, killed: Run) -> None:
    assert killed.code == -signal.SIGKILL, killed.output
    with scoring.connect(str(project.warehouse)) as warehouse:
        assert scoring.registry.resolve(warehouse, "rain").version == OLD[0]
        whole = warehouse.sql(
            "select version, sha256(artifact) = artifact_sha256 from ml.rain order by version"
        )
        assert whole.fetchall() == [(1, True), (2, True)]
    assert state(project) == BEFORE


def test_killed_promotion_leaves_no_half_decision_and_the_next_one_finishes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement in (
        "insert into ml.model_promotions",
        "update ml.champion_history",
        "insert into ml.champion_history",
    ):
        monkeypatch.setenv("KILLED_AFTER", statement)
        assert_killed_without_trace(project, promote(project))

    monkeypatch.delenv("KILLED_AFTER")
    run = promote(project)
    assert run.code == 0, run.output
    assert state(project) == AFTER
