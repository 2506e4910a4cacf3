"""Where tuning looks for settings, as optuna asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from training.estimators.base import Choice, Range, Setting

if TYPE_CHECKING:
    import optuna


def first(where: Range | Choice) -> Setting:
    """Return a value that lies within."""
    return where.options[0] if isinstance(where, Choice) else where.low


def suggested(trial: optuna.Trial, name: str, where: Range | Choice) -> Setting:
    """Return the value that a trial is to try."""
    if isinstance(where, Choice):
        position = trial.suggest_categorical(name, range(len(where.options)))
        return where.options[position]
    if where.whole:
        return trial.suggest_int(name, int(where.low), int(where.high), log=where.log)
    return trial.suggest_float(name, where.low, where.high, log=where.log)


def start(space: Mapping[str, Range | Choice], settings: Mapping[str, Setting]) -> dict[str, Setting]:
    """Return the settings that lie within the space, to begin with; of a choice, the position."""
    begin: dict[str, Setting] = {}
    for name, where in space.items():
        value = settings.get(name)
        if isinstance(where, Choice):
            if value in where.options:
                begin[name] = where.options.index(value)
        elif isinstance(value, int | float) and where.low <= value <= where.high:
            begin[name] = value
    return begin
