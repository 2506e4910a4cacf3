"""A version in MLflow: a run with its parameters and metrics, and a model in the registry."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from scoring import registry
from scoring.decisions import champion, commit_of_run
from scoring.exchange import folder, mlflow_model
from scoring.exchange.mlflow_client import imported, talking
from scoring.model import Model, opened

PREFIX = "warehouse_ml."
"""What the names of our tags begin with."""
TYPES = {"category": "string", "instant": "datetime"}
"""MLflow's types of the features. A number has any, as MLflow would take no integer or boolean for a double."""
READ = (
    *("params", "seed", "metrics", "code_version", "config_hash", "data_fingerprint", "training_snapshot"),
    *("dbt_invocation_id", "label", "key", "split"),
)
LOADER = mlflow_model.__name__
LONGEST_PARAMETER = 6000


@dataclass(frozen=True)
class Logged:
    """A version as MLflow has it.

    Parameters
    ----------
    name
        The version, as in ``churn@3``.
    model, version
        Name and version in MLflow's registry.
    alias
        The alias that was set; None for none.
    run_id
        The run.
    is_new
        Whether it was logged now; else it was there, and only the alias is set.
    """

    name: str
    model: str
    version: str
    alias: str | None
    run_id: str
    is_new: bool

    @property
    def uri(self) -> str:
        """What ``mlflow.pyfunc.load_model`` takes."""
        return f"models:/{self.model}@{self.alias}" if self.alias else f"models:/{self.model}/{self.version}"


def log_to_mlflow(
    reference: str,
    warehouse: str | Path | duckdb.DuckDBPyConnection | None = None,
    *,
    tracking_uri: str | None = None,
    experiment: str | None = None,
    name: str | None = None,
    alias: str | None = None,
) -> Logged:
    """Log a version to MLflow and register it.

    A version that the registry has already, which its digest shows, is not logged again.

    Parameters
    ----------
    reference
        ``m`` (the champion), ``m@3``, ``m@champion`` or ``m@challenger``.
    warehouse
        See `scoring.load`.
    tracking_uri
        MLflow's server or database, for runs and registry; by default what MLflow is configured with.
    experiment, name
        The experiment, and the name in the registry; the model's name unless given.
    alias
        The alias to set; by default ``champion`` where the version is the champion, else none. An empty text: none.

    Raises
    ------
    scoring.errors.ExchangeError
        If MLflow is not installed, or refuses.
    scoring.errors.WarehouseMLError
        If there is no such version, or its row is damaged.
    """
    mlflow = imported()
    with opened(warehouse) as port, TemporaryDirectory() as place:
        row = registry.resolve(port, reference)
        described = folder.write(port, row, Path(place))
        facts = dict(zip(READ, registry.read(port, row, *READ), strict=True))
        commit = commit_of_run(port, row.relation, facts["dbt_invocation_id"])
        if alias is None and champion(port, row.relation) == row.version:
            alias = registry.CHAMPION
        with talking(mlflow, tracking_uri, f"Logging {row.name}"):
            return _log(
                mlflow,
                row,
                Path(place),
                parameters=_parameters(row, facts),
                metrics=_metrics(facts["metrics"]),
                tags=_tags(row, described, facts, commit),
                experiment=experiment or row.model_name,
                registered=name or row.model_name,
                alias=alias or None,
            )


def _log(
    mlflow: Any,
    row: registry.VersionRow,
    place: Path,
    *,
    parameters: Mapping[str, str],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    experiment: str,
    registered: str,
    alias: str | None,
) -> Logged:
    client = mlflow.MlflowClient()
    there = _registered(client, registered, tags)
    if there is None:
        _make_registered(mlflow, client, registered)  # a name that MLflow does not take leaves no run
        mlflow.set_experiment(experiment)
        with mlflow.start_run(
            run_name=row.name, tags=dict(tags), nested=mlflow.active_run() is not None
        ) as run:
            mlflow.log_params(dict(parameters))
            mlflow.log_metrics(dict(metrics))
            info = mlflow.pyfunc.log_model(
                name="model",
                loader_module=LOADER,
                data_path=str(place),
                signature=_signature(folder.read(place)),
                # MLflow would run the model to find these out.
                pip_requirements=[f"warehouse-ml[mlflow]=={installed('warehouse-ml')}"],
                metadata=dict(tags),
            )
        made = client.create_model_version(
            registered, info.model_uri, run.info.run_id, tags=dict(tags), model_id=info.model_id
        )
        run_id, version = run.info.run_id, str(made.version)
    else:
        run_id, version = there
    if alias is not None:
        client.set_registered_model_alias(registered, alias, version)
    return Logged(row.name, registered, version, alias, run_id, there is None)


def _registered(client: Any, name: str, tags: Mapping[str, str]) -> tuple[str, str] | None:
    """Return run and version of a version that is in the registry already."""
    keys = [PREFIX + key for key in ("model", "version", "scoring_sha256", "artifact_sha256")]
    # MLflow's filters have no escape.
    mark = '"' if "'" in name else "'"
    for one in client.search_model_versions(None if mark in name else f"name = {mark}{name}{mark}"):
        if one.name == name and all(one.tags.get(key) == tags.get(key) for key in keys):
            return one.run_id, str(one.version)
    return None


def _make_registered(mlflow: Any, client: Any, name: str) -> None:
    try:
        client.create_registered_model(name)
    except mlflow.MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _signature(model: Model) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    features = [
        ColSpec(TYPES.get(feature.type) or AnyType(), feature.name) for feature in model.signature.features
    ]
    results = [ColSpec(kind, name) for name, kind in mlflow_model.columns(model).items()]
    return ModelSignature(Schema(features), Schema(results))


def _parameters(row: registry.VersionRow, facts: Mapping[str, Any]) -> dict[str, str]:
    settings = {"task": row.task, "estimator": row.estimator, "seed": facts["seed"]}
    settings |= {key: facts[key] for key in ("label", "key")}
    settings |= {"split": (facts["split"] or {}).get("method")}
    settings |= {f"params.{key}": value for key, value in json.loads(facts["params"] or "{}").items()}
    return {
        key: (value if isinstance(value, str) else json.dumps(value))[:LONGEST_PARAMETER]
        for key, value in settings.items()
        if value is not None
    }


def _metrics(rows: list[Mapping[str, Any]] | None) -> dict[str, float]:
    """Return the metrics of the version and of its baselines, by data set; those of slices stay in the warehouse."""
    return {
        f"{row['dataset']}.{row['metric']}"
        + ("" if row["predictor"] == "model" else f".{row['predictor']}"): row["value"]
        for row in rows or []
        if row["slice_column"] is None and row["value"] is not None and math.isfinite(row["value"])
    }


def _tags(
    row: registry.VersionRow, described: Mapping[str, Any], facts: Mapping[str, Any], commit: str | None
) -> dict[str, str]:
    ours = {
        "model": row.model_name,
        "version": row.version,
        "created_at": described["created_at"],
        "artifact_sha256": row.artifact_sha256,
        "scoring_sha256": row.scoring_sha256,
        "data_fingerprint": facts["data_fingerprint"],
        "config_hash": facts["config_hash"],
        "code_version": facts["code_version"],
        "training_rows": (facts["training_snapshot"] or {}).get("rows"),
        "dbt_invocation_id": facts["dbt_invocation_id"],
        "git_commit": commit,
    }
    tags = {PREFIX + key: str(value) for key, value in ours.items() if value is not None}
    return tags | ({} if commit is None else {"mlflow.source.git.commit": commit.removesuffix("+changes")})
