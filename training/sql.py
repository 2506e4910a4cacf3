"""Small pieces of SQL text."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def text(value: str) -> str:
    """Return a text as a SQL literal."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
