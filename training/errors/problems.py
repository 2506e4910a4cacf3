"""Errors of what a user declares: all problems of a block, or of the rows, at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from scoring.errors import WarehouseMLError, listed


def _numbered(problems: Sequence[str]) -> str:
    """Return the problems, one per line when there are several."""
    return (
        problems[0]
        if len(problems) == 1
        else "".join(f"\n  {n}. {text}" for n, text in enumerate(problems, 1))
    )


class ConfigError(WarehouseMLError):
    """A model's configuration breaks its rules."""

    @classmethod
    def from_problems(cls, model_name: str, problems: Sequence[str]) -> Self:
        """Report everything that is wrong with the block."""
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        return cls(f"Model '{model_name}' has {count} under config: meta: ml: {_numbered(problems)}")

    @classmethod
    def fitted_already(cls, model_name: str, keys: Sequence[str]) -> Self:
        """Report the keys that say how to fit a model that the user's own code has fitted."""
        return cls.from_problems(
            model_name,
            [
                f"{listed(keys)} {'conflicts' if len(keys) == 1 else 'conflict'} with the fitted model that the Python "
                f"file returns; remove {'it' if len(keys) == 1 else 'them'}, or return the training rows alone."
            ],
        )

    @classmethod
    def without_block(cls, model_name: str) -> Self:
        """Report that nothing declares the model."""
        return cls(
            f"Model '{model_name}' has no block config: meta: ml:, which says what to train; write it in a "
            f"YAML file under `- name: {model_name}`; an entry under another name, such as a misspelt one, "
            "does not count."
        )


class DatasetError(WarehouseMLError):
    """The training data breaks its rules."""

    @classmethod
    def from_problems(cls, model_name: str, problems: Sequence[str]) -> Self:
        """Report everything that is wrong with the data."""
        count = f"{len(problems)} problem" + ("s" if len(problems) > 1 else "")
        return cls(f"Model '{model_name}' has {count} in its training data: {_numbered(problems)}")
