"""A process that is killed at any point of a training leaves the old or the new version whole."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from ml_project import CONFIG, declare, make, write
from project import Project

import scoring

# A plugin of dbt-duckdb that kills its own process, as a crash or the system would, at the point in question.
KILLER = """
import os
import signal

import lightgbm
from dbt.adapters.duckdb.environments.local import DuckDBCursorWrapper
from dbt.adapters.duckdb.plugins import BasePlugin

import training.data.dataset

POINT = {point!r}


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        getattr(self, POINT)()

    def reading(self):
        evaluated = training.data.dataset._evaluated
        training.data.dataset._evaluated = lambda *arguments: (evaluated(*arguments), kill())

    def fitting(self):
        train = lightgbm.train

        def at_third(state):
            if state.iteration == 3:
                kill()

        def killed(*arguments, callbacks, **options):
            return train(*arguments, callbacks=[*callbacks, at_third], **options)

        lightgbm.train = killed

    def before_append(self):
        self._at("insert into", before=True)

    def before_commit(self):
        self._at("insert into", before=False)

    def after_commit(self):
        self._at("drop table", before=True)

    def _at(self, words, before):
        execute = DuckDBCursorWrapper.execute

        def killed(cursor, sql, bindings=None):
            is_point = words in sql and "training of tumour" in sql
            if is_point and before:
                kill()
            result = execute(cursor, sql, bindings)
            if is_point:
                kill()
            return result

        DuckDBCursorWrapper.execute = killed
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with one version, its champion; not to be changed."""
    project = make(tmp_path_factory.mktemp("crash") / "project")
    run = project.dbt("build")
    assert run.code == 0, run.output
    return project


@pytest.mark.parametrize(
    ("point", "is_stored"),
    [
        ("reading", False),
        ("fitting", False),
        ("before_append", False),
        ("before_commit", False),
        ("after_commit", True),
    ],
)
def test_killed_training_leaves_whole_versions_and_a_rerun_finishes(
    built: Project, tmp_path: Path, point: str, is_stored: bool
) -> None:
    ignored = shutil.ignore_patterns("target", "logs")
    project = Project(shutil.copytree(built.folder, tmp_path / "project", symlinks=True, ignore=ignored))
    profile = (project.folder / "profiles.yml").read_text()
    write(project, "killer.py", KILLER.format(point=point))
    killing = profile.replace("plugins:", "module_paths: ['.']\n      plugins:\n        - module: killer")
    write(project, "profiles.yml", killing)
    declare(project, {**CONFIG, "seed": 7})

    killed = project.dbt("build", "--select", "tumour")

    assert killed.code == -signal.SIGKILL, killed.output
    whole = "select version, sha256(artifact) = artifact_sha256 from ml.tumour order by version"
    stored = [(1, True), (2, True)]
    assert project.query(whole) == stored[: 1 + is_stored]
    assert project.query("select version from ml.champions") == [(1,)]
    with scoring.connect(str(project.warehouse)) as warehouse:
        (scored,) = warehouse.sql("select count(ml_predict('tumour', t)) from raw.samples as t").fetchall()
    assert scored == (569,)

    write(project, "profiles.yml", profile)
    run = project.dbt("build")
    assert run.code == 0, run.output
    assert project.query(whole) == stored
    assert project.query("select version from ml.champions") == [(2,)]
    tables = "select table_name from duckdb_tables() where table_name ilike '%tumour%' order by 1"
    assert project.query(tables) == [("tumour",), ("tumour_predictions",)]
