"""CSV files to score: UTF-8 text with a header, in which nothing is null and `""` is empty text."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from glob import glob
from pathlib import Path

import duckdb

from scoring.errors import InputError
from scoring.places import File, literal, quoted
from scoring.signature import Signature

DIALECT = "delim = ',', quote = '\"', escape = '\"', header = true"
READ_AS = {
    "DOUBLE": "cast(nullif({}, '') as DOUBLE)",
    "BOOLEAN": "cast(nullif({}, '') as BOOLEAN)",
    # An offset moves the instant to UTC, the zone of one without an offset; DuckDB's reader would drop it.
    "TIMESTAMP": "cast(cast(nullif({}, '') as TIMESTAMP WITH TIME ZONE) as TIMESTAMP)",
}
TYPES = {"number": "DOUBLE", "instant": "TIMESTAMP"}


def relation(
    connection: duckdb.DuckDBPyConnection, file: File, signature: Signature, model: str
) -> tuple[str, str]:
    """Return a file as SQL has it: features as the signature has them, other columns as text.

    Returns
    -------
    str
        The rows.
    str
        A query that fails at the first value that is not of its type, as the rows do, and tells the line.

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
    columns = [
        f"{READ_AS[types[name]].format(quoted(name))} as {quoted(name)}" if name in types else quoted(name)
        for name in names
    ]
    rows = _reader(file, {name: "VARCHAR" for name in names}, "allow_quoted_nulls = false")
    typed = _reader(file, {name: types.get(name, "VARCHAR") for name in names}, "allow_quoted_nulls = true")
    counts = ", ".join(f"count({quoted(name)})" for name in types) or "count(*)"
    return f"(select {', '.join(columns)} from {rows})", f"select {counts} from {typed}"


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
