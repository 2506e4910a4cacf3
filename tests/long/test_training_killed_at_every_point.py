"""Training that is killed, at whatever point, leaves the versions and decisions that there were."""

from __future__ import annotations

import pytest
from project import Project
from test_crash import POINTS, killed, project, state

__all__ = ["project"]


@pytest.mark.parametrize("point", POINTS)
def test_nothing_of_killed_training_is_left(
    project: Project, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    before = state(project)
    assert killed(project, monkeypatch, point, "build", "--select", "tumour") == before
