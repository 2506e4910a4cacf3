"""``warehouse-ml training-set``: the rows that a version was trained on, built again."""

from __future__ import annotations

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.errors import OutputError
from scoring.outputs import check_file, copying
from scoring.places import File, parse, quoted
from scoring.rebuilding import rebuild
from scoring.registry import resolve


@click.command("training-set")
@warehouse_option
@click.option("--model", required=True, help="m (the champion), m@3, m@champion or m@challenger.")
@click.option("--version", type=click.IntRange(min=1), help="The version, as in m@3.")
@click.option(
    "--output",
    help="A file whose name ends in .parquet, .csv or .csv.gz; without it the rows are compared only.",
)
@click.option("--replace", is_flag=True, help="Replace the file if it is there.")
def training_set(model: str, version: int | None, output: str | None, replace: bool) -> None:
    """Build a version's training set again from its row, and compare it with the stored fingerprint.

    The query that the version keeps reads the raw tables as of its cutoff: later loads and corrections are
    not seen. Needs the training packages.
    """
    if version is not None and "@" in model:
        raise click.UsageError(f"The version must be given once, but there are '{model}' and {version}.")
    place = None if output is None else _file(output, replace=replace)
    with warehouse() as opened:
        row = resolve(opened, model if version is None else f"{model}@{version}")
        rebuilt = rebuild(opened, row)
        if place is not None:
            rows = opened.connection.table(quoted(rebuilt.table))
            types = dict(zip(rows.columns, rows.types, strict=True))
            with copying(place, quoted(rebuilt.table), types) as statement:
                opened.connection.execute(statement)
    as_of = "" if rebuilt.cutoff is None else f", as of {rebuilt.cutoff:%Y-%m-%d %H:%M:%S}"
    written = "" if place is None else f" Written to {place}."
    click.echo(
        f"{row.name}: {rebuilt.rows:,} rows{as_of}, fingerprint {rebuilt.fingerprint} as stored.{written}"
    )


def _file(output: str, *, replace: bool) -> File:
    place = parse(output)
    if not isinstance(place, File):
        raise OutputError.not_a_file(output)
    check_file(place.path, replace=replace)
    return place
