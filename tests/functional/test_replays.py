"""The generic tests of leakage catch leaky features and let their clean twins pass."""

from __future__ import annotations

import pytest
import trips
from trips import CLOCKS, LEAKS, REPLAYS, STAGING, Outcomes, build_and_test, write_model


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What each test of each model came to, and what it said: one build with all leaks and twins."""
    project = trips.make(tmp_path_factory.mktemp("replays") / "trips", STAGING)
    for name, (leaky, clean) in LEAKS.items():
        write_model(project, f"leaky_{name}", leaky, REPLAYS, CLOCKS)
        write_model(project, f"clean_{name}", clean, REPLAYS, CLOCKS)
    return build_and_test(project)


@pytest.mark.parametrize("leak", LEAKS)
def test_replay_catches_the_leak_and_passes_its_twin(outcomes: Outcomes, leak: str) -> None:
    status, message = outcomes[f"replays_as_of_leaky_{leak}"]
    assert status == "error"
    assert f"leaky_{leak} differs up to 2024-01-" in message
    assert "with another mean_delay_minutes" in message
    assert outcomes[f"replays_as_of_clean_{leak}"][0] == "pass"


@pytest.mark.parametrize("leak", LEAKS)
def test_clocks_catch_the_leak_and_pass_its_twin(outcomes: Outcomes, leak: str) -> None:
    status, message = outcomes[f"known_before_prediction_leaky_{leak}"]
    assert status == "error"
    assert f"leaky_{leak} has row(s) that know more than is known at their prediction time" in message
    assert "with last_known_at" in message
    assert outcomes[f"known_before_prediction_clean_{leak}"][0] == "pass"
