"""``warehouse-ml report``: a static site about the models of a warehouse."""

from __future__ import annotations

import os
from pathlib import Path

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.report import write

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
    that dbt writes to target/ of the project, here or beside the warehouse. Needs the packages of
    'warehouse-ml[report]'.
    """
    with warehouse() as opened:
        folders = [
            Path(os.environ.get("DBT_PROJECT_DIR") or "."),
            *_beside(opened.rows("pragma database_list")),
        ]
        written = write(opened, output, projects=folders)
    models = f"{written.models} model{'' if written.models == 1 else 's'}"
    click.echo(f"Wrote the report on {models}: open {written.index}.")
    for problem in written.problems:
        click.echo(problem, err=True)
    if written.problems:
        context.exit(1)


def _beside(databases: list[tuple[object, ...]]) -> list[Path]:
    """Return the folder of each database file."""
    return [Path(str(file)).parent for *_, file in databases if file]
