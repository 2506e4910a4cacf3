"""What the warehouse knows of a model before it is trained again."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from scoring.digests import DECIDING, DIGEST
from scoring.errors import VersionRowError, WarehouseMLError
from scoring.loading import contents, open_artifact
from scoring.registry import MARKS, VERSION_SCHEMA, VersionRow, version_row
from scoring.version import Version
from scoring.warehouse import Relation, Warehouse
from training.errors import PlaceError

KEPT = (*MARKS, *DECIDING, "version", "data_fingerprint", "config_hash", "code_version")
"""The columns that every release has kept; a relation without one of them holds something else."""


@dataclass(frozen=True)
class History:
    """The newest version.

    Parameters
    ----------
    newest
        Its number; 0 if there is none.
    data_fingerprint, config_hash, code_version
        What it was made of.
    """

    newest: int = 0
    data_fingerprint: str = ""
    config_hash: str = ""
    code_version: str = ""

    def is_made_with(self, *, config: str, code: str) -> bool:
        """Return whether the newest version was trained with this configuration and code."""
        return self.newest > 0 and (self.config_hash, self.code_version) == (config, code)

    def differs_in_source(self, code: str) -> bool:
        """Return whether the newest version was fitted by the user's own code and exported by this one."""
        return self.code_version.startswith(f"{code}+")

    def scores_of(self, warehouse: Warehouse, versions: Relation) -> str | None:
        """Return the digest of what decides the scores of the newest version."""
        ((digest,),) = warehouse.rows(f"select {DIGEST} from {versions.sql} where version = {self.newest}")
        return None if digest is None else str(digest)

    def changes(self, *, data: str, config: str, code: str) -> list[str]:
        """Return why a version made of these differs from the newest: ``retrain`` if it does not."""
        if not self.newest:
            return ["first"]
        changed = {
            "data": self.data_fingerprint != data,
            "config": self.config_hash != config,
            "code": self.code_version != code,
        }
        return [name for name, is_changed in changed.items() if is_changed] or ["retrain"]


def read_history(warehouse: Warehouse, versions: Relation) -> History:
    """Return what is known of a model; nothing of a new one.

    Raises
    ------
    training.errors.PlaceError
        If a relation with the model's name lacks columns of a version row.
    """
    columns = warehouse.columns(versions)
    if not columns:
        return History()
    if missing := [name for name in KEPT if name not in columns]:
        raise PlaceError.taken(str(versions), missing)
    newest = warehouse.rows(
        "select version, data_fingerprint, config_hash, code_version "
        f"from {versions.sql} where version > 0 order by version desc limit 1"
    )
    return History(*newest[0]) if newest else History()


def read_columns(warehouse: Warehouse, versions: Relation) -> set[str]:
    """Return the columns of the query that the newest version was trained on, in lower case."""
    ((names,),) = warehouse.rows(
        f"""
        select list_concat(
            [label, key, time_column, weight_column, split."column"], slices,
            [each.name for each in signature.features], [each.feature for each in feature_selection]
        ) from {versions.sql} order by version desc limit 1
        """
    )
    return {name.lower() for name in names if name is not None}


def read_version(warehouse: Warehouse, row: VersionRow, *, must_score: bool = True) -> Version:
    """Return a stored version, its digests compared; columns that its table lacks are null.

    Parameters
    ----------
    must_score
        Whether a version whose artifact was removed is an error.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the row is damaged.
    """
    if must_score or row.pruned_at is None:
        contents(warehouse, row)
    stored = warehouse.arrow(f"from {row.relation.sql} where version = {row.version:d}")
    columns = []
    for column in VERSION_SCHEMA:
        value: object = "a value that no program can read"
        try:
            value = stored.column(column.name)[0].as_py() if column.name in stored.column_names else None
            columns.append(pa.array([value], column.type))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            rule = f"of the type {column.type}"
            raise VersionRowError.wrong(row.model_name, row.version, column.name, value, rule) from error
    return Version.from_row(pa.Table.from_arrays(columns, schema=VERSION_SCHEMA))


def read_champion(warehouse: Warehouse, versions: Relation, number: int) -> tuple[Version | None, list[str]]:
    """Return the champion and no notice; None, and a notice that says why, where it cannot score.

    A new version is what mends a damaged champion, so that it is compared with nothing then.
    """
    try:
        row = version_row(warehouse, versions, number)
        stored = read_version(warehouse, row)
        open_artifact(row, stored.artifact)
    except WarehouseMLError as error:
        notice = f"the new version is not compared with the champion, version {number}, which cannot score: "
        return None, [notice + str(error)]
    return stored, []
