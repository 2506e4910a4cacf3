"""Kinds of columns, by DuckDB's names for types."""

from __future__ import annotations

BOOLEAN = "boolean"
NUMBER_TYPES = frozenset(
    {"tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"}
    | {"uhugeint", "float", "double", "decimal", BOOLEAN}
)
TEXT_TYPES = frozenset({"varchar", "enum"})
NESTED_TYPES = frozenset({"list", "array", "struct", "map", "union", "variant"})
TIME_TYPES = frozenset({"date", "timestamp", "timestamp_s", "timestamp_ms"})
"""Types of a time column: instants without a zone, which are UTC here."""

INSTANT_TYPES = TIME_TYPES | {"timestamp_ns", "timestamp with time zone"}


def is_text(kind: str) -> bool:
    """Return whether a type holds text."""
    return kind in TEXT_TYPES
