"""Version rows in the warehouse: which row a model reference means.

A model's versions are the rows of ``ml.<model_name>``. Which of them is the champion is decided by the
view ``ml.champions``, which belongs to the dbt project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import duckdb

from scoring.digests import DIGEST, digest_of
from scoring.errors import (
    ChampionsError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
    VersionRowError,
)
from scoring.version_checks import check_row
from scoring.version_schema import VERSION_SCHEMA

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "SCHEMA",
    "VERSION_SCHEMA",
    "Reference",
    "VersionRow",
    "champion",
    "read",
    "read_artifact",
    "resolve",
]

SCHEMA = "ml"
CHAMPION, CHALLENGER = "champion", "challenger"
MARKS = frozenset({"model_name", "artifact_sha256", "artifact"})
"""The columns by which a table of versions is told from others in its schema."""
CHECKED = ("model_name", "version", "artifact_sha256", "task", "signature", "estimator")
"""The columns that every use of a version reads, and `scoring.version_checks.check_row` checks."""


@dataclass(frozen=True)
class Reference:
    """A model reference as the user wrote it, taken apart.

    Parameters
    ----------
    model_name
        Name of the model.
    selector
        A version number, ``champion`` or ``challenger``.
    """

    model_name: str
    selector: int | str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Return the reference that ``m``, ``m@3``, ``m@champion`` or ``m@challenger`` stands for.

        Raises
        ------
        scoring.errors.ModelReferenceError
            If the text has none of these forms.
        """
        match = re.fullmatch(r"(?P<name>[^@]+)(?:@(?P<selector>[0-9]{1,9}|champion|challenger))?", text)
        if match is None:
            raise ModelReferenceError.malformed(text)
        selector = match["selector"] or CHAMPION
        return cls(match["name"], int(selector) if selector.isdecimal() else selector)


@dataclass(frozen=True)
class VersionRow:
    """What scoring needs of a version row, apart from the artifact itself.

    Parameters
    ----------
    scoring_sha256
        The digest of `scoring.digests.scoring_digest`, not compared yet.
    has_digest
        Whether the table has that column: one made by an older release has not.
    """

    model_name: str
    version: int
    artifact_sha256: str
    task: str
    signature: Mapping[str, Any]
    estimator: str | None
    scoring_sha256: str | None
    has_digest: bool

    @property
    def name(self) -> str:
        """The version as a user would name it."""
        return f"{self.model_name}@{self.version}"

    @cached_property
    def identity(self) -> str:
        """A text that is another as soon as anything in this row is."""
        return digest_of(vars(self))


def resolve(connection: duckdb.DuckDBPyConnection, text: str) -> VersionRow:
    """Return the version row that a model reference means right now.

    Parameters
    ----------
    connection
        A connection to the warehouse that is not running another statement.
    text
        A model reference.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such model or version, the model has no champion, or the row is damaged.
    """
    reference = Reference.parse(text)
    model = reference.model_name
    columns = _columns(connection, model)
    if not columns >= MARKS:
        raise UnknownModelError.among(model, _known_models(connection))
    version = _selected_version(connection, reference)
    has_digest = DIGEST in columns
    rows = _rows(connection, model, version, [*CHECKED, DIGEST] if has_digest else CHECKED)
    if not rows:
        raise UnknownVersionError.among(model, version, _versions(connection, reference))
    if len(rows) > 1:
        raise VersionRowError.duplicated(model, version, len(rows))
    values = dict(zip(CHECKED, rows[0], strict=False))
    check_row(model, version, values)
    return VersionRow(**values, scoring_sha256=rows[0][-1] if has_digest else None, has_digest=has_digest)


def read(connection: duckdb.DuckDBPyConnection, row: VersionRow, *columns: str) -> tuple[Any, ...]:
    """Return other columns of a version, unchecked.

    Raises
    ------
    scoring.errors.VersionRowError
        If DuckDB cannot read them.
    """
    rows = _rows(connection, row.model_name, row.version, columns)
    if len(rows) != 1:  # it was there a moment ago
        raise UnknownVersionError.among(row.model_name, row.version, [])
    return rows[0]


