"""``warehouse-ml score``: score a table, Parquet or CSV into another."""

from __future__ import annotations

import click
from tqdm import tqdm

from scoring import stream
from scoring.cli.options import warehouse, warehouse_option
from scoring.inputs import open_input, readable
from scoring.loading import load
from scoring.outputs import check_distinct, check_output, check_types, write_output
from scoring.places import File, parse


@click.command()
@warehouse_option
@click.option("--model", required=True, help="m (the champion), m@3, m@champion or m@challenger.")
@click.option("--input", "source", required=True, help="schema.table, or a .parquet, .csv or .csv.gz file.")
@click.option("--output", "target", required=True, help="The same; it appears only when it is whole.")
@click.option(
    "--add",
    "outputs",
    multiple=True,
    type=click.Choice(list(stream.OUTPUTS)),
    help="What to add; once for each. Without it the prediction, or the class if the task is multiclass.",
)
@click.option("--keep", multiple=True, help="A column to keep; once for each. Without it all of them.")
@click.option("--replace", is_flag=True, help="Replace the output if it is there.")
@click.option("--memory", metavar="SIZE", help="DuckDB's own limit of memory, such as 2GB.")
def score(
    model: str,
    source: str,
    target: str,
    outputs: tuple[str, ...],
    keep: tuple[str, ...],
    replace: bool,
    memory: str | None,
) -> None:
    """Score the rows of a table or file with a version of a model.

    The output has the columns of the input, what is added, model_version and scored_at, in the order of
    the input. Input and output may be larger than memory.
    """
    input_place, output_place = parse(source), parse(target)
    with warehouse(read_only=isinstance(output_place, File), memory=memory) as opened:
        connection = opened.connection
        check_output(connection, output_place, replace=replace)
        check_distinct(input_place, output_place)
        scorer = load(opened, model)
        connection.execute(
            "set arrow_lossless_conversion = true"
        )  # else huge integers and others are altered
        rows_read = open_input(connection, input_place, scorer.signature, keep or None, model=scorer.name)
        check_types(output_place, rows_read.types)
        with (
            readable(connection, input_place, rows_read.csv),
            connection.cursor() as reader,
            tqdm(total=rows_read.rows, unit=" rows", unit_scale=True, leave=False, disable=None) as progress,
        ):
            rows = stream.score(
                reader, rows_read.query, scorer, outputs=outputs, keep=rows_read.keep, report=progress.update
            )
            written = write_output(connection, output_place, rows, kept=rows_read.types)
    click.echo(f"Scored {written:,} rows with {scorer.name} into {output_place}.")
