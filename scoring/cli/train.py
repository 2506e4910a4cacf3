"""``warehouse-ml train``: train the models of a compiled project, without dbt."""

from __future__ import annotations

from pathlib import Path

import click

from scoring.carrying_over import carry_over
from scoring.cli.options import warehouse, warehouse_option
from scoring.training_runs import Trained
from scoring.training_runs import train as train_models


@click.command()
@warehouse_option
@click.argument("models", nargs=-1)
@click.option(
    "--project-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of the dbt project. Default: this one.",
)
@click.option(
    "--target-path",
    type=click.Path(path_type=Path),
    default=Path("target"),
    show_default=True,
    help="The folder that dbt compile writes to, relative to the project.",
)
@click.option("--full-refresh", is_flag=True, help="Train even if nothing has changed.")
@click.pass_context
def train(
    context: click.Context,
    models: tuple[str, ...],
    project_dir: Path,
    target_path: Path,
    full_refresh: bool,
) -> None:
    """Train MODELS, or all models, from the project that dbt compile left in target/.

    The rows come from the compiled query, so that what it reads must be built. What is trained, judged and appended
    is what dbt build would. Needs the training packages, and not dbt.
    """
    refused = False
    with warehouse(read_only=False) as opened:
        carry_over(opened.connection)  # as the plugin does where dbt trains
        for trained in train_models(
            opened, project_dir, project_dir / target_path, models, retrain=full_refresh
        ):
            for notice in trained.notices:
                click.echo(f"{trained.model}: {notice}", err=True)
            if trained.details:
                click.echo(trained.details, err=True)
            click.echo(_summary(trained), err=trained.is_refused)
            refused = refused or trained.is_refused
    if refused:
        context.exit(1)


def _summary(trained: Trained) -> str:
    if trained.is_refused:
        return trained.reason
    done = "nothing has changed" if trained.version is None else f"trained version {trained.version}"
    scores = "no version scores" if trained.champion is None else f"version {trained.champion} scores"
    return f"{trained.model}: {done}; {scores} ({trained.action})."
