"""The names of types: as DuckDB calls them, in the YAML of models, and as Spark does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scoring.places import quoted

NAMES = {
    "varchar": "string",
    "text": "string",
    "json": "string",
    "uuid": "string",
    "blob": "binary",
    "utinyint": "smallint",
    "usmallint": "int",
    "uinteger": "bigint",
    "ubigint": "decimal(20, 0)",
    "hugeint": "decimal(38, 0)",
    "timestamp": "timestamp_ntz",
    "datetime": "timestamp_ntz",
    "timestamptz": "timestamp_ltz",
    "timestamp with time zone": "timestamp_ltz",
}
"""By name on DuckDB, in small letters, the type that Spark calls otherwise."""
NESTED = re.compile(r"(map|struct) *\((.*)\)", re.IGNORECASE | re.DOTALL)
FIELD = re.compile(r'("(?:[^"]|"")+"|[^\s"]+)\s+(.+)', re.DOTALL)


def spark_type(name: str) -> str:
    """Return the type of Spark that a type of DuckDB is; one that has the same name, or is unknown, stays.

    Examples
    --------
    >>> spark_type("varchar[]"), spark_type("DECIMAL(9, 2)")
    ('array<string>', 'DECIMAL(9, 2)')
    >>> spark_type('map(varchar, struct(x double, "is it" timestamp))')
    'map<string, struct<"x": double, "is it": timestamp_ntz>>'
    """
    text = name.strip()
    if text.endswith("[]"):
        return f"array<{spark_type(text[:-2])}>"
    nested = NESTED.fullmatch(text)
    if nested is None:
        return NAMES.get(text.lower(), text)
    if nested[1].lower() == "map":
        return f"map<{', '.join(map(spark_type, _parts(nested[2])))}>"
    return f"struct<{', '.join(map(_field, _parts(nested[2])))}>"


def _field(text: str) -> str:
    field = FIELD.fullmatch(text)
    if field is None:
        return text
    name = field[1][1:-1].replace('""', '"') if field[1].startswith('"') else field[1]
    return f"{quoted(name)}: {spark_type(field[2])}"


def _parts(text: str) -> Iterator[str]:
    """Cut a list at the commas that are in no parentheses."""
    depth = start = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield text[start:position].strip()
            start = position + 1
    yield text[start:].strip()
