"""Version rows in the warehouse: which row a model reference means.

A model's versions are the rows of ``ml.<model_name>``. Which of them is the champion is decided by the
view ``ml.champions``, which belongs to the dbt project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from scoring.errors import (
    ChampionsError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
)
from scoring.version_schema import VERSION_SCHEMA

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "SCHEMA",
    "VERSION_SCHEMA",
    "Reference",
    "VersionRow",
    "read_artifact",
    "resolve",
]

SCHEMA = "ml"
CHAMPION, CHALLENGER = "champion", "challenger"


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
    """What scoring needs of a version row, apart from the artifact itself."""

    model_name: str
    version: int
    artifact_sha256: str
    task: str
    signature: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The version as a user would name it."""
        return f"{self.model_name}@{self.version}"


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
        If there is no such model or version, or the model has no champion.
    """
    reference = Reference.parse(text)
    if not _is_version_table(connection, reference.model_name):
        raise UnknownModelError.among(reference.model_name, _known_models(connection))
    version = _selected_version(connection, reference)
    row = connection.execute(
        f"select model_name, version, artifact_sha256, task, signature from {_table(reference.model_name)} "
        "where version = ?",
        [version],
    ).fetchone()
    if row is None:
        raise UnknownVersionError.among(reference.model_name, version, _versions(connection, reference))
    return VersionRow(*row)


def read_artifact(connection: duckdb.DuckDBPyConnection, row: VersionRow) -> bytes:
    """Return the artifact of a version, unchecked."""
    (data,) = connection.execute(
        f"select artifact from {_table(row.model_name)} where version = ? and artifact_sha256 = ?",
        [row.version, row.artifact_sha256],
    ).fetchall()[0]
    return bytes(data)


def read_native_model(connection: duckdb.DuckDBPyConnection, row: VersionRow) -> tuple[str, str | None]:
    """Return the estimator of a version, and its model as the estimator's library writes it, if it does."""
    ((estimator, native_model),) = connection.execute(
        f"select estimator, native_model from {_table(row.model_name)} "
        "where version = ? and artifact_sha256 = ?",
        [row.version, row.artifact_sha256],
    ).fetchall()
    return estimator, native_model


def _selected_version(connection: duckdb.DuckDBPyConnection, reference: Reference) -> int:
    """Return the version number that the reference selects, whether or not that version exists."""
    if isinstance(reference.selector, int):
        return reference.selector
    versions = _versions(connection, reference)
    if reference.selector == CHALLENGER:
        if not versions:
            raise UnknownVersionError.among(reference.model_name, None, [])
        return versions[-1]
    champions = {name.lower(): version for name, version in _champions(connection)}
    champion = champions.get(reference.model_name.lower())
    if champion is None:
        raise NoChampionError.among(reference.model_name, versions)
    return champion


def _versions(connection: duckdb.DuckDBPyConnection, reference: Reference) -> list[int]:
    rows = connection.execute(
        f"select version from {_table(reference.model_name)} order by version"
    ).fetchall()
    return [version for (version,) in rows]


def _is_version_table(connection: duckdb.DuckDBPyConnection, model_name: str) -> bool:
    return model_name.lower() in {name.lower() for name in version_tables(connection)}


def version_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables of the schema that hold versions, told by their columns."""
    rows = connection.execute(
        "select table_name from duckdb_columns() where database_name = current_database() and schema_name = "
        f"'{SCHEMA}' and column_name in ('model_name', 'artifact_sha256', 'artifact') "
        "group by table_name having count(*) = 3 order by table_name"
    ).fetchall()
    return [name for (name,) in rows]


def _champions(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int]]:
    """Return the name and version of every champion; none if the dbt project has not built the view yet."""
    columns = connection.execute(
        "select column_name from duckdb_columns() where database_name = current_database() "
        f"and schema_name = '{SCHEMA}' and table_name = 'champions'"
    ).fetchall()
    if not columns:
        return []
    try:
        return connection.execute(f"select model_name, version from {SCHEMA}.champions").fetchall()
    except duckdb.Error as error:
        raise ChampionsError.unreadable(str(error).splitlines()[0]) from error


def _known_models(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the models that have a version table or a champion."""
    known = {*version_tables(connection), *(name for name, _ in _champions(connection))}
    return sorted(known)


def _table(model_name: str) -> str:
    """Return the quoted name of a model's table; quotes inside are doubled, so that any name is safe."""
    quoted = model_name.replace('"', '""')
    return f'{SCHEMA}."{quoted}"'
