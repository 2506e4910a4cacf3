"""The base of all errors, and how names are listed in one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class WarehouseMLError(Exception):
    """Base of every error that this product raises on purpose."""


MOST_NAMES, LONGEST_NAME = 30, 60


def listed(names: Iterable[str]) -> str:
    """Return the names quoted and joined with commas, or the word ``nothing``.

    No more than `MOST_NAMES` are shown, and of each no more than `LONGEST_NAME` characters.
    """
    names = list(names)
    shown = [name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…" for name in names[:MOST_NAMES]]
    more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
    return (", ".join(f"'{name}'" for name in shown) or "nothing") + more


def hint(name: str, names: Iterable[str]) -> str:
    """Return a closing hint with the known name nearest to the given one, or an empty string."""
    spelled = {text.lower(): text for text in names}
    nearest = get_close_matches(name.lower(), spelled, n=1)
    return f" Did you mean '{spelled[nearest[0]]}'?" if nearest else ""
