"""The base of all errors, and how names are listed in one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class WarehouseMLError(Exception):
    """Base of every error that this product raises on purpose."""


def listed(names: Iterable[str]) -> str:
    """Return the names quoted and joined with commas, or the word ``nothing``."""
    return ", ".join(f"'{name}'" for name in names) or "nothing"


def hint(name: str, known: Iterable[str]) -> str:
    """Return a closing hint with the known name nearest to the given one, or an empty string."""
    nearest = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{nearest[0]}'?" if nearest else ""
