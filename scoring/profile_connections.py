"""Secrets and attached databases of a profile, made as dbt-duckdb does, but each ends in a sentence if it cannot be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

import duckdb

from scoring.duckdb_extensions import load_extension, missing_extension
from scoring.errors import ProfileError
from scoring.profile_secrets import redacted


def connect(
    connection: duckdb.DuckDBPyConnection,
    extensions: Iterable[str],
    secrets: Iterable[tuple[str, str]],
    databases: Iterable[tuple[str, str]],
) -> None:
    """Load extensions, create secrets, which are gone with the process, and attach databases.

    Parameters
    ----------
    connection
        Where to do so.
    extensions
        Names of extensions of DuckDB.
    secrets, databases
        Pairs of name and SQL.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If an extension is not installed, a secret cannot be used, or a database cannot be attached.
    """
    for name in extensions:
        load_extension(connection, name)
    for statements, wording in ((secrets, ProfileError.bad_secret), (databases, ProfileError.not_attached)):
        for name, sql in statements:
            try:
                connection.execute(sql)
            except duckdb.Error as error:
                raise missing_extension(error) or wording(name, reason(error)) from None


def reason(error: duckdb.Error) -> str:
    """Return the first line of what DuckDB says, without secrets.

    Examples
    --------
    >>> reason(duckdb.IOException('IO Error: Unable to connect to Postgres at "host=a password=b": refused'))
    'Unable to connect to Postgres at "host=a password=*****": refused'
    """
    first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return redacted(re.sub(r"^[A-Z][\w ]* Error: ", "", first.strip()), os.environ).rstrip(" .:")
