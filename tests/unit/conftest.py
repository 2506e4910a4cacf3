"""Fixtures: warehouses with hand-made versions, training data, and one trained version."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import numpy as np
import parity_figures
import pyarrow as pa
import pytest
from hypothesis import settings
from onnx import TensorProto, helper, numpy_helper

import scoring
from scoring.artifact import digest
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from training import train
from training.version import sealed

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


XY = Signature((Feature.number("x"), Feature.number("y")))


def sum_model(
    features: int, factor: float = 1.0, *, domain: str = "", imports: tuple[str, ...] = ("",)
) -> bytes:
    """Return an artifact whose prediction is the factor times the sum of the features."""
    graph = helper.make_graph(
        [
            helper.make_node("ReduceSum", ["features", "axis"], ["raw_score"], keepdims=0, domain=domain),
            helper.make_node("Mul", ["raw_score", "factor"], ["prediction"]),
        ],
        "sum",
        [helper.make_tensor_value_info("features", TensorProto.DOUBLE, ["rows", features])],
        [
            helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows"])
            for name in ("raw_score", "prediction")
        ],
        [numpy_helper.from_array(np.array([1]), "axis"), numpy_helper.from_array(np.array(factor), "factor")],
    )
    opsets = [helper.make_opsetid(name, 21 if name == "" else 1) for name in imports]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString())


def version_table(model_name: str, version: int, signature: Signature, artifact: bytes, sha: str) -> pa.Table:
    known = {
        "model_name": model_name,
        "version": version,
        "task": "regression",
        "signature": signature.to_row(),
        "artifact": artifact,
        "artifact_sha256": sha,
    }
    return sealed(pa.Table.from_pylist([dict.fromkeys(VERSION_SCHEMA.names) | known], schema=VERSION_SCHEMA))


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse without models; its champions are the rows of a table, as few or many as a test inserts."""
    with scoring.connect() as connection:
        connection.execute("create schema ml")
        connection.execute("create table ml.champions (model_name varchar, version integer)")
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
    ) -> None:
        artifact = sum_model(len(signature.features), factor) if artifact is None else artifact
        row = version_table(model_name, version, signature, artifact, sha or digest(artifact))
        warehouse.register("version_row", row)
        table = 'ml."' + model_name.replace('"', '""') + '"'
        warehouse.execute(f"create table if not exists {table} as from version_row limit 0")
        warehouse.execute(f"insert into {table} from version_row")
        if champion:
            warehouse.execute("delete from ml.champions where model_name = ?", [model_name])
            warehouse.execute("insert into ml.champions values (?, ?)", [model_name, version])

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
