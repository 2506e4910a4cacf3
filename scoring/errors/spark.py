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
    def no_folder(cls, folder: str, reason: str) -> Self:
        """Report a folder for tables that cannot be made."""
        return cls(
            f"The tables of a local Spark session lie in a folder, but {folder} cannot be one: {reason}; correct "
            "`folder` in profiles.yml."
        )

    @classmethod
    def not_started(cls, master: str, reason: str) -> Self:
        """Report a session that does not start."""
        return cls(
            f"Apache Spark does not start with the master {master!r}: {reason}; the lines above are its own, if there "
            "are any: correct `master` and `server_side_parameters` in profiles.yml."
        )

    @classmethod
    def no_server(cls, address: str, reason: str) -> Self:
        """Report a server of Spark Connect that does not answer."""
        return cls(
            f"The server of Spark Connect at {address} does not open a session: {reason}; start it, or correct "
            "`remote` in profiles.yml."
        )

    @classmethod
    def other_server(cls, address: str, version: str, series: str, reason: str) -> Self:
        """Report a server of Spark Connect of another release."""
        return cls(
            f"warehouse-ml supports servers of Spark {series}, but that at {address} is of {version}: {reason}; name "
            f"a server of Spark {series} as `remote` in profiles.yml."
        )

    @classmethod
    def not_set(cls, name: str, address: str, reason: str) -> Self:
        """Report a setting that a session of a server does not take."""
        return cls(
            f"The setting {name} is not one of a session at {address}: {reason}; set it where the server is started, "
            "and take it out of server_side_parameters in profiles.yml."
        )

    @classmethod
    def server_lost(cls, reason: str) -> Self:
        """Report a server of Spark Connect that was there and is not any more."""
        return cls(
            f"The server of Spark Connect does not answer any more: {reason}; its log says why if it has ended: start "
            "it, and run again."
        )

    @classmethod
    def two_kinds(cls) -> Self:
        """Report a process that would have a session of its own and one of a server."""
        return cls(
            "One process opens sessions of Spark either by `master` or by `remote`, but two targets of profiles.yml "
            "differ in that: use them in two processes."
        )

    @classmethod
    def workers_lack(cls, module: str) -> Self:
        """Report workers without a package."""
        return cls(
            f"The Python workers of Spark have no module {module}: install the packages of "
            "warehouse-ml[training,spark] for the Python that PYSPARK_PYTHON names where executors, or the server of "
            "Spark Connect, are started."
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

    @classmethod
    def not_parquet(cls, source: str, location: str) -> Self:
        """Report a source in files that Spark does not read where they are."""
        return cls(
            f"The source {source} lies in {location}, and of files only Parquet is read in place on Spark: make it a "
            "seed, write it as Parquet, or load it into a table of the metastore and leave out its external_location."
        )
