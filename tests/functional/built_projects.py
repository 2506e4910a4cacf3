"""The project before and after its first build, and copies of it to change."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import ml_project
import pytest
from filelock import FileLock
from leakage import CUTOFF
from project import NOT_COPIED, REGISTRY, ROOT, UP_TO_TRAINING, WITHOUT_TESTS, Lines, Project


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project as it is in Git, with no warehouse yet."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED, dirs_exist_ok=True)
    return Project(folder)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[..., Project]:
    """Makes a project, once for all processes of a run; each has a copy of its own."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def make(name: str, making: Callable[[Path], Project]) -> Project:
        project = Project(shared / f"built {name}")
        with FileLock(f"{project.folder}.lock"):
            if not project.folder.exists():
                making(shared / f"making {name}").copy_to(project.folder)
        return project.copy_to(tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="session")
def built(sources: Project, once: Callable[..., Project]) -> Callable[..., Project]:
    """Builds the project with some arguments."""

    def build(name: str, *arguments: str, **variables: str) -> Project:
        def making(folder: Path) -> Project:
            project = sources.copy_to(folder)
            run = project.dbt(*arguments, **variables)
            assert run.code == 0, run.output
            return project

        return once(name, making)

    return build


@pytest.fixture(scope="session")
def small(once: Callable[..., Project]) -> Project:
    """A small project with models of its own, built; not to be changed."""

    def making(folder: Path) -> Project:
        project = ml_project.make_several(folder)
        run = project.dbt("build", "-s", "package:small", REGISTRY)
        assert run.code == 0, run.output
        return project

    return once("small", making)


@pytest.fixture(scope="session")
def yesterday(built: Callable[..., Project]) -> Project:
    """The project after one good build of everything; not to be changed."""
    return built("yesterday", "build")


@pytest.fixture(scope="session")
def early(built: Callable[..., Project]) -> Project:
    """The project built up to the training set as of the cutoff; not to be changed."""
    return built("early", *UP_TO_TRAINING, *WITHOUT_TESTS, as_of=CUTOFF)


@pytest.fixture
def project(yesterday: Project, tmp_path: Path) -> Project:
    """A copy of yesterday's project to change and to build."""
    return yesterday.copy_to(tmp_path / "project")


@pytest.fixture
def assert_refused(project: Project) -> Callable[..., None]:
    """Checks that a build with changed seeds ends with an error for each, and schemas hold what they held."""

    def check(changes: Mapping[str, tuple[Callable[[Lines], Lines], str]], *unchanged: str) -> None:
        def contents() -> dict[str, object]:
            # Kinds of days read no weather: they go on, and say when they were scored.
            read = project.contents(*unchanged)
            return {name: rows for name, rows in read.items() if name != "marts.airport_day_kinds"}

        before = contents()
        for file, (change, _) in changes.items():
            project.rewrite(f"seeds/{file}", change)

        run = project.build("--exclude-resource-type", "unit_test")

        assert run.code == 1
        assert [sentence for _, sentence in changes.values() if sentence not in run.output] == []
        assert f" ERROR={len(changes)} " in run.output
        assert contents() == before

    return check
