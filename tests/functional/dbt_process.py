"""dbt in processes that start at once: each is forked from one that has imported dbt and done nothing else.

Importing dbt, LightGBM and scikit-learn takes longer than most builds of a small project. A fork shares the
imports and nothing more: it has its own connections, working folder, environment and end.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver, get_context
from pathlib import Path
from tempfile import TemporaryFile
from unittest.mock import patch

import parsed_projects

PROCESSES = get_context("forkserver")


def run(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run dbt to its end, and return its exit code, negative for a signal, and what it wrote."""
    PROCESSES.set_forkserver_preload(["dbt_imported"])
    # OpenMP reads its policy when it is loaded; threads that wait actively hold up the other processes of a test run.
    with patch.dict(os.environ, PYTHONPATH=str(Path(__file__).parent), OMP_WAIT_POLICY="passive"):
        forkserver.ensure_running()
    with TemporaryFile() as output, parsed_projects.parsed_once(folder, arguments):
        written = f"/proc/{os.getpid()}/fd/{output.fileno()}"
        process = PROCESSES.Process(
            target=_dbt, args=(list(arguments), str(folder), dict(environment), written)
        )
        process.start()
        process.join()
        output.seek(0)
        assert process.exitcode is not None
        return process.exitcode, output.read().decode()


def _dbt(arguments: list[str], folder: str, environment: dict[str, str], output: str) -> None:
    """Be the dbt of the command line: its arguments, folder, environment and streams."""
    opened = os.open(output, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(opened, stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["dbt", *arguments]
    from dbt.cli.main import cli

    try:
        cli.main(args=arguments, prog_name="dbt")
    finally:
        # As Python does at its end, which closes the warehouse; a fork ends without.
        atexit._run_exitfuncs()
