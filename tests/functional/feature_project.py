"""A project of its own with the wrapper models around the feature macros, and their unit tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from project import ROOT, Project

SOURCES = Path(__file__).with_name("feature_views")


def make(folder: Path) -> Project:
    """Copy the project; nothing is built yet."""
    shutil.copytree(SOURCES, folder, dirs_exist_ok=True)
    starter = ROOT / "dbt_project"
    for path in ("packages.yml", "profiles.yml", "seeds/model_pins.csv", "seeds/model_pins.yml"):
        (folder / path).parent.mkdir(exist_ok=True)
        shutil.copy(starter / path, folder / path)
    shutil.copytree(starter / "macros", folder / "macros")
    project = Project(folder)
    project.replace("packages.yml", "local: ..", f"local: {ROOT}")
    run = project.dbt("deps")
    assert run.code == 0, run.output
    return project
