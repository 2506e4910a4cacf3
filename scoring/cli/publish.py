"""``warehouse-ml publish``: a copy of the warehouse that readers open while dbt builds."""

from __future__ import annotations

from pathlib import Path

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.publishing import FOLDER, KEPT
from scoring.publishing import publish as publish_copy


@click.command()
@warehouse_option
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help=f"The folder for readers. Default: {FOLDER}/ beside the warehouse.",
)
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=KEPT,
    show_default=True,
    help="How many replaced copies stay.",
)
def publish(output: Path | None, keep: int) -> None:
    """Put a read-only copy of the warehouse in place, by one rename.

    Readers that have the last copy open keep it. While a build writes, nothing is published.
    """
    with warehouse() as opened:
        published = publish_copy(opened.connection, output, keep=keep)
    click.echo(f"Published {published}.")
