"""Training without dbt, found through an entry point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring import training_packages
from scoring.warehouse import Warehouse


@dataclass(frozen=True)
class Trained:
    """What became of a model.

    Parameters
    ----------
    model
        The model.
    version
        The version that was trained; None if nothing has changed, or it was refused before it was one.
    champion
        The version that scores; None if none may.
    action, reason
        The last decision.
    notices
        What is worth knowing about the rows and the version.
    details
        The trace of an error in a Python model or in ours; None if there was none.
    """

    model: str
    version: int | None
    champion: int | None
    action: str
    reason: str
    notices: Sequence[str]
    details: str | None

    @property
    def is_refused(self) -> bool:
        """Whether a build with dbt would end with an error."""
        return self.action.startswith("refuse")


def train(
    warehouse: Warehouse, project: Path, target: Path, names: Sequence[str], *, retrain: bool
) -> Iterator[Trained]:
    """Train models of a compiled project; see `training.compiled.train_compiled`.

    Raises
    ------
    scoring.errors.TrainingPackagesError
        If the packages that train are not installed here.
    """
    run: Callable[..., Iterator[Trained]] = training_packages.load("train", "train")
    return run(warehouse, project, target, names, retrain=retrain)
