"""``warehouse-ml report``: a static site about the models of a warehouse."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.report import write
from scoring.warehouse import Warehouse

DEFAULT = Path("target/report")


@click.command()
@warehouse_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT,
    show_default=True,
    help="The folder of the site; an earlier report there is replaced.",
)
@click.pass_context
def report(context: click.Context, output: Path) -> None:
    """Write a site with a card for every model: how good it is, what drives it, what happened.

    The site needs no server and no network: open its index.html. Descriptions and owners come from the manifest
    that dbt writes to target/ of the project, which is looked for beside the warehouse, then here. Needs the
    packages of 'warehouse-ml[report]'.
    """
    with warehouse() as opened:
        written = write(opened, output, projects=list(_projects(opened)))
    models = f"{written.models} model{'' if written.models == 1 else 's'}"
    click.echo(f"Wrote the report on {models}: open {written.index}.")
    for problem in written.problems:
        click.echo(problem, err=True)
    if written.problems:
        context.exit(1)


def _projects(opened: Warehouse) -> Iterator[Path]:
    """Yield where the project may be: the folder that dbt's variable names, that of the warehouse, this one."""
    if named := os.environ.get("DBT_PROJECT_DIR"):
        yield Path(named)
    yield from (Path(file).parent for _, _, file in opened.rows("pragma database_list") if file)
    yield Path()
