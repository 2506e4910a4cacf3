"""Where a table comes from: a CSV file, a Parquet file, a table of a DuckDB file, or a relation of a project."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from scoring.errors import TableError
from scoring.places import literal, quoted
from scoring.projects.csv_tables import CsvFile, load_csv, read_csv_file
from scoring.warehouse import open_warehouse

DUCKDB_FILES = (".duckdb", ".db", ".ddb")
GERMAN = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
READ = "rows_looked_at"
"""The name of a view of the table on the connection that looks at it."""


@dataclass(frozen=True)
class Origin:
    """A table that a model is to learn from.

    Parameters
    ----------
    kind
        csv, parquet, table (of a DuckDB file) or node (of a dbt project).
    path
        The file; of a node, that of the warehouse.
    name
        What the table is called in the project, a plain lower-case name.
    csv
        Of a CSV file, its dialect.
    schema, table
        Of a table or node, where it is in its file.
    ref
        Of a node, how SQL of the project names it.
    personal
        Columns that the project declares as personal data.
    """

    kind: str
    path: Path
    name: str
    csv: CsvFile | None = None
    schema: str = ""
    table: str = ""
    ref: str = ""
    personal: frozenset[str] = field(default_factory=frozenset)

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.table if self.kind in ("table", "node") else self.path.name


def find(path: str, table: str | None = None) -> Origin:
    """Return the origin that a path names.

    Raises
    ------
    scoring.errors.TableError
        If there is no such file or table, or it is of another kind.
    scoring.errors.LockedWarehouseError
        If another process writes to the DuckDB file.
    """
    file = Path(path)
    if not file.is_file():
        raise TableError.no_such_file(path)
    lowered = file.name.lower()
    if lowered.endswith(DUCKDB_FILES):
        return _table_of(file, table)
    if table is not None:
        raise TableError.table_of_a_file(path)
    if lowered.endswith((".csv", ".csv.gz", ".tsv", ".txt")):
        name = re.sub(r"\.(csv|csv\.gz|tsv|txt)$", "", lowered)
        return Origin("csv", file, plain_name(name) or "rows_of_file", csv=read_csv_file(file))
    if lowered.endswith(".parquet"):
        if re.search("[{}]", str(file.resolve())):
            raise TableError.unreadable(path, "has braces in its path, which dbt would render; move it")
        return Origin("parquet", file, plain_name(lowered.removesuffix(".parquet")) or "rows_of_file")
    raise TableError.unknown_format(path)


@contextmanager
def looking(origin: Origin) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with a view `READ` of the table; a CSV file is loaded as the project's seed will be."""
    with TemporaryDirectory() as scratch:
        if origin.kind in ("table", "node"):
            connection = open_warehouse(str(origin.path), read_only=True)
            rows = f"{quoted(origin.schema)}.{quoted(origin.table)}"
        else:
            connection = open_warehouse(str(Path(scratch, "looking.duckdb")))
            rows = f"read_parquet({literal(str(origin.path))})"
        with connection:
            connection.execute("set enable_progress_bar = false")
            if origin.csv is not None:
                rows = load_csv(connection, origin.csv)
            try:
                connection.execute(f"create temporary view {READ} as select * from {rows}")
            except duckdb.Error as error:
                reason = f"cannot be read ({str(error).splitlines()[0].rstrip('.')})"
                raise TableError.unreadable(str(origin.path), reason) from error
            yield connection


def plain_name(text: str) -> str:
    """Return a text as a lower-case name of ASCII letters, digits and underscores; empty if none is left.

    Examples
    --------
    >>> plain_name("Kunden Größe (2024)"), plain_name("2024-sales"), plain_name("目标")
    ('kunden_groesse_2024', 't_2024_sales', '')
    """
    text = text.lower()
    for letter, letters in GERMAN.items():
        text = text.replace(letter, letters)
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    name = re.sub("_+", "_", re.sub("[^a-z0-9]", "_", ascii_only)).strip("_")
    return f"t_{name}" if name[:1].isdigit() else name


def _table_of(file: Path, table: str | None) -> Origin:
    with open_warehouse(str(file), read_only=True) as connection:
        tables: list[tuple[str, str]] = connection.execute(
            "select table_schema, table_name from information_schema.tables "
            "where table_catalog = current_database() order by all"
        ).fetchall()
    names = [f"{schema}.{name}" for schema, name in tables]
    if table is None:
        if len(tables) != 1:
            raise TableError.without_table(str(file), names)
        chosen = tables
    else:
        lowered = table.lower()
        chosen = [pair for pair in tables if lowered in (pair[1].lower(), f"{pair[0]}.{pair[1]}".lower())]
    if not chosen:
        raise TableError.no_such_table(str(file), str(table), names)
    if len(chosen) > 1:
        raise TableError.several_tables(str(file), str(table), [f"{s}.{n}" for s, n in chosen])
    ((schema, name),) = chosen
    return Origin("table", file, plain_name(name) or "rows_of_table", schema=schema, table=name)
