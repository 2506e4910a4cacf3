"""A process that is killed at any point leaves the old or the new version and decision whole."""

from __future__ import annotations

import signal

import pytest
from ml_project import CONFIG, declare, write
from project import Project

import scoring

# A plugin of dbt-duckdb that kills its own process, as a crash or the system would, at the point in question.
KILLER = """
import os
import signal
from contextlib import contextmanager

import lightgbm
from dbt.adapters.duckdb.plugins import BasePlugin

import training.data.dataset
from scoring.warehouse import Warehouse


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        if point := os.environ.get("KILLED_AT"):
            getattr(self, point)()

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
        Warehouse.append = lambda *arguments: kill()

    def before_decision(self):
        append = Warehouse.append
        Warehouse.append = lambda *arguments: (append(*arguments), kill())

    def before_commit(self):
        transaction = Warehouse.transaction

        @contextmanager
        def killed(self):
            with transaction(self):
                yield
                kill()

        Warehouse.transaction = killed

    def after_commit(self):
        transaction = Warehouse.transaction

        @contextmanager
        def killed(self):
            with transaction(self):
                yield
            kill()

        Warehouse.transaction = killed
"""
WHOLE = "select version, sha256(artifact) = artifact_sha256 from ml.tumour order by version"
DECISIONS = "select version, action from ml.decisions where model_name = 'tumour' order by sequence"
POINTS = ("reading", "fitting", "before_append", "before_decision", "before_commit")
"""Before a version is there; `make test-long` tries them all."""


@pytest.fixture(scope="module")
def project(small: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with one version, its champion, and a change that makes another."""
    project = small.copy_to(tmp_path_factory.mktemp("crash") / "project")
    write(project, "killer.py", KILLER)
    project.replace(
        "profiles.yml",
        "plugins: &plugins",
        "module_paths: ['.']\n      plugins: &plugins\n        - module: killer",
    )
    declare(project, {**CONFIG, "seed": 7})
    return project


def state(project: Project) -> tuple[list[tuple], list[tuple]]:
    """Return the versions, whether they are whole, and the decisions; the champion scores."""
    with scoring.connect(str(project.warehouse)) as warehouse:
        (scored,) = warehouse.sql("select count(ml_predict('tumour', t)) from raw.samples as t").fetchall()
    assert scored == (569,)
    return project.query(WHOLE), project.query(DECISIONS)


def killed(project: Project, monkeypatch: pytest.MonkeyPatch, point: str, *command: str) -> tuple:
    """Return what a command that is killed leaves."""
    monkeypatch.setenv("KILLED_AT", point)
    run = project.dbt(*command)
    assert run.code == -signal.SIGKILL, run.output
    return state(project)


def test_killed_training_leaves_whole_versions_and_a_rerun_finishes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = ([(1, True)], [(1, "accept")])
    after = ([(1, True), (2, True)], [(1, "accept"), (2, "accept")])
    training = ("build", "--select", "tumour")
    for point in ("fitting", "before_commit"):
        assert killed(project, monkeypatch, point, *training) == before, point
    assert killed(project, monkeypatch, "after_commit", *training) == after

    monkeypatch.delenv("KILLED_AT")
    run = project.dbt("build", "--select", "tumour+")
    assert run.code == 0, run.output
    assert state(project) == after
    tables = "select table_name from duckdb_tables() where table_name ilike '%tumour' order by 1"
    assert project.query(tables) == [("tumour",)]
    assert project.query("select distinct model_version from marts.tumour_predictions") == [(2,)]


def test_killed_promotion_leaves_no_half_decision_and_the_next_one_finishes(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(project)
    promotion = ("run-operation", "promote", "--args", "{model: tumour, version: 1}")
    for point in ("before_decision", "before_commit"):
        assert killed(project, monkeypatch, point, *promotion) == before, point
    monkeypatch.delenv("KILLED_AT")
    run = project.dbt(*promotion)
    assert run.code == 0, run.output
    assert state(project)[1] == [*before[1], (1, "promote")]
