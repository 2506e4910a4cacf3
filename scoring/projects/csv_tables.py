"""CSV files as the seeds that they become: the same header, delimiter and types as the seed materialization has."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scoring.csv_files import DELIMITERS, read_header, repeated_positions, value_positions
from scoring.errors import ProjectError, RawFileError, TableError
from scoring.installed_package import folder
from scoring.places import literal, quoted

RENDERED = re.compile("[{][{%#]")


@dataclass(frozen=True)
class CsvFile:
    """A CSV file and how it is read.

    Parameters
    ----------
    path
        The file, which may be packed by gzip.
    delimiter
        One character.
    names
        Of its columns; one without a name in the header is called after its position.
    is_renamed
        Whether the header lacks names, as R writes it for the names of rows.
    """

    path: Path
    delimiter: str
    names: tuple[str, ...]
    is_renamed: bool

    def write_to(self, target: Path) -> None:
        """Write the file as the project's seed: unpacked, and with a name for every column."""
        opened: Callable[..., Any] = gzip.open if _is_packed(self.path) else Path.open
        with opened(self.path, "rb") as source, target.open("xb") as seed:
            if self.is_renamed:
                seed.write(self._header(source))
            shutil.copyfileobj(source, seed)

    def _header(self, source: Any) -> bytes:
        """Return the header with all names, after reading past the file's own."""
        line = source.readline()
        while line.count(b'"') % 2:  # a line break within quotation marks
            line += source.readline()
        mark = b"\xef\xbb\xbf" if line.startswith(b"\xef\xbb\xbf") else b""
        end = line[len(line.rstrip(b"\r\n")) :] or b"\n"
        names = ['"' + name.replace('"', '""') + '"' for name in self.names]
        return mark + self.delimiter.join(names).encode() + bytes(end)


def read_csv_file(path: Path) -> CsvFile:
    """Return how a CSV file is read, after a look at all of its bytes.

    Raises
    ------
    scoring.errors.TableError
        If it is not UTF-8 text with a header, or the header does not name every column once.
    """
    packed = _is_packed(path)
    try:
        delimiter = _delimiter(path)
        header = _packed_header(path, delimiter) if packed else read_header(str(path), delimiter)
    except RawFileError as error:
        raise TableError.unreadable(str(path), str(error)) from error
    except (OSError, EOFError) as error:
        remedy = "; pack it again" if packed else ""
        raise TableError.unreadable(
            str(path), f"cannot be {'unpacked' if packed else 'read'} ({error}){remedy}"
        ) from error
    names = list(header)
    for position, name in enumerate(names):
        if not name:
            names[position] = _free_name("row_name" if position == 0 else f"column_{position + 1}", header)
    for problem, positions in (
        ("names that are repeated, regardless of case", repeated_positions(names)),
        ("values instead of names", value_positions(header)),
    ):
        if positions:
            raise TableError.bad_header(str(path), problem, positions)
    rendered = [place for place, name in enumerate(names, start=1) if RENDERED.search(name)]
    if rendered:
        raise TableError.rendered_name(str(path), rendered)
    return CsvFile(path, delimiter, tuple(names), names != header)


def load_csv(connection: duckdb.DuckDBPyConnection, file: CsvFile) -> str:
    """Load a CSV file with the types that its seed will have, and return the relation.

    Raises
    ------
    scoring.errors.TableError
        If a line is not a row.
    """
    columns = ", ".join(f"'c{place}': 'varchar'" for place in range(len(file.names)))
    connection.execute(
        f"create temporary table staged as select * from read_csv({literal(str(file.path))}, auto_detect = false, "
        f"header = true, delim = {literal(file.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
        f"allow_quoted_nulls = false, columns = {{{columns}}}, store_rejects = true, rejects_table = 'rejects', "
        "rejects_scan = 'rejects_scan')"
    )
    rejected = connection.execute("select min(line), count(*) from rejects").fetchall()[0]
    if rejected[1]:
        raise TableError.broken_lines(str(file.path), *rejected)
    types = _inferred_types(connection, len(file.names))
    typed = ", ".join(
        f"{_typed(f'c{place}', kind)} as {quoted(name)}"
        for place, (name, kind) in enumerate(zip(file.names, types, strict=True))
    )
    connection.execute(f"create temporary table typed as select {typed} from staged")
    connection.execute("drop table staged")
    return "typed"


def _is_packed(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _delimiter(path: Path) -> str:
    """Return the delimiter that divides the first line into most names; a comma where all are one."""
    opened: Callable[..., Any] = gzip.open if _is_packed(path) else open
    with opened(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
        first = lines.readline(1 << 20)
    widths = {mark: len(next(csv.reader([first], delimiter=mark), [])) for mark in DELIMITERS}
    return max(widths, key=lambda mark: widths[mark])


def _packed_header(path: Path, delimiter: str) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
        try:
            header = next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True), [])
        except (UnicodeDecodeError, csv.Error) as error:
            raise RawFileError.not_utf8("a header", "in another encoding or misquoted") from error
    if not any(name.strip() for name in header):
        raise RawFileError.blank_header()
    return [name.strip() for name in header]


def _free_name(name: str, names: list[str]) -> str:
    while name.lower() in {other.lower() for other in names}:
        name += "_"
    return name


def _inferred_types(connection: duckdb.DuckDBPyConnection, width: int) -> list[str]:
    """Return the types that the macro `_inferred_types` gives the columns of the seed."""
    columns = ", ".join(f"c{place}" for place in range(width))
    kind = _rendered("_inferred_type('raw_value')")
    answer = connection.execute(
        f"with cells as (select unnest([{columns}]) as raw_value, generate_subscripts([{columns}], 1) as position "
        f"from staged) select {kind} from cells group by position order by position"
    ).fetchall()
    return [kind for (kind,) in answer] or ["varchar"] * width


def _typed(column: str, kind: str) -> str:
    if kind == "varchar":
        return column
    if kind == "timestamp":
        return _rendered(f"default___utc('trim({column})', 'try_cast')")
    return f"try_cast({column} as {kind})"


def _rendered(call: str) -> str:
    """Return the SQL of a call of the macros by which the seed materialization infers types."""
    try:
        import jinja2
    except ImportError as error:
        raise ProjectError.without_dbt(str(error)) from error
    macros = folder() / "macros"
    source = "".join(
        (
            (macros / "time/_utc.sql").read_text(encoding="utf-8"),
            "{% set warehouse_ml = {'default___utc': default___utc} %}",
            (macros / "raw_data/_inferred_types.sql").read_text(encoding="utf-8"),
            f"{{{{ {call} }}}}",
        )
    )
    environment = jinja2.Environment(autoescape=False, extensions=["jinja2.ext.do"])  # SQL, not HTML
    return environment.from_string(source).render().strip()
