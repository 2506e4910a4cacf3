"""Errors of raw tables that lie outside of the warehouse, and of what the profile says of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError, listed


class RawSourceError(WarehouseMLError):
    """A raw table in files or on a server that cannot be copied into the warehouse."""

    @classmethod
    def no_files(cls, table: str, place: str) -> Self:
        """Name the pattern that no file matches."""
        return cls(
            f"The raw table {table} must have a file, but none matches {place}: restore the files, or correct "
            "its external_location, and run again."
        )

    @classmethod
    def folder(cls, table: str, place: str) -> Self:
        """Name the pattern that DuckDB can read."""
        return cls(
            f"The raw table {table} is read from files, but its external_location {place} is a folder: write "
            f"the files that it holds, for example {place.rstrip('/')}/**/*.parquet."
        )

    @classmethod
    def no_such_table(cls, table: str, place: str) -> Self:
        """Name the table that the server does not have, or does not show this user."""
        return cls(
            f"The raw table {table} is not on its server: there is no {place} that this user may see; correct "
            "the schema or identifier of the source, or grant the user access, and run again."
        )

    @classmethod
    def unreadable(cls, table: str, place: str, reason: str) -> Self:
        """Give the engine's reason, which holds no secret."""
        return cls(
            f"The raw table {table} cannot be read from {place}: {reason}; correct that and run again, until then "
            "the warehouse keeps what it has."
        )

    @classmethod
    def unfitting(cls, table: str, place: str) -> Self:
        """Report values of another type than their column; they may be personal and are not quoted."""
        return cls(
            f"The raw table {table} has a value in {place} that does not fit the type of its column: give the "
            "files one type per column, or declare the column under types in its contract, and run again."
        )

    @classmethod
    def password(cls, table: str) -> Self:
        """Report a password in a project file."""
        return cls(
            f"The raw table {table} has a password in its external_location, and dbt writes that to target/: "
            "attach the database in profiles.yml, where env_var('DBT_ENV_SECRET_…') can give it."
        )


class ProfileError(WarehouseMLError):
    """What of the profile dbt cannot connect with, or must not."""

    @classmethod
    def secrets(cls, problems: Iterable[str]) -> Self:
        """Report where secrets are, not what they are."""
        return cls(
            f"The profile holds secrets that would get into files and logs: {'; '.join(problems)}. Write for each "
            "\"{{ env_var('DBT_ENV_SECRET_…') }}\", and set that variable: dbt keeps the values of variables "
            "called so out of its logs."
        )

    @classmethod
    def persistent(cls, names: Iterable[str]) -> Self:
        """Name the secrets that DuckDB would write to a file."""
        return cls(
            f"The profile makes DuckDB write secrets to a file, unencrypted: {listed(names)} of secrets has "
            "persistent: true; remove that, the secret is then made by every dbt command."
        )

    @classmethod
    def not_attached(cls, database: str, reason: str) -> Self:
        """Give the engine's reason, which holds no secret."""
        return cls(
            f"The database {database} of the profile cannot be attached: {reason}; see that the server runs and "
            "takes this user and password, then run again."
        )

    @classmethod
    def bad_secret(cls, name: str, reason: str) -> Self:
        """Give the engine's reason, which holds no secret."""
        return cls(
            f"The entry {name} of secrets in the profile cannot be used: {reason}; correct it and run again."
        )
