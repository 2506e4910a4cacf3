"""Small pieces of SQL text."""

from __future__ import annotations


def quoted(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def text(value: str) -> str:
    r"""Return a text as SQL, whatever characters it holds.

    Examples
    --------
    >>> text("it's"), text("a\0b")
    ("'it''s'", "('a' || chr(0) || 'b')")
    """
    doubled = value.replace("'", "''")
    if "\0" not in doubled:
        return f"'{doubled}'"
    # DuckDB ends a literal at a NUL.
    parts = doubled.replace("\0", "' || chr(0) || '")
    return f"('{parts}')"
