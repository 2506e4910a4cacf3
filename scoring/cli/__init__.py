"""The command line ``warehouse-ml``: one module per command."""

from __future__ import annotations

from collections.abc import Sequence

import click
import duckdb

from scoring.cli.add_model import add_model
from scoring.cli.doctor import doctor
from scoring.cli.export import export
from scoring.cli.init import init
from scoring.cli.mlflow import mlflow
from scoring.cli.models import models
from scoring.cli.options import warehouse_option
from scoring.cli.package import package
from scoring.cli.parity import parity
from scoring.cli.prune import prune
from scoring.cli.publish import publish
from scoring.cli.report import report
from scoring.cli.score import score
from scoring.cli.train import train
from scoring.cli.training_set import training_set
from scoring.cli.verify import verify
from scoring.errors import WarehouseMLError

RULE_BROKEN, WRONG_CALL, INTERRUPTED = 1, 2, 130
NOTHING_WRITTEN = "Interrupted: nothing was written."


@click.group()
@click.version_option(package_name="warehouse-ml")
@warehouse_option
def commands() -> None:
    """Ask a warehouse for its models and their scores."""


_COMMANDS = (
    init, add_model, doctor, package, models, score, export, verify, training_set, train, report, publish,
    prune, mlflow, parity,
)  # fmt: skip
for _command in _COMMANDS:
    commands.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; an error is one line on the standard error stream.

    Parameters
    ----------
    arguments
        Without the program's name; if not given, those of the process.

    Returns
    -------
    int
        0: done. 1: a rule was broken. 2: a wrong call. 130: interrupted.
    """
    try:
        code = commands.main(arguments, prog_name="warehouse-ml", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return _failed(error.format_message(), WRONG_CALL)
    except WarehouseMLError as error:
        return _failed(str(error), RULE_BROKEN)
    except duckdb.Error as error:
        return _failed(f"DuckDB says: {str(error).splitlines()[0]}", RULE_BROKEN)
    except OSError as error:
        return _failed(f"The system says: {error}", RULE_BROKEN)
    except (click.Abort, KeyboardInterrupt):
        return _failed(NOTHING_WRITTEN, INTERRUPTED)
    except RuntimeError as error:
        if str(error) != "Query interrupted":  # what DuckDB makes of an interrupt
            raise
        click.echo(err=True)  # as click does, after what a terminal shows of the key
        return _failed(NOTHING_WRITTEN, INTERRUPTED)


def _failed(text: str, code: int) -> int:
    click.echo(text, err=True)
    return code
