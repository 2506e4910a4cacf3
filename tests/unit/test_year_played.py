"""The year that `make replay` plays has a place for its faults in the features as they are now."""

import runpy
from pathlib import Path

REPLAY = Path(__file__).parents[2] / "benchmarks" / "replay.py"


def test_faults_are_planted_in_one_place(tmp_path: Path) -> None:
    played = runpy.run_path(str(REPLAY))
    played["make"](tmp_path)
    assert (tmp_path / played["FEATURES"]).read_text().count(played["PLACE"]) == 1
