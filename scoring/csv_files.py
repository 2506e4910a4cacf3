"""What DuckDB's CSV reader leaves open: the header, what it cannot read, where a row is in the file."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from scoring.errors import RawFileError

WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
"""How UTF-16 and UTF-32 begin, as spreadsheets save "Unicode text"."""
DELIMITERS = {
    ",": ("commas", "','"),
    ";": ("semicolons", "';'"),
    "\t": ("tabs", '"\\t"'),
    "|": ("vertical bars", "'|'"),
}
"""By character, its name and how YAML has it: what a header of a single name is likely to be delimited by."""
CHUNK = 1 << 22
YEARS = range(1900, 2101)


def describe_header(path: str, delimiter: str) -> str:
    """Return JSON: the ``names`` in a header and what is odd of them, or the ``problem`` of the file."""
    try:
        names = read_header(path, delimiter)
    except RawFileError as error:
        return json.dumps({"problem": str(error)})
    return json.dumps(
        {
            "names": names,
            "repeated_positions": repeated_positions(names),
            "value_positions": value_positions(names),
        }
    )


def read_header(path: str, delimiter: str) -> list[str]:
    """Return the names in the header of a CSV file, after a look at all of its bytes.

    Raises
    ------
    scoring.errors.RawFileError
        If the file cannot be opened, is empty, is not UTF-8 text, or ends its lines in several ways.
    """
    if len(delimiter) != 1:
        raise RawFileError.long_delimiter(delimiter)
    try:
        _check_bytes(Path(path), delimiter)
        with Path(path).open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except OSError as error:
        raise RawFileError.unreadable(error.strerror or "unknown error") from error
    except UnicodeDecodeError as error:
        raise RawFileError.not_utf8("a header", "in another encoding") from error
    except csv.Error as error:
        raise RawFileError.misquoted_header() from error
    if not any(name.strip() for name in header):
        raise RawFileError.blank_header()
    if len(header) == 1:
        for other, (name, shown) in DELIMITERS.items():
            if other in header[0]:
                raise RawFileError.other_delimiter(name, shown)
    return [name.strip() for name in header]


def repeated_positions(names: Sequence[str]) -> list[int]:
    """Return the positions, from 1, of names that were there before, in whatever case.

    Examples
    --------
    >>> repeated_positions(["id", "price", "ID"])
    [3]
    """
    seen: set[str] = set()
    positions = []
    for position, name in enumerate(names, start=1):
        if name and name.lower() in seen:
            positions.append(position)
        seen.add(name.lower())
    return positions


def value_positions(names: Sequence[str]) -> list[int]:
    """Return the positions, from 1, of what are values rather than names, as in a file without a header.

    Numbers, dates and mail addresses are values, except for the whole numbers by which pandas and wide tables
    name their columns: those of a run, and years.

    Examples
    --------
    >>> value_positions(["5.1", "setosa", "2024-01-31", "a@example.org"])
    [1, 3, 4]
    >>> value_positions(["0", "1", "2", "label"]), value_positions(["country", "1999", "2013"])
    ([], [])
    """
    whole = [int(name) for name in names if re.fullmatch("[0-9]{1,9}", name)]
    are_names = (
        whole == list(range(whole[0], whole[0] + len(whole))) or all(n in YEARS for n in whole)
        if whole
        else True
    )
    pattern = r"[+-]?([0-9]+[.][0-9]*|[.]?[0-9]+)([eE][+-]?[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|.*@.*"
    return [
        position
        for position, name in enumerate(names, start=1)
        if re.fullmatch(pattern, name) and not (are_names and re.fullmatch("[0-9]{1,9}", name))
    ]


def find_lines(path: str, delimiter: str, width: int, rows: Sequence[int]) -> list[dict[str, int | str]]:
    """Return the number and the text of the lines that hold some rows of a CSV file.

    Parameters
    ----------
    path, delimiter
        The file.
    width
        The number of its columns; lines with more or fewer values are no rows.
    rows
        Numbers of rows in ascending order; the first one after the header is 0.
    """
    wanted = set(rows)
    places: list[dict[str, int | str]] = []
    unpacked = gzip.open if path.lower().endswith(".gz") else open
    with unpacked(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
        records = _records(lines, delimiter)
        next(records)
        row = 0
        for line, text, values in records:
            # As DuckDB has it: a delimiter may end a line, and a blank line is a row of a single column only.
            if len(values) not in (width, width + 1) and not (width == 1 and not values):
                continue
            if len(values) == width + 1 and values[-1]:
                continue
            if row in wanted:
                places.append({"line": line, "text": text.rstrip("\r\n")})
                if len(places) == len(wanted):
                    break
            row += 1
    return places


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """Give for each record the number of its first line, its text and its values."""
    consumed: list[str] = []

    def consume() -> Iterator[str]:
        for line in lines:
            consumed.append(line)
            yield line

    reader = csv.reader(consume(), delimiter=delimiter, skipinitialspace=True)
    first = 1
    for values in reader:
        yield first, "".join(consumed), values
        consumed.clear()
        first = reader.line_num + 1


def _check_bytes(path: Path, delimiter: str) -> None:
    """Refuse what DuckDB's reader ends at with a text of its own, or reads as something else."""
    counts = {"CRLF": 0, "LF": 0, "CR": 0}
    with path.open("rb") as file:
        chunk = file.read(CHUNK)
        if not chunk:
            raise RawFileError.empty()
        if chunk.startswith(WIDE):
            raise RawFileError.not_utf8("text", "UTF-16 or UTF-32")
        while chunk:
            if chunk.endswith(b"\r"):
                chunk += file.read(1)
            if b"\0" in chunk:
                raise RawFileError.nul_bytes()
            _count_line_ends(chunk, counts)
            chunk = file.read(CHUNK)
    if sum(map(bool, counts.values())) > 1:
        # Within quotation marks a line may end otherwise.
        quoted = re.compile(rb'(?:\A|(?<=[\r\n%s]))[ ]*"(?:[^"]|"")*"' % re.escape(delimiter.encode()))
        counts = dict.fromkeys(counts, 0)
        _count_line_ends(quoted.sub(b"", path.read_bytes()), counts)
        several = {name: count for name, count in counts.items() if count}
        if len(several) > 1:
            raise RawFileError.mixed_line_ends(several)


def _count_line_ends(data: bytes, counts: dict[str, int]) -> None:
    pairs = data.count(b"\r\n")
    counts["CRLF"] += pairs
    counts["LF"] += data.count(b"\n") - pairs
    counts["CR"] += data.count(b"\r") - pairs
