"""What only the packages that train models can do, found through entry points: scoring never imports them."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from scoring.errors import TrainingPackagesError

GROUP = "warehouse_ml.training"


def load(name: str, use: str, *, group: str = GROUP) -> Any:
    """Return what an entry point names.

    Parameters
    ----------
    name
        The entry point.
    use
        What needs it, for the error message.

    Raises
    ------
    scoring.errors.TrainingPackagesError
        If the packages that train are not installed here.
    """
    points = entry_points(group=group)
    try:
        if name not in points.names:
            raise ImportError(f"no entry point {name} in {group}")
        return points[name].load()
    except (ImportError, OSError) as error:  # OSError: a library that a package itself needs
        raise TrainingPackagesError.missing(use, str(error)) from error
