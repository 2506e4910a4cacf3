"""Ten daily increments are one whole build, although rows come late, are corrected and are withdrawn throughout."""

from __future__ import annotations

from pathlib import Path

from daily_flights import build_by_increments, whole
from project import Project

KILLED_BEFORE = {3: "marts.fct_flights", 9: "features.route_history"}


def test_ten_increments_are_one_whole_build(sources: Project, tmp_path: Path) -> None:
    project = sources.copy_to(tmp_path / "incremented")
    build_by_increments(project, 10, KILLED_BEFORE)
    increments = project.contents("marts", "features")
    assert increments == whole(project, tmp_path / "whole")
    assert increments["features.flight_delay_features"][0] > 1900
