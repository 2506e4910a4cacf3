"""A training set again, long after training: an entry point of ``warehouse_ml.training``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from scoring.errors import RebuildError
from scoring.rebuilding import Rebuilt
from scoring.registry import VersionRow
from scoring.version_checks import check_filled
from scoring.warehouse import Warehouse
from training.data.dataset import Source
from training.data.fingerprint import query_fingerprint
from training.data.lineage import reading
from training.errors import QueryError
from training.history import read_version
from training.sql import quoted

TABLE = "rebuilt_training_set"
READ = ("training_set.inputs[].relation", "training_set.inputs[].is_raw", "library_versions[].name")
"""What is read of a row that holds a query."""


def rebuild(warehouse: Warehouse, row: VersionRow) -> Rebuilt:
    """Return the training set of a version, in a temporary table of the connection.

    Raises
    ------
    scoring.errors.RebuildError
        If the version holds no query, or the rows are not those that it was trained on.
    """
    connection, name = warehouse.connection, row.name
    values = vars(read_version(warehouse, row, must_score=False))
    check_filled(row.model_name, row.version, values, ["training_set", "data_fingerprint"])
    kept = values["training_set"]
    if kept["query"] is None:
        raise RebuildError.not_kept(name, kept["problem"] or "unknown")
    check_filled(row.model_name, row.version, values, READ)
    try:
        connection.execute(f"create or replace temporary table {quoted(TABLE)} as {kept['query']}")
        with Source(connection.table(TABLE), model_name=row.model_name) as source:
            actual = source.fingerprint
        reason = f"the fingerprint of its rows is {actual}, that of the version {values['data_fingerprint']}"
    except (duckdb.Error, QueryError) as error:
        actual = ""
        reason = f"DuckDB says: {str(error).splitlines()[0]}"
    if actual != values["data_fingerprint"]:
        raise _difference(connection, values, reason)
    ((rows,),) = connection.execute(f"select count(*) from {quoted(TABLE)}").fetchall()
    return Rebuilt(TABLE, rows, kept["cutoff"], actual)


def _difference(connection: duckdb.DuckDBPyConnection, row: Mapping[str, Any], reason: str) -> RebuildError:
    """Return what differs: raw tables that have changed, and that the query reads through models that differ.

    A raw table that only grew by what became known later is read by a model that gives, as of the cutoff, the
    same rows as ever; the search stops there.
    """
    kept = row["training_set"]
    inputs = {item["relation"]: item for item in kept["inputs"]}
    raw: list[str] = []
    deepest: list[str] = []
    pending, seen = [row["model_name"]], set[str]()
    while pending:
        name = pending.pop()
        differing = [
            read
            for read in inputs.get(name, {}).get("reads") or ()
            if read in inputs and _differs(connection, kept["query"], inputs[read])
        ]
        raw += [read for read in differing if inputs[read]["is_raw"] and read not in raw]
        models = [read for read in differing if not inputs[read]["is_raw"]]
        if not models:
            deepest.append(name)
        pending += [read for read in models if read not in seen]
        seen.update(models)
    label = f"{row['model_name']}@{row['version']}"
    if raw:
        return RebuildError.inputs_changed(label, sorted(raw), sorted(deepest), reason)
    versions = {item["name"]: item["version"] for item in row["library_versions"]}
    return RebuildError.models_differ(
        label, sorted(deepest), reason, versions.get("duckdb", "unknown"), duckdb.__version__
    )


def _differs(connection: duckdb.DuckDBPyConnection, query: str, item: Mapping[str, Any]) -> bool:
    """Return whether a relation gives other rows than at training; one that cannot be read is taken to."""
    name = item["relation"]
    attached = connection.execute(
        "select count(*) from duckdb_databases() where database_name = ?", [name.partition(".")[0]]
    ).fetchall()
    place = ".".join(map(quoted, name.split(".", 1 + attached[0][0])))
    try:
        actual = query_fingerprint(connection, f"from {place}" if item["is_raw"] else reading(query, name))
    except duckdb.Error:
        return True
    return bool(actual != item["fingerprint"])
