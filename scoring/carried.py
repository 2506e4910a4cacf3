"""Types that Arrow or Parquet does not have, and those in which their values travel unharmed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from duckdb.sqltypes import DuckDBPyType

from scoring.places import quoted

IN_ARROW = {"interval": "VARCHAR", "enum": "VARCHAR"}
"""Of an interval Arrow holds no more than 292 years of nanoseconds; an enum comes back as text. The others
travel as they are where DuckDB's setting `arrow_lossless_conversion` is on."""
IN_PARQUET = {
    "hugeint": "DECIMAL(38,0)",
    "uhugeint": "DECIMAL(38,0)",
    "interval": "VARCHAR",
    "time with time zone": "VARCHAR",
}
"""DuckDB would write doubles for huge integers, milliseconds for intervals, and drop offsets."""
NOT_IN_ARROW = frozenset({"variant"})
NOT_IN_PARQUET = frozenset({"union"})
WIDE = frozenset({"hugeint", "uhugeint"})


def replaced(kind: DuckDBPyType, instead: Mapping[str, str]) -> str:
    """Return a type with others in the place of some, also inside of lists, structs, maps and unions.

    Examples
    --------
    >>> import duckdb
    >>> replaced(duckdb.type("STRUCT(a HUGEINT, b INTERVAL[])"), IN_PARQUET)
    'STRUCT("a" DECIMAL(38,0), "b" VARCHAR[])'
    """
    if kind.id in instead:
        return instead[kind.id]
    if kind.id not in ("list", "array", "struct", "map", "union"):
        return str(kind)
    parts = dict(_children(kind))
    if kind.id == "list":
        return f"{replaced(parts['child'], instead)}[]"
    if kind.id == "array":
        return f"{replaced(parts['child'], instead)}[{parts['size']}]"
    if kind.id == "map":
        return f"MAP({replaced(parts['key'], instead)}, {replaced(parts['value'], instead)})"
    members = [f"{quoted(name)} {replaced(part, instead)}" for name, part in parts.items() if name]
    return f"{kind.id.upper()}({', '.join(members)})"


def holds(kind: DuckDBPyType, ids: frozenset[str]) -> bool:
    """Return whether a type is one of those with the ids, or has one inside."""
    parts = _children(kind) if kind.id in ("list", "array", "struct", "map", "union") else []
    return kind.id in ids or any(holds(part, ids) for name, part in parts if name != "size")


def _children(kind: DuckDBPyType) -> list[tuple[str, Any]]:
    return list(kind.children)
