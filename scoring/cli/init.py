"""``warehouse-ml init``: a dbt project with a model for a CSV file, a Parquet file or a table."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from scoring import installed_package
from scoring.cli.proposals import accepted, choice_options, chosen, finish
from scoring.projects import building, scaffold, writing
from scoring.projects.origins import find, looking
from scoring.projects.profile import look


@click.command()
@click.argument("source", metavar="FILE")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--table", metavar="NAME", help="The table of a DuckDB file, schema.table or table.")
@choice_options
@click.pass_context
def init(
    context: click.Context,
    /,
    source: str,
    folder: Path | None,
    table: str | None,
    yes: bool,
    build: bool,
    **options: object,
) -> None:
    """Write a dbt project with a model that learns from FILE, and build it.

    FILE is a CSV file, a Parquet file, or a DuckDB file with --table. The project is written into FOLDER, or into one
    named after the table. What the model learns is proposed after a look at the table, and asked unless --yes.
    Nothing is overwritten.
    """
    if build:
        building.need_dbt()
    origin = find(source, table)
    target = folder or Path(origin.name)
    with looking(origin) as connection:
        profile = look(connection)
        proposal = accepted(connection, origin, profile, chosen(options), is_interactive=not yes)
    texts = scaffold.project_files(proposal, scaffold.project_name(target))
    seeds = {f"seeds/{origin.name}.csv": origin.csv} if origin.csv is not None else {}
    writing.check(target, [*texts, *seeds, installed_package.LINK])
    if not yes:
        click.confirm(f"Write {len(texts) + len(seeds)} files into {target}?", default=True, abort=True)
    writing.write(target, texts, seeds)
    installed_package.link(target)
    click.echo(f"Wrote {len(texts) + len(seeds)} files into {target}.")
    if build:
        context.exit(finish(target, proposal, commands=(("deps",), ("build",))))
    click.echo(f"Next: cd {shlex.quote(str(target))} && dbt deps && dbt build")
