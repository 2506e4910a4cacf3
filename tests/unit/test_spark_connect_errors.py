"""What a target with ``remote`` lacks is said in one sentence, in seconds."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from dbt.adapters.warehouse_ml_spark.credentials import Credentials

OPENING = """
from scoring.spark import session
session.ANSWER_SECONDS = 1
session.session(session.Options.of("local", ADDRESS, "tables", {}))
"""
OLDER = """
from concurrent.futures import ThreadPoolExecutor
import grpc
from pyspark.sql.connect.proto import base_pb2 as messages, base_pb2_grpc

class Server(base_pb2_grpc.SparkConnectServiceServicer):
    def AnalyzePlan(self, request, context):
        version = messages.AnalyzePlanResponse.SparkVersion(version="3.5.6")
        return messages.AnalyzePlanResponse(session_id=request.session_id, spark_version=version)

server = grpc.server(ThreadPoolExecutor(2))
base_pb2_grpc.add_SparkConnectServiceServicer_to_server(Server(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
print(port, flush=True)
input()
"""


def last_line(code: str, folder: Path) -> str:
    """Return what a program ends with; as a file, as pyspark takes one without for a test of its own."""
    (folder / "opening.py").write_text(code + OPENING)
    done = subprocess.run(
        [sys.executable, "opening.py"], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1, done.stdout
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("module", ["grpc", "grpc_status", "google.rpc", "zstandard"])
def test_a_missing_package_is_named_with_what_installs_it(module: str, tmp_path: Path) -> None:
    last = last_line(f"import sys\nsys.modules[{module!r}] = None\nADDRESS = 'sc://127.0.0.1:1'", tmp_path)
    assert last.startswith(
        "scoring.errors.spark.SparkError: The target is Apache Spark, which is not installed"
    )
    assert last.endswith("run pip install 'warehouse-ml[spark]'.")
    assert module.partition(".")[0].partition("_")[0] in last


def test_a_port_that_is_silent_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"sc://127.0.0.1:{silent.getsockname()[1]}"
        last = last_line(f"ADDRESS = {address + '/;token=xyzzy'!r}", tmp_path)
    assert "xyzzy" not in last
    assert f"The server of Spark Connect at {address} does not open a session" in last
    assert "within 1 seconds" in last and "`remote` in profiles.yml" in last


def test_an_address_of_another_kind_is_named(tmp_path: Path) -> None:
    last = last_line("ADDRESS = 'spark://127.0.0.1:7077'", tmp_path)
    assert "at spark://127.0.0.1:7077 does not open a session" in last
    assert "must start with 'sc://'" in last


def test_a_server_of_another_release_is_named_with_the_one_that_serves(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", OLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        address = f"sc://127.0.0.1:{int(server.stdout.readline())}"
        last = last_line(f"ADDRESS = {address!r}", tmp_path)
        server.communicate("\n")
    assert f"supports servers of Spark 4.3, but that at {address} is of 3.5.6" in last
    assert "`remote` in profiles.yml" in last


def test_debug_shows_no_token_and_settings_may_be_numbers() -> None:
    settings = {"spark.warehouse_ml.training_tasks": 2, "spark.sql.ansi.relationPrecedence": True}
    profile = {"schema": "main", "remote": "sc://host:1/;token=xyzzy", "server_side_parameters": settings}
    data = Credentials.translate_aliases(profile)  # as dbt does
    Credentials.validate(data)
    credentials = Credentials.from_dict(data)
    assert dict(credentials.connection_info())["remote"] == "sc://host:1"
    assert dict(credentials.options().settings) == {
        "spark.warehouse_ml.training_tasks": "2",
        "spark.sql.ansi.relationPrecedence": "true",
    }
