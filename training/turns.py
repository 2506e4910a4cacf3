"""Which models train beside one another: small ones, as far as cores and memory go; any other one trains alone.

What a model trained beside others must be what it is alone, bit for bit. LightGBM has one number of threads for the
whole process, and small models are those of which it is always 1.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, RLock

from scoring.runs.memory import free_bytes

SMALL_VALUES = 200_000
"""Values, rows times features, below which a model is small: LightGBM is given one thread for them."""
BYTES_BESIDE, COPIES = 250_000_000, 10
"""What a small model may take beside others: so many bytes, and the size of its rows so many times."""

WHOLE_PROCESS = RLock()
"""Held while warnings or the threads of linear algebra are set for the whole process, and by what depends on them."""


@dataclass
class Turns:
    """Lets small models go on beside one another, and others when no model is at work.

    Parameters
    ----------
    most
        How many small models there are beside one another at most.
    free
        Gives the bytes that the process may still take; None where nobody knows.
    """

    most: int = field(default_factory=lambda: os.cpu_count() or 1)
    free: Callable[[], int | None] = free_bytes
    _small: int = 0
    _waiting: int = 0
    _is_taken: bool = False
    _changed: Condition = field(default_factory=Condition)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no model is at work, and keep all others waiting meanwhile."""
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: not self._small and not self._is_taken)
                self._is_taken = True
            finally:
                self._waiting -= 1
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()

    @contextmanager
    def beside(self, size: int) -> Iterator[None]:
        """Wait until there is room for a small model whose rows have so many bytes.

        It waits for those that are to train alone, which would else wait for ever.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._has_room(size))
            self._small += 1
        try:
            yield
        finally:
            with self._changed:
                self._small -= 1
                self._changed.notify_all()

    def _has_room(self, size: int) -> bool:
        if self._is_taken or self._waiting:
            return False
        if not self._small:
            return True
        free = self.free()
        return self._small < self.most and (free is None or free >= BYTES_BESIDE + COPIES * size)


TURNS = Turns()
