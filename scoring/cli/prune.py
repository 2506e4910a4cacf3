"""``warehouse-ml prune``: old versions lose their artifacts, and the file shrinks."""

from __future__ import annotations

from datetime import timedelta

import click

from scoring.carrying_over import carry_over
from scoring.cli.options import warehouse, warehouse_option
from scoring.errors import UnknownModelError, WarehouseMLError
from scoring.registry import CHAMPION, Reference, find, version_tables
from scoring.retention import Due, Policy, due
from scoring.retention import prune as prune_versions
from scoring.shrinking import shrink
from scoring.time_spans import span_of
from scoring.warehouse import Relation, Warehouse


def _span(context: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    try:
        return None if value is None else span_of(value)
    except ValueError as error:
        raise click.BadParameter(f"'{value}' must be {error}, for example '180 days'") from error


@click.command()
@warehouse_option
@click.option("--model", help="Only the versions of this model. Without it those of all models.")
@click.option(
    "--keep",
    type=click.IntRange(1, 100_000),
    help="How many of the newest versions keep their artifacts; older ones that never scored lose them.",
)
@click.option(
    "--older-than", callback=_span, metavar="SPAN", help="The age at which a version loses it: '180 days'."
)
@click.option("--dry-run", is_flag=True, help="Only report what would be removed.")
@click.pass_context
def prune(
    context: click.Context, model: str | None, keep: int | None, older_than: timedelta | None, dry_run: bool
) -> None:
    """Remove the artifacts of old versions, and rewrite the file without the space that they took.

    Rows, metrics and decisions stay. The champion, the version before it, a pinned version, the second version of
    an A/B test and the newest version are never touched. Without --keep and --older-than the file is rewritten
    only, which frees the space of what builds removed by `retention`.
    """
    policy, failed, removed = Policy(keep, older_than), False, 0
    with warehouse(read_only=dry_run) as opened:
        if not dry_run:
            carry_over(opened.connection)
        for table in _tables(opened, model):
            try:
                chosen = due(opened, table, policy)
                if not dry_run:
                    with opened.transaction():
                        prune_versions(opened, table, chosen)
            except WarehouseMLError as error:
                click.echo(str(error), err=True)
                failed = True
                continue
            removed += len(chosen)
            for one in chosen:
                click.echo(_line(table, one, dry_run))
        if not removed and not failed:
            click.echo("No artifact is to be removed.")
        if not dry_run:
            sizes = shrink(opened.connection)
            click.echo(
                f"The file has {sizes.after:,} bytes, {sizes.before - sizes.after:,} fewer than before."
            )
    if failed:
        context.exit(1)


def _tables(opened: Warehouse, model: str | None) -> list[Relation]:
    tables = version_tables(opened)
    if model is None:
        return tables
    reference = Reference.parse(model)
    if reference.selector != CHAMPION:
        raise click.BadParameter(
            f"'{model}' must be a model without a version, such as '{reference.model_name}'"
        )
    table = find(opened, reference)
    if table not in tables:
        raise UnknownModelError.among(model, sorted({one.name for one in tables}))
    return [table]


def _line(table: Relation, one: Due, dry_run: bool) -> str:
    verb = "Would remove" if dry_run else "Removed"
    return f"{verb} the artifact of {table.name}@{one.version}, which {one.reason}: {one.size:,} bytes."
