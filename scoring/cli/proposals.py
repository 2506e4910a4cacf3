"""What `init` and `add-model` have in common: options, questions, and the report on what was built."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click
import duckdb

from scoring import installed_package
from scoring.decisions import TABLE
from scoring.errors import ProjectError, TableError
from scoring.projects import building, labels, results
from scoring.projects.files import predictions_name
from scoring.projects.origins import Origin, plain_name
from scoring.projects.profile import Profile
from scoring.projects.proposal import NONE, Choices, Proposal, propose

INTERRUPTED = 130
_Command = TypeVar("_Command", bound=Callable[..., Any])


def choice_options(command: _Command) -> _Command:
    """Give a command the options that decide a model."""
    for option in reversed(
        (
            click.option("--label", metavar="COLUMN", help="The column to predict."),
            click.option("--task", type=click.Choice(labels.TASKS), help="The kind of prediction."),
            click.option("--positive", metavar="VALUE", help="The value of a label of two to predict."),
            click.option("--key", metavar="COLUMN", help="The column that identifies a row, or none."),
            click.option("--time", metavar="COLUMN", help="The column by which rows are split, or none."),
            click.option(
                "--exclude", metavar="COLUMN", multiple=True, help="A column to leave out; once for each."
            ),
            click.option(
                "--keep", metavar="COLUMN", multiple=True, help="A suspect to learn from all the same."
            ),
            click.option("--name", metavar="NAME", help="The name of the model."),
            click.option(
                "--yes", is_flag=True, help="Ask nothing: take what is proposed, or fail where nothing is."
            ),
            click.option("--build/--no-build", default=True, help="Whether to run dbt. Default: --build."),
        )
    ):
        command = option(command)
    return command


def chosen(options: Mapping[str, Any]) -> Choices:
    """Return the options as choices.

    Raises
    ------
    scoring.errors.ProjectError
        If the name is none for a model.
    """
    name = options["name"]
    if name is not None and (plain_name(name) != name or not name):
        raise ProjectError.bad_name(name)
    return Choices(**options)


def accepted(
    connection: duckdb.DuckDBPyConnection,
    origin: Origin,
    profile: Profile,
    choices: Choices,
    *,
    is_interactive: bool,
) -> Proposal:
    """Return the proposal, after questions about what was left open if there may be any, and show it."""
    click.echo(f"{origin.shown}: {profile.rows:,} rows, {len(profile.columns):,} columns.")
    if is_interactive and profile.rows and choices.label is None:
        candidates = labels.candidates(profile)
        click.echo(f"Columns: {', '.join(profile.names[:50])}{' …' if len(profile.names) > 50 else ''}")
        default = candidates[0] if len(candidates) == 1 else None
        choices = replace(choices, label=_column(profile, "What is to be predicted", default))
    proposal = propose(connection, origin, profile, choices)
    if is_interactive:
        proposal = propose(connection, origin, profile, _answered(proposal, choices))
    if proposal.name == origin.name:
        raise ProjectError.name_taken(proposal.name, f"the table {origin.shown}")
    if proposal.name in _names_of_the_package():
        raise ProjectError.name_taken(proposal.name, "the package warehouse_ml")
    for line in _lines(proposal):
        click.echo(line)
    return proposal


def _names_of_the_package() -> set[str]:
    """Return the names of the relations that every project has from the package."""
    models = installed_package.folder() / "models"
    files = [*models.glob("registry/*.sql"), *models.glob("monitoring/*.sql")]
    return {TABLE, "feature_catalog", "quarantine", *(file.stem for file in files)}


def finish(folder: Path, proposal: Proposal, *, commands: Sequence[Sequence[str]]) -> int:
    """Run dbt, report what became of the model, and return the exit code."""
    code = 0
    try:
        for arguments in commands:
            click.echo(f"$ dbt {' '.join(arguments)}")
            code = building.run(folder, *arguments)
            if code and arguments[0] != "build":
                click.echo(
                    f"dbt {arguments[0]} failed; the files stay in {folder}, where warehouse-ml doctor says "
                    "what is wrong.",
                    err=True,
                )
                return 1
    except KeyboardInterrupt:
        click.echo(f"Interrupted: the files stay in {folder}; run dbt build there.", err=True)
        return INTERRUPTED
    built = results.read(folder, proposal.name, predictions_name(proposal))
    for line in results.shown(built):
        click.echo(line)
    if built.predictions is not None and not code:
        for line in _predictions(built, proposal):
            click.echo(line)
    if code:
        click.echo(
            f"The build ended with an error, and the files stay in {folder}: what dbt says above names the "
            "gate or test that "
            "failed; change the model or its gate, and run dbt build there.",
            err=True,
        )
        return 1
    click.echo(f"Next, in {folder}: warehouse-ml models · warehouse-ml report · dbt build after each change")
    return 0


def _answered(proposal: Proposal, choices: Choices) -> Choices:
    """Ask for what was not decided by an option, with the proposal as the answer to take."""
    profile = proposal.profile
    if choices.task is None:
        task = click.prompt("Task", default=proposal.task, type=click.Choice(labels.TASKS))
        choices = replace(choices, task=task)
    if choices.task == "binary" and choices.positive is None and proposal.positive is not None:
        choices = replace(choices, positive=click.prompt("The value to predict", default=proposal.positive))
    for role, question in (("key", "Column that identifies a row"), ("time", "Column to split by time")):
        if getattr(choices, role) is None:
            answer = _column(profile, question, getattr(proposal, role) or NONE)
            choices = replace(choices, key=answer) if role == "key" else replace(choices, time=answer)
    kept = [
        name
        for name, reason in proposal.left_out.items()
        if ("suspect" in reason or "personal" in reason)
        and not click.confirm(f"Leave out {name} ({reason})?", default=True)
    ]
    return replace(
        choices,
        keep=(*choices.keep, *kept),
        name=choices.name or click.prompt("Name of the model", default=proposal.name),
    )


def _column(profile: Profile, question: str, default: str | None) -> str:
    """Ask for a column until there is one of the name."""

    def read(answer: str) -> str:
        if answer != NONE and profile.column(answer) is None:
            raise click.BadParameter(str(TableError.no_such_column(question, answer, profile.names)))
        return answer

    return str(click.prompt(question, default=default, value_proc=read))


def _lines(proposal: Proposal) -> list[str]:
    positive = f", {proposal.positive} is positive" if proposal.positive else ""
    split = f"by {proposal.time}" if proposal.time else "random"
    lines = [
        f"  label     {proposal.label.name} ({proposal.task}{positive})",
        f"  key       {proposal.key or 'none: made of values'}",
        f"  split     {split}",
        f"  features  {len(proposal.features):,}: "
        f"{', '.join(proposal.features[:8])}{' …' if len(proposal.features) > 8 else ''}",
    ]
    for name, reason in proposal.left_out.items():
        lines.append(f"  left out  {name}: {reason}")
    if proposal.key in proposal.personal:
        lines.append(
            f"  note      the key {proposal.key} is likely personal data: {proposal.personal[str(proposal.key)]}"
        )
    return [*lines, *(f"  note      {note}" for note in proposal.notes)]


def _predictions(built: results.Built, proposal: Proposal) -> list[str]:
    """Return the first predictions: the key, unless it is personal, and what was added."""
    own = {name.lower() for name in proposal.profile.names}
    places = [
        place
        for place, name in enumerate(built.columns)
        if name.lower() not in own or (name == proposal.key and name not in proposal.personal)
    ]
    cells = [
        [built.columns[place] for place in places],
        *([_shown(row[place]) for place in places] for row in built.rows),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    return [
        f"{built.count:,} predictions in {str(built.predictions).replace(chr(34), '')}, the first of them:",
        *table,
    ]


def _shown(content: Any) -> str:
    if isinstance(content, float):
        return f"{content:.4g}"
    if isinstance(content, dict):
        best = sorted(content.items(), key=lambda item: -item[1])[:3]
        return ", ".join(f"{name} {share:.2f}" for name, share in best)
    return str(content).split(".")[0] if hasattr(content, "isoformat") else str(content)
