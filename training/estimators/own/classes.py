"""The classes of a model that the user's own code fitted, compared with those of the label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import lightgbm
import numpy as np

ENCODED = ({"false", "true"}, {"0", "1"})
"""Two classes that may stand for any others: the label has another value than the positive one, or has it."""


def classes_of(last: Any) -> list[object]:
    """Return the classes that a model knows, in its order; a booster knows them as numbers."""
    if isinstance(last, lightgbm.Booster):
        return list(range(max(last.num_model_per_iteration(), 2)))
    if isinstance(last, lightgbm.LGBMRegressor):  # with objective binary
        return [0, 1]
    return list(last.classes_)


def class_text(value: object) -> str:
    """Return the name of a class as `training.data.labels.class_text` writes it.

    Examples
    --------
    >>> [class_text(value) for value in (np.True_, 2.0, np.int64(3), "late")]
    ['true', '2', '3', 'late']
    """
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, int | float | np.number) and float(value).is_integer():
        return str(int(value))
    return str(value)


def positive(learned: Sequence[str], classes: Sequence[str]) -> int | None:
    """Return the position of the positive class among those that a model knows; None if they do not agree.

    Parameters
    ----------
    learned
        In the order of the model.
    classes
        Of the label, in the order of their codes; of two, the positive one is the second.

    Examples
    --------
    >>> positive(["no", "yes"], ["no", "yes"]), positive(["late", "on time"], ["on time", "late"])
    (1, 0)
    >>> positive(["false", "true"], ["on time", "late"]), positive(["a", "b"], ["a", "c"])
    (1, None)
    """
    if len(learned) == len(classes) == 2:
        if set(learned) == set(classes):
            return learned.index(classes[1])
        if set(learned) in ENCODED:
            return 1
    return 1 if list(learned) == list(classes) else None
