"""How values are written on a page."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

NOTHING = "–"  # noqa: RUF001
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def number(value: Any) -> str:
    """Return a number with four digits that count."""
    value = float(value) if isinstance(value, Decimal) else value
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        return NOTHING if value is None else str(value)
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e6):
        return f"{int(value):,}"
    return f"{value:.4g}" if not 1e4 <= abs(value) < 1e9 else f"{value:,.0f}"


def share(value: float | None) -> str:
    """Return a share in per cent."""
    return NOTHING if value is None or not math.isfinite(value) else f"{value:.1%}"


def instant(value: Any) -> str:
    """Return an instant to the minute; times are in UTC everywhere."""
    return f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else NOTHING


def seconds(value: float | None) -> str:
    """Return a time that something took."""
    if value is None:
        return NOTHING
    return f"{value:.1f} s" if value < 120 else str(timedelta(seconds=round(value)))


def size(value: float | None) -> str:
    """Return a number of bytes."""
    if value is None:
        return NOTHING
    power = min(int(math.log(value, 1000)), len(UNITS) - 1) if value >= 1 else 0
    return f"{value / 1000**power:.3g} {UNITS[power]}"


def words(value: Any) -> str:
    """Return a name of the code as words."""
    return str(value).replace("_", " ")


def settings(value: str | None) -> dict[str, str]:
    """Return JSON text of settings by name."""
    values = json.loads(value) if value else {}
    return {name: number(one) for name, one in values.items()} if isinstance(values, dict) else {}


def file_name(label: str, taken: Collection[str]) -> str:
    """Return a name for a page that every file system and address takes, different from those taken."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", label.lower()).strip("-")[:60]
    if plain == label and plain and plain not in taken:
        return f"{plain}.html"
    return f"{plain or 'model'}-{hashlib.sha256(label.encode()).hexdigest()[:8]}.html"


FILTERS: Mapping[str, Callable[..., object]] = {
    "number": number,
    "share": share,
    "instant": instant,
    "seconds": seconds,
    "size": size,
    "words": words,
    "settings": settings,
}
"""The filters of the templates."""
