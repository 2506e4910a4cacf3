"""The project before and after its first build, and copies of it to change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from leakage import CUTOFFS
from project import NOT_COPIED, ROOT, UP_TO_TRAINING, Lines, Project

__all__ = ["NOT_COPIED", "ROOT", "Project"]


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it is in Git, with no warehouse yet."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED, dirs_exist_ok=True)
    return Project(folder)


@pytest.fixture(scope="session")
def yesterday(sources: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one good build of everything; not to be changed."""
    project = sources.copy_to(tmp_path_factory.mktemp("yesterday"))
    run = project.dbt("build")
    assert run.code == 0, run.output
    return project


@pytest.fixture(scope="session")
def early(sources: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Project]:
    """The project built up to the training set as of each cutoff; not to be changed."""
    projects = {cutoff: sources.copy_to(tmp_path_factory.mktemp("early")) for cutoff in CUTOFFS}
    for cutoff, project in projects.items():
        run = project.dbt(*UP_TO_TRAINING, as_of=cutoff)
        assert run.code == 0, run.output
    return projects


@pytest.fixture
def project(yesterday: Project, tmp_path: Path) -> Project:
    """A copy of yesterday's project to change and to build."""
    return yesterday.copy_to(tmp_path / "project")


@pytest.fixture
def assert_refused(project: Project) -> Callable[..., None]:
    """Checks that a build with a changed seed ends with one error, and schemas hold what they held."""

    def check(file: str, change: Callable[[Lines], Lines], sentence: str, *unchanged: str) -> None:
        before = project.contents(*unchanged)
        project.rewrite(f"seeds/{file}", change)

        run = project.build()

        assert run.code == 1
        assert sentence in run.output
        assert " ERROR=1 " in run.output
        assert project.contents(*unchanged) == before

    return check
