"""Plots as Vega-Lite specifications with their data, and what all of them share.

A colour that begins with ``@`` is a name of the site's style sheet, which ``report.js`` looks up: so one
specification is drawn in light and in dark mode.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
"""The name of the language; nothing is read from there."""
Spec = dict[str, Any]
INSTANT = "%d %b %Y %H:%M"


@dataclass(frozen=True)
class Chart:
    """A plot.

    Parameters
    ----------
    name
        Unique on its page.
    title
        What it shows.
    text
        How to read it.
    spec
        The specification.
    is_wide
        Whether it takes the whole width of a page.
    """

    name: str
    title: str
    text: str
    spec: Spec
    is_wide: bool = False


def spec(rows: Iterable[Mapping[str, Any]], height: int, *, per_row: int | None = None, **parts: Any) -> Spec:
    """Return a specification that fills the width it is given.

    Parameters
    ----------
    height
        The height of the plot with its axes and legend; where `per_row` is given, how many rows of names it has.
    per_row
        The height of a row.
    """
    return {
        "$schema": SCHEMA,
        "width": "container",
        "height": height * (per_row or 1),
        "autosize": {"type": "fit-x" if per_row else "fit", "contains": "padding"},
        "data": {"values": [{name: plain(value) for name, value in row.items()} for row in rows]},
        **parts,
    }


def plain(value: Any) -> Any:
    """Return a value as JSON holds it: instants as text in UTC, numbers to six digits, none that is not finite."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") + "Z"
    if isinstance(value, float | Decimal):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value


NAMES: Spec = {
    "labelLimit": 0,
    "labelExpr": "truncate(datum.label, max(18, floor(containerSize()[0] / 14.5)), 'center', '…')",
}
"""An axis of names, shortened in their middle where a page is narrow."""


def number(field: str, title: str | None = None, **more: Any) -> Spec:
    """Return the encoding of a number."""
    return {"field": field, "type": "quantitative", "title": title, **more}


def name(field: str, title: str | None = None, **more: Any) -> Spec:
    """Return the encoding of a name, in the order of the rows."""
    return {"field": field, "type": "nominal", "title": title, "sort": None, **more}


def instant(field: str, title: str | None = None, **more: Any) -> Spec:
    """Return the encoding of an instant in UTC."""
    scale = {"type": "utc", **more.pop("scale", {})}
    return {"field": field, "type": "temporal", "title": title, "scale": scale, **more}


def time_axis(instants: Iterable[datetime]) -> Spec:
    """Return an axis whose labels suit the time that instants span."""
    present = [one for one in instants if one is not None]
    days = (max(present) - min(present)).days if present else 0
    pattern = "%d %b %H:%M" if days < 3 else "%d %b %Y"
    return {"format": pattern, "tickCount": 5, "labelOverlap": True, "labelFlush": True}


def hint(**fields: str) -> list[Spec]:
    """Return what is shown where the pointer rests: by field a title, after a colon a format."""
    shown = []
    for field, text in fields.items():
        title, _, pattern = text.partition(":")
        if pattern == "instant":
            shown.append(
                {
                    "field": field,
                    "type": "temporal",
                    "title": title,
                    "format": INSTANT,
                    "scale": {"type": "utc"},
                }
            )
        elif pattern:
            shown.append({"field": field, "type": "quantitative", "title": title, "format": pattern})
        else:
            shown.append({"field": field, "type": "nominal", "title": title})
    return shown


def colours(domain: Sequence[str], chosen: Sequence[str], **more: Any) -> Spec:
    """Return the scale that gives each name its colour, with a legend above the plot."""
    return {
        "scale": {"domain": list(domain), "range": list(chosen)},
        "legend": {"orient": "top", "title": None, **more},
    }


def choice(field: str, options: Sequence[str], label: str) -> tuple[list[Spec], list[Spec]]:
    """Return a list to choose one value of a field from, and the filter that keeps it."""
    if len(options) < 2:
        return [], []
    parameter = {
        "name": f"chosen_{field}",
        "value": options[0],
        "bind": {"input": "select", "options": list(options), "name": label},
    }
    return [parameter], [{"filter": f"datum.{field} === chosen_{field}"}]
