"""A project of its own with the wrapper models around the feature macros, and their unit tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from project import ROOT, Project, install

SOURCES = Path(__file__).with_name("feature_views")


def make(folder: Path) -> Project:
    """Copy the project; nothing is built yet."""
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    starter = ROOT / "dbt_project"
    (folder / "seeds").mkdir(exist_ok=True)
    shutil.copy(starter / "profiles.yml", folder)
    shutil.copytree(starter / "macros", folder / "macros")
    project = Project(folder)
    install(project)
    return project
