"""Where rows to score come from and where scores go: a table of the warehouse, or a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FORMATS = {".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv"}
"""What a file's name ends in, and the format that it stands for."""
DEFAULT_SCHEMA = "main"


@dataclass(frozen=True)
class Table:
    """A table or view of the warehouse."""

    schema: str
    name: str

    @property
    def sql(self) -> str:
        """The name as SQL has it."""
        return f"{quoted(self.schema)}.{quoted(self.name)}"

    def __str__(self) -> str:
        """Return the name as a user writes it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class File:
    """A file; several, where its path is a pattern."""

    path: Path
    format: str

    @property
    def sql(self) -> str:
        """The path as SQL has it."""
        return literal(str(self.path))

    @property
    def compression(self) -> str:
        """How a CSV file is packed, in DuckDB's word."""
        return "gzip" if self.path.suffix.lower() == ".gz" else "none"

    def __str__(self) -> str:
        """Return the path."""
        return str(self.path)


def parse(text: str) -> Table | File:
    """Return the file or table that a text names; what ends like no file of `FORMATS` is a table."""
    for suffix, kind in FORMATS.items():
        if text.lower().endswith(suffix):
            return File(Path(text), kind)
    schema, _, name = text.rpartition(".")
    return Table(schema or DEFAULT_SCHEMA, name)


def quoted(name: str) -> str:
    """Return a name for use in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text for use in SQL."""
    return "'" + text.replace("'", "''") + "'"
