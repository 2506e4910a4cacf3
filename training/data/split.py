"""The split of a model's rows into train, validation and test."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.declared.spec import ModelSpec
from training.sql import quoted, text

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Part:
    """A run of rows, from position ``start`` up to but not including ``stop``."""

    name: str
    start: int
    stop: int

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.stop - self.start

    @property
    def slice(self) -> slice:
        """The rows as a slice."""
        return slice(self.start, self.stop)


def sequential(times: NDArray[np.int64], *, validation: float, test: float) -> tuple[Part, ...]:
    """Return train, validation and test: the earliest, the later and the latest rows.

    A boundary never falls between rows of the same time: all of them go to the later part. A part
    can therefore be smaller than asked, and even empty.

    Parameters
    ----------
    times
        Prediction times in ascending order, shape ``(rows,)``, not empty.
    validation, test
        Shares of the rows.
    """
    rows = len(times)
    wanted = starts(rows, validation=validation, test=test)
    cuts = [0, *(int(np.searchsorted(times, times[cut])) if cut < rows else rows for cut in wanted), rows]
    return tuple(Part(name, cuts[i], cuts[i + 1]) for i, name in enumerate(PARTS))


def starts(rows: int, *, validation: float, test: float) -> tuple[int, int]:
    """Return the positions, in order of time, of the rows at which validation and test are to begin."""
    # Rounding the shares' sum away keeps 1 - 0.1 - 0.2 from losing a row to binary fractions.
    return round(rows * (1 - validation - test)), round(rows * (1 - test))


def grouped(ranks: NDArray[np.int64]) -> tuple[Part, ...]:
    """Return train, validation and test of rows that are in order of their part.

    Parameters
    ----------
    ranks
        Position in `PARTS` of the part of every row, ascending, shape ``(rows,)``.
    """
    cuts = np.searchsorted(ranks, np.arange(len(PARTS) + 1)).tolist()
    return tuple(Part(name, cuts[i], cuts[i + 1]) for i, name in enumerate(PARTS))


def hash_share(key: str, salt: str) -> str:
    """Return SQL for a number from 0 up to 1 that a row's key alone decides.

    It is the first 32 bits of the MD5 of the salt and the key's text, as a share of 2^32. A row of method
    ``random`` is in test if the number is below ``test``, in validation if it is below ``test +
    validation``, and else in train: rows that are added later move none of the others.

    Parameters
    ----------
    key
        The quoted key column.
    salt
        Text that is hashed before the key; the version row keeps it.

    Examples
    --------
    >>> print(hash_share('"id"', "seed 1"))
    ('0x' || substr(md5('seed 1' || "id"::varchar), 1, 8))::bigint / 4294967296e0
    """
    return f"('0x' || substr(md5({text(salt)} || {key}::varchar), 1, 8))::bigint / 4294967296e0"


def salt(spec: ModelSpec) -> str | None:
    """Return what a split of method ``random`` hashes before the key; None for other methods.

    It depends on the seed alone, so that models of different names are tested on the same rows.
    """
    return f"seed {spec.seed}" if spec.split.method == "random" else None


def rank(spec: ModelSpec) -> str:
    """Return SQL for the position in `PARTS` of a row's part; 0 where its place in time decides."""
    split = spec.split
    if salted := salt(spec):
        share = hash_share(quoted(spec.key), salted)
        test, both = float(split.test), float(split.test + split.validation)
        return (
            f"case when {share} < {test!r}::double then 2 when {share} < {both!r}::double then 1 else 0 end"
        )
    if split.method == "custom" and split.column is not None:
        return f"list_position([{', '.join(map(text, PARTS))}], {quoted(split.column)}::varchar) - 1"
    return "0"


def named(spec: ModelSpec, ranks: NDArray[np.int64], times: NDArray[np.int64] | None) -> dict[str, Part]:
    """Return the parts by name, empty ones too, of rows in order of rank and then of time."""
    if spec.split.method == "sequential" and times is not None:
        parts = sequential(times, validation=spec.split.validation, test=spec.split.test)
    else:
        parts = grouped(ranks)
    return {part.name: part for part in parts}
