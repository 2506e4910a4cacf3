"""What the warehouse knows of a model before it is trained again."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from scoring.digests import DECIDING
from scoring.errors import ChampionsError, VersionRowError, WarehouseMLError
from scoring.loading import contents, opened
from scoring.registry import MARKS, SCHEMA, VERSION_SCHEMA, champion, resolve
from training.errors import PlaceError
from training.sql import quoted
from training.version import sealed

KEPT = (*MARKS, *DECIDING, "version", "data_fingerprint", "config_hash", "code_version")
"""The columns that every release has kept; a relation without one of them holds something else."""


@dataclass(frozen=True)
class History:
    """The newest version and the champion.

    Parameters
    ----------
    newest
        Number of the newest version; 0 if there is none.
    data_fingerprint, config_hash, code_version
        What the newest version was made of.
    champion
        Number of the version that scores now; None if there is none.
    """

    newest: int = 0
    data_fingerprint: str = ""
    config_hash: str = ""
    code_version: str = ""
    champion: int | None = None

    def is_made_with(self, *, config: str, code: str) -> bool:
        """Return whether the newest version was trained with this configuration and code."""
        return self.newest > 0 and (self.config_hash, self.code_version) == (config, code)

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


def read_history(session: duckdb.DuckDBPyConnection | None, model_name: str) -> History:
    """Return what is known of a model; nothing of a new one, or without a connection.

    Raises
    ------
    training.errors.PlaceError
        If a relation with the model's name lacks columns of a version row.
    """
    if session is None:
        return History()
    found = session.execute(
        "select column_name from duckdb_columns() where database_name = current_database() "
        "and schema_name = ? and lower(table_name) = lower(?)",
        [SCHEMA, model_name],
    ).fetchall()
    if not found:
        return History()
    missing = [name for name in KEPT if (name,) not in found]
    if missing:
        raise PlaceError.taken(model_name, missing)
    newest = session.execute(
        "select version, data_fingerprint, config_hash, code_version "
        f"from {SCHEMA}.{quoted(model_name)} where version > 0 order by version desc limit 1"
    ).fetchone()
    if newest is None:
        return History()
    version, data, config, code = newest
    return History(version, data, config, code, champion=_champion(session, model_name))


def read_version(session: duckdb.DuckDBPyConnection, model_name: str, version: int) -> pa.Table:
    """Return the row of a version, its digests compared; other columns that its table lacks are null.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the row is damaged.
    """
    row = resolve(session, f"{model_name}@{version}")
    contents(session, row)
    query = f"from {SCHEMA}.{quoted(model_name)} where version = {version:d}"
    stored = session.sql(query).to_arrow_table()
    columns = []
    for column in VERSION_SCHEMA:
        value: object = "a value that no program can read"
        try:
            value = stored.column(column.name)[0].as_py() if column.name in stored.column_names else None
            columns.append(pa.array([value], column.type))
        except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
            rule = f"of the type {column.type}"
            raise VersionRowError.wrong(row.model_name, version, column.name, value, rule) from error
    table = pa.Table.from_arrays(columns, schema=VERSION_SCHEMA)
    return table if row.has_digest else sealed(table)


def read_champion(
    session: duckdb.DuckDBPyConnection, model_name: str, version: int
) -> tuple[pa.Table | None, list[str]]:
    """Return the row of the champion and no notice; None, and a notice that says why, where it cannot score.

    A new version is what mends a damaged champion, so that it is compared with nothing then.
    """
    try:
        row = read_version(session, model_name, version)
        opened(session, resolve(session, f"{model_name}@{version}"))
    except WarehouseMLError as error:
        notice = f"the new version is not compared with the champion, version {version}, which cannot score: "
        return None, [notice + str(error)]
    return row, []


def _champion(session: duckdb.DuckDBPyConnection, model_name: str) -> int | None:
    try:
        return champion(session, model_name)
    except ChampionsError:
        # A build is on its way that makes the view anew after this training.
        return None
