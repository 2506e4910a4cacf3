"""``warehouse-ml export``: a version as an ONNX file that any runtime can run."""

from __future__ import annotations

from pathlib import Path

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.export import export as export_version


@click.command()
@warehouse_option
@click.option("--model", required=True, help="m (the champion), m@3, m@champion or m@challenger.")
@click.option(
    "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The ONNX file."
)
@click.option("--replace", is_flag=True, help="Replace the files if they are there.")
def export(model: str, output: Path, replace: bool) -> None:
    """Write a version to an ONNX file, and its signature to a JSON file beside.

    The ONNX file's metadata hold the signature too.
    """
    with warehouse() as opened:
        name = export_version(opened, model, output, replace=replace)
    click.echo(f"Exported {name} to {output} and {output.with_suffix('.json')}.")
