"""Version rows in the warehouse: which row a model reference means.

A model's versions are the rows of its table, which has the model's name and lies in any schema.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import duckdb

from scoring.decisions import champion
from scoring.digests import DIGEST, digest_of
from scoring.errors import (
    AmbiguousModelError,
    ModelReferenceError,
    NoChampionError,
    UnknownModelError,
    UnknownVersionError,
    VersionRowError,
)
from scoring.version_checks import check_row
from scoring.version_schema import VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse

__all__ = [
    "CHALLENGER",
    "CHAMPION",
    "PRUNED",
    "VERSION_SCHEMA",
    "Reference",
    "VersionRow",
    "find",
    "models",
    "read",
    "read_all",
    "read_artifact",
    "resolve",
    "version_tables",
]

CHAMPION, CHALLENGER = "champion", "challenger"
MARKS = frozenset({"model_name", "artifact_sha256", "artifact"})
"""The columns by which a table of versions is recognized."""
CHECKED = ("model_name", "version", "artifact_sha256", "task", "signature", "estimator")
"""The columns that every use of a version reads, and `scoring.version_checks.check_row` checks."""

PRUNED = ("pruned_at", "pruned_by")
"""The columns that say when and by whom the artifact was removed; see `scoring.retention`."""


@dataclass(frozen=True)
class Reference:
    """A model reference as the user wrote it, taken apart.

    Parameters
    ----------
    model_name
        Name of the model.
    selector
        A version number, ``champion`` or ``challenger``.
    schema, database
        Where it is; None if the user does not say.
    """

    model_name: str
    selector: int | str
    schema: str | None = None
    database: str | None = None

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Return what ``m``, ``m@3``, ``m@champion`` or ``m@challenger`` stands for.

        The name may have a schema and a database before it, as in ``dev_ml.m@3``.

        Raises
        ------
        scoring.errors.ModelReferenceError
            If the text has none of these forms.
        """
        match = re.fullmatch(r"(?P<name>[^@]+)(?:@(?P<selector>[0-9]{1,9}|champion|challenger))?", text)
        if match is None:
            raise ModelReferenceError.malformed(text)
        selector = match["selector"] or CHAMPION
        *place, name = match["name"].rsplit(".", 2)
        database, schema = [None, None, *place][-2:]
        return cls(name, int(selector) if selector.isdecimal() else selector, schema, database)


@dataclass(frozen=True)
class VersionRow:
    """What scoring needs of a version row, apart from the artifact itself.

    Parameters
    ----------
    relation
        The table of the model's versions.
    scoring_sha256
        The digest of `scoring.digests.scoring_digest`, not compared yet.
    has_digest
        Whether the table has that column: one made by an older release has not.
    pruned_at, pruned_by
        When and by whom the artifact was removed; None if it is there.
    """

    relation: Relation
    model_name: str
    version: int
    artifact_sha256: str
    task: str
    signature: Mapping[str, Any]
    estimator: str | None
    scoring_sha256: str | None
    has_digest: bool
    pruned_at: datetime | None = None
    pruned_by: str | None = None

    @property
    def name(self) -> str:
        """The version as a user would name it."""
        return f"{self.model_name}@{self.version}"

    @cached_property
    def identity(self) -> str:
        """A text that is another as soon as anything in this row is."""
        return digest_of(vars(self))


def models(warehouse: Warehouse, *, database: str | None = None) -> list[Relation]:
    """Return the tables that hold versions, recognized by their columns."""
    return warehouse.relations_with(MARKS, database=database)


def version_tables(warehouse: Warehouse) -> list[Relation]:
    """Return those of the current database that are tables: a view with their columns holds no version of its own."""
    rows = warehouse.rows(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database()"
    )
    return [table for table in models(warehouse) if (table.schema, table.name) in rows]


def find(warehouse: Warehouse, reference: Reference) -> Relation:
    """Return the table of the versions of the model that a reference names.

    Raises
    ------
    scoring.errors.UnknownModelError
        If there is no such model.
    scoring.errors.AmbiguousModelError
        If several schemas have one, and neither the reference nor the warehouse says which.
    """
    tables = models(warehouse, database=reference.database)
    schema = reference.schema or warehouse.schema
    named = [one for one in tables if one.name.lower() == reference.model_name.lower()]
    chosen = [one for one in named if schema is None or one.schema.lower() == schema.lower()]
    if not chosen:
        raise UnknownModelError.among(reference.model_name, sorted({one.name for one in tables}))
    if len(chosen) > 1:
        raise AmbiguousModelError.among(reference.model_name, map(str, chosen))
    return chosen[0]


