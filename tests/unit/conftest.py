"""Fixtures: warehouses with hand-made versions, training data, and one trained version."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import made_versions
import parity_figures
import pyarrow as pa
import pytest
from command_line import Run, make_warehouse, runner
from hypothesis import settings
from made_versions import XY, made, sum_model

import scoring
from scoring.artifact import digest
from scoring.signature import Signature
from training import train

AddVersion = Callable[..., None]

# `pytest --hypothesis-profile sweep` tries many more examples; `make bench` does.
settings.register_profile("short", deadline=None, max_examples=25)
settings.register_profile("sweep", deadline=None, max_examples=250)
settings.load_profile("short")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the largest differences seen between libraries and artifacts."""
    if parity_figures.FIGURES:
        terminalreporter.section("parity")
        for line in parity_figures.lines():
            terminalreporter.line(line)


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """LightGBM works on one thread: on few rows, threads that wait for each other take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "cpu_count", lambda: 1)
        yield


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse without models."""
    with scoring.connect() as connection:
        connection.execute("set threads = 1")
        yield connection


@pytest.fixture
def add_version(warehouse: duckdb.DuckDBPyConnection) -> AddVersion:
    """Adds a version of a model that sums its features and multiplies the sum by a factor."""

    def add(
        model_name: str = "m",
        version: int = 1,
        *,
        factor: float = 1.0,
        signature: Signature = XY,
        artifact: bytes | None = None,
        sha: str | None = None,
        champion: bool = True,
        schema: str = "ml",
    ) -> None:
        artifact = sum_model(len(signature.features), factor) if artifact is None else artifact
        row = made(
            model_name,
            version,
            signature=signature,
            artifact=artifact,
            artifact_sha256=sha or digest(artifact),
        )
        made_versions.add(warehouse, row, champion=champion, schema=schema)

    return add


@pytest.fixture
def onnx_sum() -> Callable[..., bytes]:
    return sum_model


TRAINING_SQL = """
    select
        range as id,
        timestamp '2024-01-01' + to_minutes(range // 2) as predicted_at,
        (range * 7919 % 1000) / 100e0 as amount,
        case when range % 11 = 0 then null else (range * 31 % 17)::integer end as visits,
        ['north', 'south', 'east', null][1 + (range * 13 % 4)] as region,
        (range * 17 % 500 / 10)::decimal(6, 2) as price,
        (range * 7919 % 1000) > 400 + 50 * (range % 7) as is_late,
        (range * 7919 % 1000) / 100e0 + (range % 7)::double as minutes
    from range(600)
"""


@pytest.fixture
def training_sql() -> str:
    """A query with numbers, nulls, text and decimals, two rows per minute."""
    return TRAINING_SQL


@pytest.fixture
def config() -> dict[str, Any]:
    """The configuration of a small binary model on the training query."""
    return binary_config()


def binary_config() -> dict[str, Any]:
    return {
        "task": "binary",
        "label": "is_late",
        "key": "id",
        "time": "predicted_at",
        "split": {"method": "sequential", "validation": 0.1, "test": 0.2},
        "estimator": "lightgbm",
        "params": {"num_iterations": 30, "num_leaves": 7, "min_data_in_leaf": 5},
    }


BINARY_WITHOUT_MINUTES = f"select * exclude (minutes) from ({TRAINING_SQL})"


@pytest.fixture(scope="session")
def trained() -> pa.Table:
    """The version row of the small binary model, named ``late``."""
    with duckdb.connect() as connection:
        return train(connection.sql(BINARY_WITHOUT_MINUTES), model_name="late", config=binary_config())


@pytest.fixture
def binary_sql() -> str:
    """The training query of the small binary model."""
    return BINARY_WITHOUT_MINUTES


@pytest.fixture
def file(tmp_path: Path, trained: pa.Table, binary_sql: str) -> Path:
    """A warehouse file with the champion ``late@1`` and its training rows."""
    return make_warehouse(tmp_path / "w.duckdb", trained, binary_sql)


@pytest.fixture
def run(file: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command of the command line on that file."""
    return runner(file, capfd)
