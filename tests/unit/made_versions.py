"""Versions and decisions made by hand, and warehouses that hold them as a build would."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from onnx import TensorProto, helper, numpy_helper

from scoring import decisions
from scoring.actions import act
from scoring.artifact import digest
from scoring.decisions import ACCEPT, Decision
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from scoring.version import Version
from scoring.warehouse import Relation, Warehouse

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


def made(model_name: str = "m", version: int = 1, **values: Any) -> Version:
    """Return a version; what is not given is that of a small regression on x and y.

    A signature may be given as such, and the SHA-256 is that of the artifact unless it is given.
    """
    signature = values.pop("signature", XY)
    artifact = values.pop("artifact", None)
    if artifact is None:
        artifact = sum_model(len(signature.features))
    fields: dict[str, Any] = {
        "created_at": datetime(2024, 5, version % 28 + 1),
        "task": "regression",
        "artifact_sha256": digest(artifact),
        **values,
    }
    return Version(
        model_name=model_name,
        version=version,
        signature=signature.to_row(),
        artifact=artifact,
        **fields,
    )


def add(
    connection: duckdb.DuckDBPyConnection,
    *versions: Version | pa.Table,
    champion: bool = True,
    schema: str = "ml",
) -> Relation:
    """Append versions of one model, or rows of them; the last one becomes the champion unless told otherwise."""
    warehouse = Warehouse(connection)
    for version in versions:
        row = version.to_row() if isinstance(version, Version) else version
        name, number = (row.column(column)[0].as_py() for column in ("model_name", "version"))
        relation = Relation(warehouse.database, schema, name)
        warehouse.create(relation, VERSION_SCHEMA)
        warehouse.append(relation, row)
    if champion:
        decide(connection, name, number, schema=schema)
    return relation


def decide(
    connection: duckdb.DuckDBPyConnection,
    model: str,
    version: int | None,
    *,
    schema: str = "ml",
    action: str = ACCEPT,
    reason: str = "gates",
    decided_at: datetime | None = None,
    **values: Any,
) -> Decision:
    """Append a decision, by default of a build that accepts the version; optionally with another clock."""
    warehouse = Warehouse(connection)
    relation = Relation(warehouse.database, schema, model)
    values = {"newest_version": version, "passing_versions": (version,) if version else (), **values}
    decision = Decision(model, version, action, reason, **values)
    kept = decisions.append(warehouse, relation, decision, invocation=None, folder=None)
    if decided_at is not None:
        table = decisions.table_beside(relation).sql
        connection.execute(
            f"update {table} set decided_at = ? where sequence = ?", [decided_at, kept.sequence]
        )
    return kept


def champion(connection: duckdb.DuckDBPyConnection, model: str, *, schema: str = "ml") -> int | None:
    """Return the version that scores."""
    warehouse = Warehouse(connection)
    return decisions.champion(warehouse, Relation(warehouse.database, schema, model))


def measured(
    metric: str, value: float | None, predictor: str = "model", dataset: str = "test", **where: str
) -> dict[str, Any]:
    """Return one entry of the column ``metrics``; `where` is the column and the value of a slice."""
    entry: Mapping[str, Any] = {"slice_column": None, "slice_value": None, **where}
    return {"dataset": dataset, "predictor": predictor, "metric": metric, "value": value, **entry}


def operate(
    connection: duckdb.DuckDBPyConnection, action: str, model: str, *, schema: str = "ml", **arguments: Any
) -> dict[str, str]:
    """Do what the run-operation of that name does, and return its answer: a message or a problem."""
    request = {
        "action": action,
        "arguments": arguments,
        "relation": [Warehouse(connection).database, schema, model],
        "invocation": "run-1",
        "folder": None,
    }
    answer: dict[str, str] = json.loads(act(Warehouse(connection), json.dumps(request)))
    return answer
