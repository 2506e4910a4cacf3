"""Spans of time as blocks and commands write them, such as ``30 days``."""

from __future__ import annotations

import re
from datetime import timedelta

PATTERN = "^[1-9][0-9]* (second|minute|hour|day|week)s?$"
RULE = "a whole number above 0 and a unit (second, minute, hour, day or week)"


def span_of(text: str) -> timedelta:
    """Return the span that a text of `PATTERN` means; one beyond what Python holds is the longest.

    Raises
    ------
    ValueError
        If the text is none.

    Examples
    --------
    >>> span_of("2 weeks")
    datetime.timedelta(days=14)
    """
    if re.fullmatch(PATTERN, text) is None:
        raise ValueError(RULE)
    number, unit = text.split()
    try:
        return timedelta(**{f"{unit.rstrip('s')}s": int(number)})
    except (OverflowError, ValueError):
        return timedelta.max
