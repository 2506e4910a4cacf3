"""``warehouse-ml models``: the versions of every model, which of them scores, and why."""

from __future__ import annotations

from collections.abc import Sequence

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.versions import UNTRAINED, ListedVersion, listed_versions, shown

HEADER = ("model", "version", "task", "estimator", "created", "champion", "why")


@click.command()
@warehouse_option
@click.option("--model", help="Only the versions of this model.")
@click.pass_context
def models(context: click.Context, model: str | None) -> None:
    """List the versions of every model, which of them is the champion, and why."""
    with warehouse() as opened:
        versions = listed_versions(opened, model)
    click.echo(_aligned([HEADER, *map(_row, versions)]))
    problems = dict.fromkeys(version.problem for version in versions if version.problem)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        context.exit(1)


def _row(version: ListedVersion) -> tuple[str, ...]:
    if version.why == UNTRAINED:
        return (version.model_name, *[""] * 5, UNTRAINED)
    return (
        version.model_name,
        str(version.version or "?"),
        version.task or "?",
        version.estimator or "?",
        shown(version.created_at),
        "yes" if version.is_champion else "",
        "damaged" if version.problem else version.why,
    )


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Return the rows as text, one to a line, two blanks between columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
