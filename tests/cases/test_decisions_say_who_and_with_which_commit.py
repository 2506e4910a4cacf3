"""Every decision says who took it, in which run, and with which commit of the project, however it was taken."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import dbt_process
import own_project
import pytest
import shop_with_people as shop
from click.testing import CliRunner
from ml_project import declare
from project import Project

import scoring
from scoring import actions
from scoring.authorship import commit_of
from scoring.cli.train import train
from scoring.warehouse import Warehouse

QUERY = "select customer_id, city, amount, is_late from {{ ref('customers') }}"
NUMBERS = itertools.count(1)
SOMEBODY = "Ada O'Brien-Łukasz"
DECISIONS = """
    select d.action, d.version, d.decided_by, d.git_commit, d.dbt_invocation_id, v.version
    from ml.decisions as d left join ml.late as v on d.dbt_invocation_id = v.dbt_invocation_id
    order by d.sequence
"""


def git(folder: Path, *arguments: str) -> str:
    options = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", "-C", folder, *options, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all", ":!*.duckdb*")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", f"a change of {folder.name}")
    return git(folder, "rev-parse", "HEAD")


def dbt(project: Project, *arguments: str) -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "WAREHOUSE_"))
    }
    code, output = dbt_process.run(
        ["--no-use-colors", *arguments], project.folder, environment | {"LOGNAME": SOMEBODY}
    )
    assert code == 0, output


def act(project: Project, action: str) -> None:
    """Do as the run-operations do."""
    relation = ["warehouse", "ml", "late"]
    request = {
        "action": action,
        "arguments": {},
        "relation": relation,
        "invocation": f"{action} {next(NUMBERS)}",
    }
    with scoring.connect(project.warehouse) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGNAME", SOMEBODY)
        answer = actions.act(Warehouse(connection), json.dumps({**request, "folder": str(project.folder)}))
    assert "message" in json.loads(answer), answer


def train_without_dbt(project: Project) -> None:
    place = ["--project-dir", str(project.folder), "--warehouse", str(project.warehouse)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGNAME", SOMEBODY)
        result = CliRunner().invoke(train, ["late", "--full-refresh", *place])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[tuple[Any, ...]], dict[str, str]]:
    """What the decisions of a model's life say, and the commits of that time."""
    project = own_project.make(
        tmp_path_factory.mktemp("decided"),
        {"customers": shop.customers()},
        {"late": shop.BLOCK},
        queries={"late": QUERY},
    )
    folder, commits = project.folder, {}
    (folder / ".gitignore").write_text("target/\nlogs/\ndbt_packages/\n*.duckdb*\n")
    git(folder, "init", "--quiet")
    commits["first"] = commit(folder)
    dbt(project, "build", "-s", "package:own")
    train_without_dbt(project)
    settings = folder / "dbt_project.yml"
    settings.write_text(f"{settings.read_text()}# a change that is not committed\n")
    act(project, "rollback")
    act(project, "release")
    arguments = {"model": "late", "version": 1, "reason": "audit"}
    dbt(project, "run-operation", "promote", "--args", json.dumps(arguments))
    declare(project, {**shop.BLOCK, "pin": {"version": 2}}, QUERY, "late")
    commits["second"] = commit(folder)
    git(folder, "checkout", "--quiet", "--detach")
    dbt(project, "build", "-s", "late")
    train_without_dbt(project)
    (folder / ".git").rename(folder / "no longer git")
    train_without_dbt(project)
    return project.query(DECISIONS), commits


def test_every_way_says_who_in_which_run_and_with_which_commit(
    story: tuple[list[tuple[Any, ...]], dict[str, str]],
) -> None:
    decisions, commits = story
    assert [(action, version, commit, trained) for action, version, _, commit, _, trained in decisions] == [
        ("accept", 1, commits["first"], 1),
        ("accept", 2, commits["first"], 2),
        ("rollback", 1, f"{commits['first']}+changes", None),
        ("release", 2, f"{commits['first']}+changes", None),
        ("promote", 1, f"{commits['first']}+changes", None),
        ("pin", 2, commits["second"], None),
        ("pin", 2, commits["second"], 3),
        ("pin", 2, None, 4),
    ]
    assert {who for _, _, who, *_ in decisions} == {SOMEBODY}
    runs = [run for *_, run, _ in decisions]
    assert all(runs) and len({*runs}) == len(runs)


def test_the_commit_is_that_of_the_project_and_not_of_a_hook_of_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("project", "other"):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init", "--quiet")
    own, other = commit(tmp_path / "project"), commit(tmp_path / "other")
    git(tmp_path / "project", "tag", "v1")
    # As a hook of the other repository sets them.
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/.git/index"))
    assert commit_of(tmp_path / "project") == own != other


@pytest.mark.parametrize("place", ["empty", "missing"])
def test_a_project_without_a_commit_has_none(tmp_path: Path, place: str) -> None:
    if place == "empty":
        (tmp_path / place).mkdir()
        git(tmp_path / place, "init", "--quiet")
    assert commit_of(tmp_path / place) is None
