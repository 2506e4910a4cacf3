"""Gradient-boosted trees by LightGBM, which is imported when a model is fitted.

A block is read, and an unchanged model recognized, in less time than that takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.estimators.base import Estimator, FitRequest
from training.estimators.lightgbm_settings import (
    DEFAULTS,
    OBJECTIVES,
    PARAMS,
    SEARCH_SPACE,
    label_rule,
    misfits,
    scaled,
)

if TYPE_CHECKING:
    from training.estimators.lightgbm_booster import Booster


def _fit(request: FitRequest) -> Booster:
    from training.estimators.lightgbm_booster import fit

    return fit(request)


ESTIMATOR = Estimator(
    name="lightgbm",
    tasks=frozenset(OBJECTIVES),
    params=PARAMS,
    defaults=DEFAULTS,
    search_space=SEARCH_SPACE,
    relative_difference=1e-15,
    fit=_fit,
    is_monotone=True,
    is_rank_based=True,
    misfits=misfits,
    label_rule=label_rule,
    scaled=scaled,
    rounds="num_iterations",
)
