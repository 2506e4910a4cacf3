"""A build as of a cutoff knows nothing later, and a later build changes nothing that it knew."""

from __future__ import annotations

from pathlib import Path

import pytest
from leakage import CUTOFF, FEATURES, differences, instants_after
from project import Project


@pytest.fixture
def cutoff() -> str:
    """The instant as of which `early` is built."""
    return CUTOFF


def test_features_are_those_of_the_later_build(yesterday: Project, early: Project, cutoff: str) -> None:
    condition = f"predicted_at <= timestamp '{cutoff}'"
    assert differences(yesterday, early, FEATURES, condition=condition) == {}
    assert early.query(f"select count(*) > 39000 from {FEATURES} where {condition}") == [(True,)]


def test_labels_are_those_known_by_then(yesterday: Project, early: Project, cutoff: str) -> None:
    arrived = f"select flight_id from late.marts.fct_flights where arrival_known_at <= timestamp '{cutoff}'"
    training = "features.flight_delay_training"
    assert differences(yesterday, early, training, condition=f"flight_id in ({arrived})") == {}
    assert early.query(f"select count(*) > 37000 from {training}") == [(True,)]


def test_no_instant_lies_past_the_cutoff(yesterday: Project, early: Project, cutoff: str) -> None:
    assert instants_after(early, cutoff) == {}
    assert len(instants_after(yesterday, cutoff)) > 20


@pytest.mark.parametrize("instant", ["15.02.2013", "2013-02-15 12:00:00+01:00", "2013-02-30"])
def test_what_is_no_instant_in_utc_is_refused(sources: Project, tmp_path: Path, instant: str) -> None:
    run = sources.copy_to(tmp_path).dbt("compile", "-s", "fct_flights", as_of=instant)
    assert run.code != 0
    assert (
        "The var as_of must be an ISO date or timestamp in UTC, such as '2013-02-15' or "
        f"'2013-02-15 12:00:00'; found '{instant}'. Correct it and run again." in run.output
    )
