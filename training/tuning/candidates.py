"""What is tried where a model leaves its estimator open; see docs/decisions/0013-defaults.md."""

from __future__ import annotations

from collections.abc import Mapping

from training.declared.spec import ModelSpec
from training.estimators.base import Setting

Candidate = tuple[str, Mapping[str, Setting]]
"""An estimator's name, and settings that differ from its defaults."""

SMALL_ROWS = 5_000
"""Training rows up to which a model that names no estimator takes the best of `SMALL`."""

SMALL: tuple[Candidate, ...] = (
    ("lightgbm", {}),
    ("logistic_regression", {}),
    ("linear_regression", {}),
    ("lightgbm", {"extra_trees": True}),
)
"""Few and quick to fit, as far as they suit the task; all of them have a form in SQL."""

LINEAR_GAIN = 0.02
"""What the loss of a linear model must be lower by, to be taken: of equals, trees bear surprises better."""

MOST_EPOCHS, MOST_SEEN = 200, 1_000_000
"""How often the networks of estimator auto see all rows, and rows that they see in all."""


def is_searched(spec: ModelSpec, rows: int) -> bool:
    """Return whether a model asks for a search, or has so few training rows that simpler models may do."""
    return spec.tuning is not None or (spec.may_be_simpler and rows <= SMALL_ROWS)


def candidates(rows: int) -> tuple[Candidate, ...]:
    """Return what estimator auto averages, as far as it suits the task, the quick ones first.

    They differ from each other, so that their errors do; which settings a model has matters less.

    Parameters
    ----------
    rows
        The number of training rows.
    """
    epochs = max(min(MOST_SEEN // rows, MOST_EPOCHS), 4)
    return (
        *SMALL[:-1],
        ("mlp", {"alpha": 0.1, "hidden_units": 32, "epochs": max(epochs // 2, 4)}),
        ("extra_trees", {}),
        ("lightgbm", {"num_leaves": 15, "feature_fraction": 0.5}),
        ("random_forest", {}),
        ("mlp", {"alpha": 1.0, "epochs": epochs}),
        # Of many rows, random splits take many iterations.
        SMALL[-1],
        (
            "lightgbm",
            {"num_leaves": 63, "extra_trees": True, "feature_fraction": 0.5, "min_data_in_leaf": 2},
        ),
    )
