"""Errors of CSV files that become tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from scoring.errors.base import WarehouseMLError


class RawFileError(WarehouseMLError):
    """A CSV file that cannot be read. The text follows the file's name and quotes nothing from the file."""

    @classmethod
    def unreadable(cls, reason: str) -> Self:
        """Give the operating system's reason."""
        return cls(f"cannot be opened ({reason.lower()}); make it a file that dbt may read")

    @classmethod
    def empty(cls) -> Self:
        """Name what a file must have."""
        return cls("is empty; it must have a header line and rows: restore it and run again")

    @classmethod
    def blank_header(cls) -> Self:
        """Name what a file must begin with."""
        return cls(
            "begins with a blank line; it must begin with a header line of column names: add it and run again"
        )

    @classmethod
    def not_utf8(cls, part: str, encoding: str) -> Self:
        """Name the encoding that a file must have."""
        return cls(
            f"has {part} that is {encoding}; it must be UTF-8 text: save the file as UTF-8 and run again"
        )

    @classmethod
    def nul_bytes(cls) -> Self:
        """Name the bytes that text cannot hold."""
        return cls("has NUL bytes; it must be UTF-8 text: export the file again and run again")

    @classmethod
    def misquoted_header(cls) -> Self:
        """Name the two ways in which a header is misquoted."""
        return cls(
            "has a quotation mark in its header that is never closed, or text after a closed one: "
            "correct the header and run again"
        )

    @classmethod
    def other_delimiter(cls, name: str, shown: str) -> Self:
        """Name what separates the fields instead of the configured delimiter."""
        return cls(
            f"is delimited by {name}, not by the configured delimiter: set its config delimiter: {shown}"
        )

    @classmethod
    def mixed_line_ends(cls, counts: Mapping[str, int]) -> Self:
        """Give how many lines end in which way."""
        kinds = ", ".join(f"{count:,} with {name}" for name, count in counts.items())
        return cls(
            f"ends lines in several ways ({kinds}); it must use one line end: save the file with LF "
            "and run again"
        )

    @classmethod
    def long_delimiter(cls, delimiter: str) -> Self:
        """Give the length of a delimiter."""
        return cls(
            f"has a delimiter of {len(delimiter)} characters; it must be one: correct the config delimiter"
        )
