"""What an estimator is to the rest of training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The values that a setting may have, from ``low`` to ``high``."""

    low: float
    high: float
    whole: bool = False


@dataclass(frozen=True)
class Estimator:
    """The settings of an estimator that a model may choose, by name.

    A setting without limits is true or false.
    """

    params: Mapping[str, Limits | None]
    defaults: Mapping[str, float | bool]
