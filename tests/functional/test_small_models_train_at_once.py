"""Small models train beside one another on several of dbt's threads, and each is what it is alone, bit for bit."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from ml_project import declare, write
from project import Project, install, profile

from scoring.version_schema import VERSION_SCHEMA

# A plugin of dbt-duckdb: each fit of LightGBM waits until another one is there, or the first one fails.
MEETING = """
import os
from itertools import count
from threading import Barrier

import lightgbm
from dbt.adapters.duckdb.plugins import BasePlugin

MEETING = Barrier(2, timeout=60)
NUMBERS = count()


class Plugin(BasePlugin):
    def configure_connection(self, conn):
        train, event = lightgbm.train, os.environ.get("AT_FITTING")

        def meeting(*arguments, **options):
            MEETING.wait()
            return train(*arguments, **options)

        def failing(*arguments, **options):
            MEETING.wait()
            if next(NUMBERS) == 0:
                raise RuntimeError("out of luck")
            return train(*arguments, **options)

        lightgbm.train = {None: train, "meeting": meeting, "failing": failing}[event]
"""
PROJECT = """
name: small
version: 0.1.0
config-version: 2
profile: my_warehouse
flags: {send_anonymous_usage_stats: false}
models: {small: {+materialized: table, ml: {+schema: ml}}}
seeds: {small: {+schema: raw}}
"""
BLOCK: dict[str, Any] = {
    "key": "id",
    "estimator": "lightgbm",
    "params": {"num_iterations": 20, "min_data_in_leaf": 5},
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
}
MODELS = {
    "late": {"task": "binary", "label": "is_late"},
    "minutes": {"task": "regression", "label": "delay"},
    "kind": {"task": "multiclass", "label": "weather"},
    "later": {"task": "binary", "label": "is_late", "seed": 2},
}
ROLES = ("is_late", "delay", "weather")
OF_THE_RUN = {"created_at", "training_seconds", "peak_memory_bytes", "dbt_invocation_id"}
SUMMED = {"metrics", "curves"}
"""What DuckDB adds up, on several threads in whatever order they come to it."""


def rows() -> str:
    draw = random.Random(4)
    lines = ["id,x,y,place,weather,delay,is_late"]
    for number in range(400):
        x, y, place = draw.random(), draw.random(), draw.choice("abcdef")
        delay = 3 * x + y * (place in "abc") + draw.random()
        weather = "dry" if delay < 1.5 else "wet" if delay < 2.5 else "snow"
        lines.append(f"{number},{x},{y},{place},{weather},{delay},{int(delay > 2)}")
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("small"))
    install(project)
    write(project, "dbt_project.yml", PROJECT.lstrip())
    settings = json.loads(profile("my_warehouse"))
    settings["my_warehouse"]["outputs"]["dev"]["plugins"].append({"module": "meeting"})
    settings["my_warehouse"]["outputs"]["dev"]["module_paths"] = [str(project.folder)]
    write(project, "profiles.yml", json.dumps(settings))
    write(project, "meeting.py", MEETING)
    write(project, "seeds/trips.csv", rows())
    for name, block in MODELS.items():
        others = ", ".join(role for role in ROLES if role != block["label"])
        declare(project, {**BLOCK, **block}, f"select * exclude ({others}) from {{{{ ref('trips') }}}}", name)
    assert project.plain("seed").code == 0
    return project


def versions(project: Project) -> dict[str, list[tuple]]:
    columns = ", ".join(name for name in VERSION_SCHEMA.names if name not in OF_THE_RUN | SUMMED)
    return {name: project.query(f"select {columns} from main_ml.{name}") for name in MODELS}


def metrics(project: Project) -> list[float]:
    each = " union all ".join(
        f"select model_name, unnest(metrics) as one from main_ml.{name}" for name in MODELS
    )
    query = f"select coalesce(one.value, -1) from ({each}) order by model_name, one.metric, one.dataset, one.predictor"
    return [value for (value,) in project.query(query)]


@pytest.fixture(scope="module")
def alone(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    alone = project.copy_to(tmp_path_factory.mktemp("alone"))
    assert alone.plain("run", "--threads", "1", "--select", *MODELS).code == 0
    return alone


def test_models_that_meet_while_they_are_fitted_are_those_that_never_met(
    project: Project, alone: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AT_FITTING", "meeting")
    beside = project.copy_to(tmp_path)
    run = beside.plain("run", "--threads", "4", "--select", *MODELS)
    assert run.code == 0, run.output
    assert versions(beside) == versions(alone)
    assert metrics(beside) == pytest.approx(metrics(alone), rel=1e-12)
    decided = beside.query("select sequence, model_name, version, action from main_ml.decisions order by all")
    assert [sequence for sequence, *_ in decided] == [1, 2, 3, 4]
    assert sorted(decision[1:] for decision in decided) == sorted((name, 1, "accept") for name in MODELS)


def test_a_model_that_fails_while_another_is_fitted_is_refused_alone(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AT_FITTING", "failing")
    broken = project.copy_to(tmp_path)
    run = broken.plain("run", "--threads", "2", "--select", "late", "later")
    assert run.code == 1 and "out of luck" in run.output
    decided = broken.query("select action, version from main_ml.decisions order by all")
    assert decided == [("accept", 1), ("refuse", None)]
