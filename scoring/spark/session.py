"""The Spark session of a process: opened once, with the settings under which SQL means what it means on DuckDB."""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from scoring.errors import SparkError
from scoring.spark.messages import message_of
from scoring.supported import SUPPORTED_ON_SPARK, check_versions

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
"""The oldest Java that Spark 4 runs on."""
MEANING = {
    # Casts that fail and sums that overflow are errors, as on DuckDB; "x" is a name, not a text.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",
    # An instant is UTC in a timestamp without a zone.
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.sources.default": "parquet",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # A model with all that it reads in one query, as `replays_as_of` has it, takes more than 100.
    "spark.sql.analyzer.maxIterations": "1000",
    "spark.sql.optimizer.maxIterations": "1000",
}
"""Settings that decide what SQL means, and whether it runs; a session that others opened is given them too."""
PLACE = {
    # Nothing of a local session listens on the network.
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # What goes wrong is raised; ERROR prints the stacks of Java besides.
    "spark.log.level": "FATAL",
    "spark.driver.memory": "2g",
    # 200, the default, is a task of some milliseconds for each handful of rows.
    "spark.sql.shuffle.partitions": "8",
}
"""Settings of a local session; a profile may set others."""
ANSWER_SECONDS = 10
"""How long a server of Spark Connect has to answer at first."""
RETRIES = 5
"""How often a call to it is repeated when it is not there: for some 20 seconds in all, in place of ten minutes."""
# It would print the stack of every statement that fails, which whoever ran it reports.
logging.getLogger("SQLQueryContextLogger").disabled = True

_ONE_AT_A_TIME = Lock()
_sessions: dict[Options, SparkSession] = {}


@dataclass(frozen=True)
class Options:
    """What a profile says of the session.

    Parameters
    ----------
    master
        Where Spark runs, such as ``local[2]``, ``spark://host:7077`` or ``yarn``.
    remote
        The address of a server of Spark Connect, such as ``sc://host:15002``; None for a session in this process.
    folder
        Where a session without a metastore of its own keeps tables and their names.
    settings
        Further settings of Spark, as pairs of text.
    """

    master: str = "local[2]"
    remote: str | None = None
    folder: str = "spark-warehouse"
    settings: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def of(cls, master: str, remote: str | None, folder: str, settings: Mapping[str, str]) -> Options:
        """Return the options with an absolute folder."""
        return cls(master, remote, str(Path(folder).absolute()), tuple(sorted(settings.items())))

    @property
    def server(self) -> str:
        """The address of the server without its parameters, of which one may be a secret."""
        return (self.remote or "").partition(";")[0].rstrip("/")


def session(options: Options) -> SparkSession:
    """Return the session of this process, opened by the first who asks for it.

    Raises
    ------
    scoring.errors.SparkError
        If Spark is not installed or in another version, there is no Java, another process has the metastore, the
        server does not answer or is of another version, or a setting cannot be set.
    """
    with _ONE_AT_A_TIME:
        if options not in _sessions:
            _check_versions()
            if any(bool(other.remote) != bool(options.remote) for other in _sessions):
                raise SparkError.two_kinds()
            _sessions[options] = _connected(options) if options.remote else _started(options)
            for name, value in MEANING.items():
                _sessions[options].conf.set(name, value)
        return _sessions[options]


def stop() -> None:
    """Stop what this process opened, so that another can have the metastore."""
    with _ONE_AT_A_TIME:
        while _sessions:
            _sessions.popitem()[1].stop()


def _check_versions() -> None:
    try:
        check_versions(SUPPORTED_ON_SPARK)
    except ImportError as error:
        raise SparkError(str(error)) from error


def _connected(options: Options) -> SparkSession:
    address, server = str(options.remote), options.server
    try:
        with _without_warnings():
            import grpc
            from pyspark.errors import PySparkException
            from pyspark.sql import SparkSession
            from pyspark.sql.connect.client import DefaultChannelBuilder
            from pyspark.sql.connect.client.retries import DefaultPolicy
    except ImportError as error:
        raise SparkError.not_installed(str(error)) from error
    try:
        with closing(DefaultChannelBuilder(address).toChannel()) as channel:
            grpc.channel_ready_future(channel).result(ANSWER_SECONDS)
        # Another one than that of another address, which `getOrCreate` would return.
        opened: SparkSession = SparkSession.builder.remote(address).create()
        # A server keeps what a session has until it is released: its views and functions, and what it still computes.
        atexit.register(opened.stop)
        opened.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES)])
        _check_server(server, opened.version)
    except grpc.FutureTimeoutError:
        reason = f"nothing of its kind answers within {ANSWER_SECONDS} seconds"
        raise SparkError.no_server(server, reason) from None
    except (PySparkException, grpc.RpcError) as error:
        raise SparkError.no_server(server, _reason(error)) from error
    for name, value in options.settings:
        try:
            opened.conf.set(name, value)
        except PySparkException as error:
            raise SparkError.not_set(name, server, _reason(error)) from error
    return opened


def _reason(error: Exception) -> str:
    return message_of(error).partition("\n")[0].rstrip(". ")


def _check_server(server: str, version: str) -> None:
    series, reason = SUPPORTED_ON_SPARK["pyspark"]
    if version.split(".")[:2] != series.split("."):
        raise SparkError.other_server(server, version, series, reason)


def _started(options: Options) -> SparkSession:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise SparkError.not_installed(str(error)) from error
    if java := _problem_of_java():
        raise SparkError.no_java(java)
    # The workers run in the driver's environment, and with its packages.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", PLACE["spark.driver.host"])
    folder = Path(options.folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SparkError.no_folder(options.folder, str(error.strerror)) from None
    settings = {
        **MEANING,
        **(PLACE if options.master.startswith("local") else {}),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={folder / 'metastore'};create=true",
        "spark.driver.extraJavaOptions": f'-Dderby.system.home="{folder}"',
        **dict(options.settings),
    }
    builder = SparkSession.builder.master(options.master).appName("warehouse-ml").enableHiveSupport()
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        with _without_warnings():
            started: SparkSession = builder.getOrCreate()
        started.sql("show databases").collect()  # which opens the metastore
    except Exception as error:
        # Of the lock, which another process holds, only the log of Java speaks.
        if "HiveMetaStoreClient" in str(error) and (folder / "metastore" / "db.lck").exists():
            raise SparkError.locked(options.folder) from None
        raise SparkError.not_started(options.master, message_of(error)) from error
    return started


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Leave out warnings of a release of pandas that nothing of this uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _problem_of_java() -> str | None:
    """Return what is wrong with the Java of this machine; None if Spark runs on it."""
    home = os.environ.get("JAVA_HOME")
    command = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    if command is None:
        return "there is none on the path"
    try:
        answer = subprocess.run([command, "-version"], capture_output=True, text=True, check=False).stderr
    except OSError as error:
        return f"{command} cannot be run ({error.strerror})"
    version = answer.partition('"')[2].partition('"')[0]
    major = version.removeprefix("1.").partition(".")[0]
    if not major.isdecimal() or int(major) < JAVA:
        return f"{command} is version {version or 'unknown'}"
    return None