def resolve(warehouse: Warehouse, text: str) -> VersionRow:
    """Return the version row that a model reference means right now.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such model or version, the model has no champion, or the row is damaged.
    """
    reference = Reference.parse(text)
    return version_row(warehouse, find(warehouse, reference), reference.selector)


def version_row(warehouse: Warehouse, relation: Relation, selector: int | str) -> VersionRow:
    """Return the row of a version of a model whose table is known.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such version, the model has no champion, or the row is damaged.
    """
    version = _selected_version(warehouse, relation, selector)
    there = warehouse.columns(relation)
    later = [name for name in (DIGEST, *PRUNED) if name in there]  # an older release had none of them
    rows = _rows(warehouse, relation, version, [*CHECKED, *later])
    if not rows:
        raise UnknownVersionError.among(relation.name, version, numbers(warehouse, relation))
    if len(rows) > 1:
        raise VersionRowError.duplicated(relation.name, version, len(rows))
    values = {DIGEST: None} | dict(zip([*CHECKED, *later], rows[0], strict=True))
    check_row(relation.name, version, values)
    return VersionRow(relation=relation, has_digest=DIGEST in later, **values)


def read(warehouse: Warehouse, row: VersionRow, *columns: str) -> tuple[Any, ...]:
    """Return other columns of a version, unchecked.

    Raises
    ------
    scoring.errors.VersionRowError
        If DuckDB cannot read them.
    """
    rows = _rows(warehouse, row.relation, row.version, columns)
    if len(rows) != 1:  # it was there a moment ago
        raise UnknownVersionError.among(row.model_name, row.version, [])
    return rows[0]


def read_all(warehouse: Warehouse, relation: Relation, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Return columns of all versions of a model, the newest first.

    Raises
    ------
    scoring.errors.VersionRowError
        If DuckDB cannot read them.
    """
    query = f"select {', '.join(columns)} from {relation.sql} order by version desc"
    rows = _fetched(warehouse, query, relation.name, None)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def read_artifact(warehouse: Warehouse, row: VersionRow) -> bytes:
    """Return the artifact of a version, not compared with its SHA-256 yet.

    Raises
    ------
    scoring.errors.VersionRowError
        If it is null or no bytes.
    """
    (data,) = read(warehouse, row, "artifact")
    if not isinstance(data, bytes):
        raise VersionRowError.wrong(
            row.model_name, row.version, "artifact", data, "the bytes of an ONNX model"
        )
    return data


def numbers(warehouse: Warehouse, relation: Relation) -> list[int]:
    """Return the numbers of a model's versions in ascending order.

    Raises
    ------
    scoring.errors.VersionRowError
        If one is not a whole number.
    """
    query = f"select distinct version from {relation.sql} where version is not null order by 1"
    versions = [version for (version,) in _fetched(warehouse, query, relation.name, None)]
    for version in versions:
        if not isinstance(version, int):
            raise VersionRowError.wrong(relation.name, version, "version", version, "a whole number")
    return versions


def numbers_with_artifacts(warehouse: Warehouse, relation: Relation) -> list[int]:
    """Return the numbers of the versions whose artifacts were not removed, in ascending order."""
    query = (
        f"select distinct version from {relation.sql} where artifact is not null and version > 0 order by 1"
    )
    return [version for (version,) in _fetched(warehouse, query, relation.name, None)]


def _rows(
    warehouse: Warehouse, relation: Relation, version: int, columns: Sequence[str]
) -> list[tuple[Any, ...]]:
    query = f"select {', '.join(columns)} from {relation.sql} where version = {version:d}"
    return _fetched(warehouse, query, relation.name, version)


def _fetched(warehouse: Warehouse, query: str, model_name: str, version: int | None) -> list[tuple[Any, ...]]:
    try:
        return warehouse.rows(query)
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise VersionRowError.unreadable(model_name, version, str(error).splitlines()[0]) from error


def _selected_version(warehouse: Warehouse, relation: Relation, selector: int | str) -> int:
    """Return the version number that is selected, whether or not that version exists."""
    if isinstance(selector, int):
        return selector
    if selector == CHALLENGER:
        versions = numbers(warehouse, relation)
        if not versions:
            raise UnknownVersionError.among(relation.name, None, [])
        return versions[-1]
    number = champion(warehouse, relation)
    if number is None:
        raise NoChampionError.among(relation.name, numbers(warehouse, relation))
    return number
