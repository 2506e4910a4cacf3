"""``warehouse-ml parity``: whether two targets of a project have the same tables."""

from __future__ import annotations

from pathlib import Path

import click

from scoring.errors import ParityError
from scoring.parity import Compared
from scoring.projects import building
from scoring.target_tables import Table, opened, tables_of


@click.command()
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--target", default="dev", show_default=True, help="The target whose tables are right.")
@click.option("--other", default="spark", show_default=True, help="The target that is compared with it.")
@click.option(
    "--schema",
    "schemas",
    multiple=True,
    default=("marts", "features"),
    show_default=True,
    help="A schema whose tables are compared; repeat the option for several.",
)
@click.option(
    "--except",
    "excepted",
    multiple=True,
    default=("scored_at", "row_hash"),
    show_default=True,
    help="A column that is not compared; repeat the option for several.",
)
@click.option("--build", is_flag=True, help="Build both targets first.")
@click.pass_context
def parity(
    context: click.Context,
    /,
    folder: Path,
    target: str,
    other: str,
    schemas: tuple[str, ...],
    excepted: tuple[str, ...],
    build: bool,
) -> None:
    """Compare the tables that two targets of the dbt project in FOLDER have, every column of every row.

    Rows are told apart by the grain that the tests of a table declare. Columns are named whose floating-point numbers
    differ by 1e-12 of their size or less, as those of sums in another order do; anything else must be the same.
    """
    for name in (target, other) if build else ():
        if code := building.run(folder, "build", "--target", name):
            raise ParityError.not_built(name, code)
    equal = differing = 0
    with opened(folder, (target, other)) as sides:
        for table in tables_of(building.manifest(folder), schemas):
            compared = sides.compare(table, excepted)
            if compared is None:  # built in neither
                continue
            differing += bool(compared.differences)
            equal += not compared.differences
            click.echo(_line(table, compared))
    if not equal + differing:
        raise ParityError.nothing(", ".join(schemas))
    if differing:
        click.echo(f"{differing} of {equal + differing} tables differ between {target} and {other}.")
    else:
        click.echo(f"{equal} tables are equal in {target} and {other}.")
    context.exit(1 if differing else 0)


def _line(table: Table, compared: Compared) -> str:
    if compared.differences:
        shown = (each.shown(with_key=not table.is_personal) for each in compared.differences)
        return f"{table}: differs: {'; '.join(shown)}."
    close = f", but for rounding in {', '.join(compared.close)}" if compared.close else ""
    return f"{table}: {compared.rows:,} rows, {compared.columns} columns, equal{close}."
