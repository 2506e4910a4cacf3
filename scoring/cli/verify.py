"""``warehouse-ml verify``: whether versions score on this machine as their trainers do."""

from __future__ import annotations

import click

from scoring.cli.options import warehouse, warehouse_option
from scoring.errors import NoChampionError, WarehouseMLError
from scoring.registry import CHAMPION, models, resolve, version_row
from scoring.verifying import Verified
from scoring.verifying import verify as verify_version


@click.command()
@warehouse_option
@click.option("--model", help="m (the champion), m@3, m@champion or m@challenger. Without it all champions.")
@click.pass_context
def verify(context: click.Context, model: str | None) -> None:
    """Compare the scores that a stored version gives here with those of its trainer.

    LightGBM's own code scores the same rows from the model text that is stored with the version; versions
    of other estimators are run by ONNX's reference implementation. The rows are made up from the training
    snapshot, with nulls, unseen categories, extremes and what lies next to thresholds. Needs the training
    packages.
    """
    differing = 0
    with warehouse() as opened:
        for target in [model] if model else models(opened):
            try:
                # A table that is found is not looked up by its name again, which may hold a point.
                row = (
                    resolve(opened, target)
                    if isinstance(target, str)
                    else version_row(opened, target, CHAMPION)
                )
                click.echo(_summary(row.name, verify_version(opened, row)))
            except NoChampionError:
                if model:
                    raise
                click.echo(f"{target}: no champion.")
            except WarehouseMLError as error:
                click.echo(str(error), err=True)
                differing += 1
    if differing:
        context.exit(1)


def _summary(name: str, verified: Verified) -> str:
    return (
        f"{name}: the same as {verified.compared_with} on {verified.rows:,} rows; raw scores differ by at most "
        f"{verified.raw_difference:.3g}, scores by {verified.relative_difference:.3g} of their size "
        f"(limit {verified.largest_allowed:.3g}); onnxruntime {verified.runtime}, "
        f"at training {verified.trained_runtime}."
    )
