"""``warehouse-ml mlflow``: versions to MLflow and back."""

from __future__ import annotations

from pathlib import Path

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.exchange import log_to_mlflow
from scoring.exchange.mlflow_load import download


@click.group()
def mlflow() -> None:
    """Log versions to MLflow, and load them back. Needs 'warehouse-ml[mlflow]'."""


_server = click.option(
    "--tracking-uri",
    help="MLflow's server or database, such as https://… or sqlite:///mlflow.db. Default: $MLFLOW_TRACKING_URI.",
)


@mlflow.command()
@warehouse_option
@click.argument("model")
@_server
@click.option("--experiment", help="The experiment of the run. Default: the model's name.")
@click.option("--name", help="The name in MLflow's registry. Default: the model's name.")
@click.option(
    "--alias", help="The alias to set. Default: champion where the version is; an empty one sets none."
)
def log(
    model: str, tracking_uri: str | None, experiment: str | None, name: str | None, alias: str | None
) -> None:
    """Log MODEL (m, m@3, m@champion, m@challenger) and register it.

    The model has a signature; the run has parameters, metrics of each data set, and tags that say which version it
    is. A version that is registered already is not logged again.
    """
    with warehouse() as opened:
        logged = log_to_mlflow(
            model, opened.connection, tracking_uri=tracking_uri, experiment=experiment, name=name, alias=alias
        )
    verb = "Logged" if logged.is_new else "MLflow has"
    click.echo(f"{verb} {logged.name} as version {logged.version} of {logged.model}: {logged.uri}.")


@mlflow.command()
@click.argument("uri")
@_server
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ONNX file."
)
@click.option("--replace", is_flag=True, help="Replace the files if they are there.")
def load(uri: str, tracking_uri: str | None, output: Path, replace: bool) -> None:
    """Write the version of URI (models:/m@champion) to an ONNX file, and its signature to a JSON file beside."""
    name = download(uri, output, replace=replace, tracking_uri=tracking_uri)
    click.echo(f"Loaded {name} into {output} and {output.with_suffix('.json')}.")
