"""The SQL function ``ml_copy_source``: raw tables outside of the warehouse are copied into it, once per dbt command."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import duckdb

from scoring.duckdb_extensions import missing_extension
from scoring.errors import ExtensionError, RawSourceError
from scoring.profile_connections import reason
from scoring.profile_secrets import redacted
from scoring.raw_sources import RawSource, query_of
from scoring.warehouse import Relation, Warehouse


@dataclass
class _Copy:
    lock: Lock = field(default_factory=Lock)
    answer: str | None = None


class RawCopies:
    """Copies raw tables, each once per dbt command whoever reads it.

    Contract, quarantine and all readers then judge the same rows, whatever happens to the files or on the server
    meanwhile, and the warehouse can be read without them.

    Parameters
    ----------
    connection
        The copies are made on cursors of it, each in a transaction of its own.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._lock = Lock()
        self._copies: dict[tuple[str, str], _Copy] = {}

    def copy(self, request: str) -> str:
        """Copy a raw table, and return what became of it; another thread that asks for it waits.

        Parameters
        ----------
        request
            JSON: the ``invocation`` of dbt, the ``source`` as `scoring.raw_sources.RawSource` has it, the
            ``columns`` to copy, and ``copy``, the database, schema and name of the table to write, whose schema
            is there.

        Returns
        -------
        str
            JSON: a ``problem``, or the ``columns`` that the table has. It is not copied if it lacks one.
        """
        fields = json.loads(request)
        with self._lock:
            copy = self._copies.setdefault((fields["invocation"], fields["source"]["table"]), _Copy())
        with copy.lock:
            if copy.answer is None:
                copy.answer = json.dumps(self._copied(fields))
        return copy.answer

    def _copied(self, fields: dict[str, Any]) -> dict[str, Any]:
        source = RawSource(**fields["source"])
        target = Relation(*fields["copy"])
        try:
            with self._connection.cursor() as cursor:
                warehouse = Warehouse(cursor)
                query = query_of(cursor, source, fields["columns"])
                if query.sql is not None:
                    with warehouse.transaction():
                        cursor.execute(f"create or replace table {target.sql} as {query.sql}")
                return {"columns": query.names}
        except RawSourceError as error:
            return {"problem": str(error)}
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            return {"problem": str(problem(source, error))}


def problem(source: RawSource, error: duckdb.Error) -> RawSourceError | ExtensionError:
    """Return why a raw table cannot be read, without secrets and without values, which may be personal."""
    missing = missing_extension(error)
    if missing is not None:
        return missing
    place = redacted(source.place, os.environ)
    if "No files found that match" in str(error):
        return RawSourceError.no_files(source.table, place)
    if isinstance(error, duckdb.ConversionException) or "invalid input syntax" in str(error):
        return RawSourceError.unfitting(source.table, place)
    return RawSourceError.unreadable(source.table, place, reason(error))