def read_all(
    connection: duckdb.DuckDBPyConnection, model_name: str, columns: Sequence[str]
) -> list[dict[str, Any]]:
    """Return columns of all versions of a model, the newest first.

    Raises
    ------
    scoring.errors.VersionRowError
        If DuckDB cannot read them.
    """
    query = f"select {', '.join(columns)} from {_table(model_name)} order by version desc"
    rows = _fetched(connection, query, model_name, None)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def read_artifact(connection: duckdb.DuckDBPyConnection, row: VersionRow) -> bytes:
    """Return the artifact of a version, not compared with its SHA-256 yet.

    Raises
    ------
    scoring.errors.VersionRowError
        If it is null or no bytes.
    """
    (data,) = read(connection, row, "artifact")
    if not isinstance(data, bytes):
        raise VersionRowError.wrong(
            row.model_name, row.version, "artifact", data, "the bytes of an ONNX model"
        )
    return data


def _rows(
    connection: duckdb.DuckDBPyConnection, model_name: str, version: int, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    query = f"select {', '.join(columns)} from {_table(model_name)} where version = {version:d}"
    return _fetched(connection, query, model_name, version)


def _fetched(
    connection: duckdb.DuckDBPyConnection, query: str, model_name: str, version: int | None
) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(query).fetchall()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise VersionRowError.unreadable(model_name, version, str(error).splitlines()[0]) from error


def _selected_version(connection: duckdb.DuckDBPyConnection, reference: Reference) -> int:
    """Return the version number that the reference selects, whether or not that version exists."""
    if isinstance(reference.selector, int):
        return reference.selector
    versions = _versions(connection, reference)
    if reference.selector == CHALLENGER:
        if not versions:
            raise UnknownVersionError.among(reference.model_name, None, [])
        return versions[-1]
    number = champion(connection, reference.model_name)
    if number is None:
        raise NoChampionError.among(reference.model_name, versions)
    return number


def champion(connection: duckdb.DuckDBPyConnection, model_name: str) -> int | None:
    """Return the number of the version that scores, whether or not its row is sound; None if none does.

    Raises
    ------
    scoring.errors.ChampionsError
        If the view of champions cannot be read.
    """
    return {name.lower(): version for name, version in _champions(connection)}.get(model_name.lower())


def _versions(connection: duckdb.DuckDBPyConnection, reference: Reference) -> list[int]:
    name = reference.model_name
    query = f"select distinct version from {_table(name)} where version is not null order by 1"
    versions = [version for (version,) in _fetched(connection, query, name, None)]
    for version in versions:
        if not isinstance(version, int):
            raise VersionRowError.wrong(name, version, "version", version, "a whole number")
    return versions


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    rows = connection.execute(
        "select column_name from duckdb_columns() where database_name = current_database() "
        f"and schema_name = '{SCHEMA}' and lower(table_name) = lower(?)",
        [table],
    ).fetchall()
    return {name for (name,) in rows}


def version_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables of the schema that hold versions, told by their columns."""
    rows = connection.execute(
        "select table_name from duckdb_columns() where database_name = current_database() and schema_name = "
        f"'{SCHEMA}' and column_name in {tuple(sorted(MARKS))} "
        f"group by table_name having count(*) = {len(MARKS)} order by table_name"
    ).fetchall()
    return [name for (name,) in rows]


def _champions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return the name and version of every champion; none if the dbt project has not built the view yet."""
    if not _columns(connection, "champions"):
        return []
    try:
        rows = connection.execute(f"select model_name, version from {SCHEMA}.champions").fetchall()
    except duckdb.Error as error:
        raise ChampionsError.unreadable(str(error).splitlines()[0]) from error
    return [(name, version) for name, version in rows if isinstance(name, str) and isinstance(version, int)]


def _known_models(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the models that have a version table or a champion."""
    known = {*version_tables(connection), *(name for name, _ in _champions(connection))}
    return sorted(known)


def _table(model_name: str) -> str:
    """Return the quoted name of a model's table; quotes inside are doubled, so that any name is safe."""
    quoted = model_name.replace('"', '""')
    return f'{SCHEMA}."{quoted}"'
