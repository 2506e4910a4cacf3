"""What the warehouse knows of a model before it is trained again."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pyarrow as pa

from scoring.errors import ChampionsError, NoChampionError
from scoring.registry import SCHEMA, VERSION_SCHEMA, resolve
from training.errors import PlaceError
from training.sql import quoted


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
    missing = [name for name in VERSION_SCHEMA.names if (name,) not in found]
    if missing:
        raise PlaceError.taken(model_name, missing)
    newest = session.execute(
        "select version, data_fingerprint, config_hash, code_version "
        f"from {SCHEMA}.{quoted(model_name)} order by version desc limit 1"
    ).fetchone()
    if newest is None:
        return History()
    version, data, config, code = newest
    return History(version, data, config, code, champion=_champion(session, model_name))


def read_version(session: duckdb.DuckDBPyConnection, model_name: str, version: int) -> pa.Table:
    """Return the row of a version."""
    found = session.sql(f"from {SCHEMA}.{quoted(model_name)} where version = {version:d}").to_arrow_table()
    return pa.Table.from_pylist(found.to_pylist(), VERSION_SCHEMA)


def _champion(session: duckdb.DuckDBPyConnection, model_name: str) -> int | None:
    try:
        return resolve(session, model_name).version
    except (NoChampionError, ChampionsError):
        # There is none, or a build is on its way that makes the view anew after this training.
        return None
