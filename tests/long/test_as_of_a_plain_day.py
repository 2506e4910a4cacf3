"""A build as of a day without a change of the clock knows nothing later, and passes its tests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from project import UP_TO_TRAINING, Project
from test_as_of import (
    test_features_are_those_of_the_later_build,
    test_labels_are_those_known_by_then,
    test_no_instant_lies_past_the_cutoff,
)

__all__ = [
    "test_features_are_those_of_the_later_build",
    "test_labels_are_those_known_by_then",
    "test_no_instant_lies_past_the_cutoff",
]


@pytest.fixture
def cutoff() -> str:
    return "2013-02-15 12:00:00"


@pytest.fixture
def early(built: Callable[..., Project], cutoff: str) -> Project:
    return built("plain day", *UP_TO_TRAINING, as_of=cutoff)
