"""Why something failed, in the words of a library: without its values where rows may hold personal data."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import duckdb

from scoring.runs.messages import first_sentence

LEFT_OUT = "the rest is left out, as the rows come from personal data"

_hides_values: ContextVar[bool] = ContextVar("_hides_values", default=False)


@contextmanager
def hiding_values() -> Iterator[Callable[[bool], object]]:
    """Give what says, once it is known, whether reasons must quote no value of a row; they may again afterwards."""
    token = _hides_values.set(False)
    try:
        yield _hides_values.set
    finally:
        _hides_values.reset(token)


def reason_of(error: BaseException) -> str:
    """Return what a library says, on one line; the kind of the error alone where more may quote a value."""
    text = " ".join(str(error).split())
    if not _hides_values.get():
        return text
    shown = first_sentence(text) if isinstance(error, duckdb.Error) else type(error).__name__
    return text if shown == text else f"{shown} ({LEFT_OUT})"


def details_of(error: BaseException) -> str:
    """Return the traceback of the error that is handled; where no value may be quoted, without what errors say."""
    if not _hides_values.get():
        return traceback.format_exc()
    parts: list[str] = []
    each: BaseException | None = error
    while each is not None:
        parts.insert(
            0, f"{''.join(traceback.format_tb(each.__traceback__))}{type(each).__name__} ({LEFT_OUT})\n"
        )
        each = each.__cause__ or each.__context__
    return "\n".join(parts)
