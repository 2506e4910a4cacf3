"""CSV files to score: UTF-8 text with a header, in which nothing is null and `""` is empty text."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import duckdb

from scoring.csv_files import DELIMITERS, find_lines
from scoring.errors import InputError
from scoring.places import File, literal, quoted
from scoring.signature import Signature

MISREAD_INSTANT = (
    "(not regexp_matches({0}, '^ *-?[0-9]') or regexp_matches({0}, ':[0-9.]+[+-]') "
    "and not regexp_matches({0}, '[+-](0[0-9]|1[0-5])(:?[0-5][0-9])? *$'))"
)
"""Words that DuckDB reads as instants (infinity, epoch), and offsets of 16 hours or more."""
DIALECT = "delim = ',', quote = '\"', escape = '\"', header = true"
READ_AS = {
    "DOUBLE": "cast(nullif({}, '') as DOUBLE)",
    "BOOLEAN": "cast(nullif({}, '') as BOOLEAN)",
    # An offset moves the instant to UTC, the zone of one without an offset; DuckDB's reader would drop it.
    "TIMESTAMP": "case when {0} <> '' then if("
    + MISREAD_INSTANT
    + ", error('no instant'), cast(cast({0} as TIMESTAMP WITH TIME ZONE) as TIMESTAMP)) end",
}
TYPES = {"number": "DOUBLE", "instant": "TIMESTAMP"}


@dataclass(frozen=True)
class CsvRows:
    """The rows of CSV files.

    Parameters
    ----------
    file
        Where they are.
    query
        Gives them, in parentheses: features as the signature has them, other columns as text.
    texts
        By the name of each column, the column of the query that holds it letter for letter.
    types
        Of the features that are not text.
    """

    file: File
    query: str
    texts: Mapping[str, str]
    types: Mapping[str, str]

    def locate(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Read the rows so that the first value that is not of its type is reported with its line.

        Raises
        ------
        duckdb.Error
            With the line in its text, if DuckDB's reader cannot read a value.
        scoring.errors.InputError
            If it can, but should not: an instant that is none.
        """
        counts = ", ".join(f"count({quoted(name)})" for name in self.types) or "count(*)"
        types = {name: self.types.get(name, "VARCHAR") for name in self.texts}
        connection.execute(f"select {counts} from {_reader(self.file, types, 'allow_quoted_nulls = true')}")
        connection.fetchall()
        for path in sorted(glob(str(self.file))) or [str(self.file)]:
            self._locate_instant(connection, Path(path))

    def _locate_instant(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        texts = _reader(File(path, "csv"), dict.fromkeys(self.texts, "VARCHAR"), "allow_quoted_nulls = false")
        for name in (name for name, kind in self.types.items() if kind == "TIMESTAMP"):
            first = connection.execute(
                f"select row, value from (select row_number() over () - 1 as row, {quoted(name)} as value "
                f"from {texts}) where value <> '' and {MISREAD_INSTANT.format('value')} order by row limit 1"
            ).fetchone()
            if first:
                (place,) = find_lines(str(path), ",", len(self.texts), [first[0]])
                raise InputError.unreadable_value(
                    str(path), int(place["line"]), name, first[1], "a date or timestamp"
                )


def relation(connection: duckdb.DuckDBPyConnection, file: File, signature: Signature, model: str) -> CsvRows:
    """Return the rows of a file.

    Raises
    ------
    scoring.errors.InputError
        If the file is empty, or its first line is no header.
    scoring.errors.RowError
        If it lacks features.
    """
    names = _header(file, signature)
    signature.positions(names, model)
    types = {}
    features = {feature.name.lower(): feature.type for feature in signature.features}
    guesses = _guesses(connection, file) if "number" in features.values() else {}
    for name in names:
        kind = TYPES.get(features.get(name.lower(), ""))
        if kind is not None:
            types[name] = "BOOLEAN" if kind == "DOUBLE" and guesses.get(name) == "BOOLEAN" else kind
    texts = {name: _unused(f"{name} as text", names) if name in types else name for name in names}
    columns = [
        f"{READ_AS[types[name]].format(quoted(name))} as {quoted(name)}" if name in types else quoted(name)
        for name in names
    ]
    columns += [f"{quoted(name)} as {quoted(texts[name])}" for name in types]
    rows = _reader(file, dict.fromkeys(names, "VARCHAR"), "allow_quoted_nulls = false")
    return CsvRows(file, f"(select {', '.join(columns)} from {rows})", texts, types)


def _unused(name: str, names: list[str]) -> str:
    """Return a name, lengthened until no column has it."""
    taken = {other.lower() for other in names}
    while name.lower() in taken:
        name += " "
    return name


def _reader(file: File, types: dict[str, str], options: str) -> str:
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in types.items())
    return f"read_csv({file.sql}, {DIALECT}, auto_detect = false, {options}, columns = {{{columns}}})"


def _guesses(connection: duckdb.DuckDBPyConnection, file: File) -> dict[str, str]:
    """Return the types that DuckDB takes the columns for; what is no CSV is met where the rows are read."""
    sniffed = f"sniff_csv({file.sql}, {DIALECT}, ignore_errors = true, strict_mode = false)"
    try:
        ((columns,),) = connection.execute(f"select columns from {sniffed}").fetchall()
    except duckdb.Error:
        return {}
    return {column["name"]: column["type"] for column in columns}


def _header(file: File, signature: Signature) -> list[str]:
    """Return the names of the columns, which are the same in all files of a pattern."""
    first, *others = sorted(glob(str(file))) or [str(file)]
    names = _names(Path(first))
    lowered = Counter(name.lower() for name in names)
    wanted = [feature.name for feature in signature.features]
    if not any(name.lower() in lowered for name in wanted):
        for delimiter, (word, _) in DELIMITERS.items():
            pieces = {piece.strip(' "').lower() for name in names for piece in name.split(delimiter)}
            if any(name.lower() in pieces for name in wanted):
                raise InputError.other_delimiter(first, word)
        raise InputError.no_header(first, len(names), wanted)
    repeated = [name for name in names if lowered[name.lower()] > 1]
    if repeated:
        raise InputError.repeated_columns(first, repeated)
    for path in others:
        if _names(Path(path)) != names:
            raise InputError.other_header(path, first)
    return names


def _names(path: Path) -> list[str]:
    """Return the first line of a file, names without one called after their place as in DuckDB."""
    unpacked = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        # What is no UTF-8 further on is met where the rows are read, with its line.
        with unpacked(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            line = next(csv.reader(lines), None)
        "".join(line or ()).encode()
    except (UnicodeEncodeError, csv.Error):
        raise InputError.unreadable_line(str(path), 1, "it is not UTF-8 text.") from None
    except (gzip.BadGzipFile, EOFError) as error:
        raise InputError.unreadable_file(str(path), f"{error}.") from error
    if line is None:
        raise InputError.empty_file(str(path))
    return [name.strip() or f"column{place}" for place, name in enumerate(line or [""])]
