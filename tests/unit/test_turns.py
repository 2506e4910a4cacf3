"""Small models train beside one another, and all others alone."""

from __future__ import annotations

import warnings
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from threading import Barrier, Event

import pytest

from training.export.steps import without_names
from training.turns import BYTES_BESIDE, COPIES, Turns

PATIENCE = 30
"""Seconds after which a test that hangs fails."""


class Model:
    """A model in a thread of its own that holds its turn until it is released."""

    def __init__(self, pool: ThreadPoolExecutor, turn: AbstractContextManager[None]) -> None:
        self.began, self._release = Event(), Event()
        self._done: Future[None] = pool.submit(self._train, turn)

    def _train(self, turn: AbstractContextManager[None]) -> None:
        with turn:
            self.began.set()
            assert self._release.wait(PATIENCE)

    def end(self) -> None:
        assert self.began.wait(PATIENCE)
        self._release.set()
        self._done.result(PATIENCE)


def waiting(turns: Turns) -> int:
    """Return how many threads wait, once all that can go on have gone on."""
    with turns._changed:
        return len(turns._changed._waiters)


def until_waiting(turns: Turns, count: int) -> None:
    while waiting(turns) < count:
        assert not Event().wait(0.001)


def test_small_models_go_on_beside_one_another() -> None:
    turns, both = Turns(most=2), Barrier(2)

    def train() -> None:
        with turns.beside(0):
            both.wait(PATIENCE)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(train), pool.submit(train)]:
            done.result(PATIENCE)


@pytest.mark.parametrize(
    ("most", "free"), [(1, None), (2, BYTES_BESIDE + COPIES * 1000 - 1)], ids=["cores", "memory"]
)
def test_a_small_model_waits_for_room(most: int, free: int | None) -> None:
    turns = Turns(most=most, free=lambda: free)
    with ThreadPoolExecutor(2) as pool:
        first = Model(pool, turns.beside(1000))
        assert first.began.wait(PATIENCE)
        second = Model(pool, turns.beside(1000))
        until_waiting(turns, 1)
        assert not second.began.is_set()
        first.end()
        second.end()


def test_the_first_model_needs_no_room() -> None:
    with Turns(free=lambda: 0).beside(10**12):
        pass


def test_a_model_that_trains_alone_waits_for_small_ones_and_those_that_come_later_wait_for_it() -> None:
    turns = Turns(most=2)
    with ThreadPoolExecutor(3) as pool:
        small = Model(pool, turns.beside(0))
        assert small.began.wait(PATIENCE)
        large = Model(pool, turns.alone())
        until_waiting(turns, 1)
        later = Model(pool, turns.beside(0))
        until_waiting(turns, 2)
        assert not large.began.is_set() and not later.began.is_set()
        small.end()
        assert large.began.wait(PATIENCE) and not later.began.is_set()
        large.end()
        later.end()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_model_that_fails_lets_the_next_one_go_on(error: type[BaseException]) -> None:
    turns = Turns()
    for turn in (turns.beside, lambda size: turns.alone()):
        with pytest.raises(error), turn(0):
            raise error
    with turns.alone():
        pass
    with turns.beside(0):
        pass


def test_no_two_models_set_something_for_the_whole_process_at_once() -> None:
    before = [*warnings.filters]
    with ThreadPoolExecutor(2) as pool:
        first = Model(pool, without_names())
        assert first.began.wait(PATIENCE)
        second = Model(pool, without_names())
        assert not second.began.wait(0)
        first.end()
        second.end()
    assert warnings.filters == before
