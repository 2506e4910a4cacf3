"""``warehouse-ml add-model``: one more model in a dbt project that exists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from scoring.cli.proposals import accepted, choice_options, chosen, finish
from scoring.errors import ProjectError
from scoring.projects import building, existing, scaffold, writing
from scoring.projects.files import model_files, predictions_name, rows_name
from scoring.projects.origins import looking
from scoring.projects.profile import look
from scoring.projects.words import free_name

REGISTRY = "warehouse_ml.registry"
"""What dbt calls the views of all models, which name the models of the build that made them."""


@click.command("add-model")
@click.argument("source", metavar="RELATION")
@click.option(
    "--project-dir",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder of the dbt project. Default: this one.",
)
@choice_options
@click.pass_context
def add_model(
    context: click.Context, /, source: str, project_dir: Path, yes: bool, build: bool, **options: object
) -> None:
    """Add a model that learns from RELATION to a dbt project, and build it.

    RELATION is a model, seed, snapshot or source.table of the project that is built, or a CSV file, which becomes a
    seed. Only new files are written; nothing is changed.
    """
    choices = chosen(options)
    building.need_dbt()
    project = existing.read(project_dir)
    taken = project.names
    origin = existing.resolve(project, source)
    if origin.kind not in ("node", "csv"):
        raise ProjectError.no_such_relation(source, list(taken))
    if origin.csv is not None and origin.name in taken:
        raise ProjectError.name_taken(origin.name, taken[origin.name])
    with looking(origin) as connection:
        profile = look(connection, personal=origin.personal)
        proposal = accepted(connection, origin, profile, choices, is_interactive=not yes)
    if choices.name is None:
        proposal = replace(proposal, name=free_name(proposal.name, taken, "_model"))
    for name in (proposal.name, predictions_name(proposal), rows_name(proposal)):
        if name in taken:
            raise ProjectError.name_taken(name, taken[name])
    texts = model_files(proposal, origin.ref or scaffold.ref(origin), project.folders())
    seeds = {}
    if origin.csv is not None:
        texts |= scaffold.seed_files(proposal, project.seeds())
        seeds[f"{project.seeds()}/{origin.name}.csv"] = origin.csv
    writing.check(project_dir, [*texts, *seeds])
    if not yes:
        click.confirm(f"Write {', '.join((*texts, *seeds))}?", default=True, abort=True)
    writing.write(project_dir, texts, seeds)
    click.echo(f"Wrote {', '.join((*texts, *seeds))}.")
    nodes = [proposal.name, predictions_name(proposal)]
    nodes += [rows_name(proposal)] if proposal.key is None else []
    nodes += [origin.name] if origin.csv is not None else []
    command = ("build", "--select", *nodes, REGISTRY)
    if build:
        context.exit(finish(project_dir, proposal, commands=(command,)))
    click.echo(f"Next: dbt {' '.join(command)}")
