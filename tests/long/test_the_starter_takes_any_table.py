"""Five lines add each of scikit-learn's tables, and one as a spreadsheet has it, to the starter as its README says."""

from __future__ import annotations

import shutil
from pathlib import Path

from other_tables import other_tables
from project import Project, install
from test_starter import LEFT_OUT, STARTER, five_lines_do


def test_five_lines_take_each_table(tmp_path: Path) -> None:
    project = Project(tmp_path / "my_warehouse")
    shutil.copytree(STARTER, project.folder, ignore=LEFT_OUT)
    install(project)
    run = project.dbt("build")
    assert run.code == 0, run.output
    five_lines_do(project, *other_tables())
