"""Servers that a test starts, real ones, and that end with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scoring.duckdb_extensions import load_extension
from scoring.places import literal

NOBODY = "nobody"
"""Postgres does not run as root, as which CI runs the tests."""


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


@contextmanager
def _running(command: Sequence[str | Path], port: int, log: Path, **options: Any) -> Iterator[None]:
    """Run a program until it is no longer needed; it is ready when it listens."""
    with (
        log.open("w") as output,
        subprocess.Popen(command, stdout=output, stderr=output, **options) as process,
    ):
        try:
            deadline = time.monotonic() + 60
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.05)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # at SIGTERM Postgres waits for its clients


@dataclass(frozen=True)
class Postgres:
    """A server with one user and one database, `postgres`; it logs every statement."""

    port: int
    password: str
    log: Path
    user: str = "owner"

    @property
    def connection_string(self) -> str:
        """How to connect, without the password."""
        return f"host=127.0.0.1 port={self.port} user={self.user} dbname=postgres"

    def execute(self, sql: str) -> None:
        with self.connected() as connection:
            connection.execute(f"call postgres_execute('server', {literal(sql)})")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.connected() as connection:
            return connection.execute(f"from postgres_query('server', {literal(sql)})").fetchall()

    @contextmanager
    def connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Give a DuckDB that has it attached as `server`."""
        with duckdb.connect() as connection:
            load_extension(connection, "postgres_scanner")
            connection.execute(
                f"attach '{self.connection_string} password={self.password}' as server (type postgres)"
            )
            yield connection


@contextmanager
def postgres(password: str) -> Iterator[Postgres]:
    """Run Debian's Postgres on an empty folder."""
    initdb = _postgres_program("initdb")
    # pytest's folders are for their user alone.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        (folder / "password").write_text(password)
        options: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:
            user = pwd.getpwnam(NOBODY)
            for path in (folder, folder / "password"):
                os.chown(path, user.pw_uid, user.pw_gid)
            options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        arguments = (
            "--pgdata=data --username=owner --auth=scram-sha-256 --pwfile=password --no-sync --encoding=UTF8"
        )
        subprocess.run([initdb, *arguments.split(), "--locale=C"], check=True, capture_output=True, **options)
        port = free_port()
        command = [initdb.with_name("postgres"), "-D", "data", "-p", str(port), "-k", str(folder)]
        settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "log_statement=all"]
        with _running([*command, *settings], port, folder.with_suffix(".log"), **options):
            server = Postgres(port, password, folder.with_suffix(".log"))
            deadline = time.monotonic() + 60
            while True:
                try:
                    server.query("select 1")
                    break
                except duckdb.IOException:  # it listens, and is still starting
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            yield server
    finally:
        shutil.rmtree(folder)
        folder.with_suffix(".log").unlink(missing_ok=True)


def _postgres_program(name: str) -> Path:
    """Return a program of Postgres, which Debian does not put on the path."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    on_path = shutil.which(name)
    assert installed or on_path, f"{name} is missing: `make test` installs it"
    return installed[-1] if installed else Path(str(on_path))


@dataclass(frozen=True)
class S3:
    """A server whose buckets are the folders in `folder`."""

    port: int
    key_id: str
    secret: str
    folder: Path


@contextmanager
def s3(folder: Path, key_id: str, secret: str) -> Iterator[S3]:
    """Run the S3 server of rclone on a folder."""
    port = free_port()
    program = Path(sys.executable).with_name("rclone")
    command = [program, "serve", "s3", "--addr", f"127.0.0.1:{port}", "--auth-key", f"{key_id},{secret}"]
    options = ["--config", folder.with_suffix(".conf"), "--dir-cache-time", "0s", folder]
    with _running([*command, *options], port, folder.with_suffix(".log")):
        yield S3(port, key_id, secret, folder)
