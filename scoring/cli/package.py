"""``warehouse-ml package``: the dbt package that comes with the distribution."""

from __future__ import annotations

from pathlib import Path

import click

from scoring import installed_package
from scoring.errors import ProjectError


@click.command()
@click.option(
    "--project-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of the dbt project. Default: this one.",
)
@click.option("--path", is_flag=True, help="Only print where the dbt package is.")
def package(project_dir: Path, path: bool) -> None:
    """Link the dbt package of the installed warehouse-ml into a project, as .warehouse_ml.

    packages.yml names the link by `local: .warehouse_ml`. Run it once in each environment, before dbt deps.
    """
    if path:
        click.echo(installed_package.folder())
        return
    if not (project_dir / "dbt_project.yml").is_file():
        raise ProjectError.no_project(str(project_dir))
    target = installed_package.link(project_dir)
    click.echo(f"{project_dir / installed_package.LINK} leads to {target}.")
    click.echo(f"Next, unless packages.yml has it: - local: {installed_package.LINK}, then dbt deps.")
