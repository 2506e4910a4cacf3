"""Errors of Apache Spark as the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from scoring.errors.base import WarehouseMLError


class SparkError(WarehouseMLError):
    """A Spark session that cannot be opened or used."""

    @classmethod
    def not_installed(cls, reason: str) -> Self:
        """Report the missing library."""
        return cls(
            f"The target is Apache Spark, which is not installed ({reason}): run pip install 'warehouse-ml[spark]'."
        )

    @classmethod
    def no_java(cls, reason: str) -> Self:
        """Report a missing or old Java."""
        return cls(
            f"Apache Spark needs Java 17 or newer, but {reason}: install it, for example openjdk-17-jre-headless, "
            "and let JAVA_HOME name it if it is not first on the path."
        )

    @classmethod
    def no_server(cls, address: str, reason: str) -> Self:
        """Report a server of Spark Connect that does not answer."""
        return cls(
            f"The server of Spark Connect at {address} does not open a session: {reason}; start it, or correct "
            "`remote` in profiles.yml."
        )

    @classmethod
    def changed_meanwhile(cls, table: str, rows: int) -> Self:
        """Report a table of versions or decisions to which another build has written."""
        return cls(
            f"The table {table} was changed while this build ran, by {rows:+d} rows: two builds at once would each "
            "decide without knowing of the other, so that this one writes nothing; run it again."
        )

    @classmethod
    def left_behind(cls, model: str, version: int, versions: Iterable[int]) -> Self:
        """Report a version that functions did not take along."""
        listed = ", ".join(map(str, versions)) or "none"
        return cls(
            f"Version {version} of model '{model}' cannot be called on Spark: functions take along the champion and "
            f"the newest versions whose artifacts are there and sound, which are: {listed}; name one of these, or "
            "score on DuckDB."
        )

    @classmethod
    def of_a_row(cls, problem: str) -> Self:
        """Pass on why a row has no value."""
        return cls(problem)

    @classmethod
    def locked(cls, folder: str) -> Self:
        """Report a metastore that another process has open."""
        return cls(
            f"The metastore in {folder} is locked: one process at a time can open it, and another one has; wait until "
            "it ends and run again, or let `folder` of the profile name another place."
        )
