"""dbt as a process: run it in a project, and read the project and its profile as dbt does."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from scoring.errors import ProjectError

DBT = (sys.executable, "-c", "from dbt.cli.main import cli; cli(prog_name='dbt')")
"""The dbt of this environment, whatever the path has."""
READ_PROFILE = """
import json, os, sys
from argparse import Namespace
from dbt.config.runtime import load_profile
from dbt.flags import set_from_args
from dbt_common.context import set_invocation_context
set_invocation_context(os.environ)
set_from_args(Namespace(PROFILES_DIR=sys.argv[1], PROJECT_DIR="."), None)
credentials = load_profile(".", {}, target_override=sys.argv[2] or None).credentials
plugins = [
    getattr(plugin, "module", None) or plugin["module"] for plugin in getattr(credentials, "plugins", None) or []
]
path = getattr(credentials, "path", "")
attached = [
    each.path
    for each in getattr(credentials, "attach", None) or []
    if each.read_only and each.type in (None, "duckdb")
]
spark = {key: getattr(credentials, key, None) for key in ("master", "remote", "folder", "server_side_parameters")}
print(json.dumps({"type": credentials.type, "path": path, "plugins": plugins, "attached": attached, **spark}))
"""
"""What a process with dbt runs: it prints what a target of a project is."""


def run(folder: Path, *arguments: str) -> int:
    """Run dbt in the folder of a project, with its output on the standard streams, and return its exit code."""
    need_dbt()
    command = [*DBT, *arguments]
    return subprocess.run(command, cwd=folder, env=_environment(), check=False).returncode


def parse(folder: Path) -> dict[str, Any]:
    """Return the manifest of a project, parsed anew.

    Raises
    ------
    scoring.errors.ProjectError
        If dbt cannot parse the project.
    """
    need_dbt()
    command = [*DBT, "--quiet", "--no-use-colors", "parse"]
    done = subprocess.run(
        command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        raise ProjectError.not_parsed(" ".join(lines[-4:]) or done.stderr.strip()[-300:])
    return manifest(folder)


def manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest that dbt left in the folder of a project."""
    target = os.environ.get("DBT_TARGET_PATH") or "target"
    loaded: dict[str, Any] = json.loads((folder / target / "manifest.json").read_text(encoding="utf-8"))
    return loaded


def warehouse_of(folder: Path) -> Path:
    """Return the DuckDB file of a project's default target, as dbt reads the profile.

    Raises
    ------
    scoring.errors.ProjectError
        If dbt cannot read it.
    """
    return folder / str(credentials_of(folder)["path"])


@cache
def credentials_of(folder: Path, target: str | None = None) -> dict[str, Any]:
    """Return what a target of a project is, by default the default one, as dbt reads the profile.

    Its type, plugins, path and attached DuckDB files, or what the session of Spark is opened with.

    Raises
    ------
    scoring.errors.ProjectError
        If dbt cannot read it.
    """
    need_dbt()
    profiles = os.environ.get("DBT_PROFILES_DIR") or (
        "." if (folder / "profiles.yml").is_file() else str(Path.home() / ".dbt")
    )
    command = [sys.executable, "-c", READ_PROFILE, profiles, target or ""]
    done = subprocess.run(
        command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise ProjectError.bad_profile((done.stderr.strip().splitlines() or ["no reason"])[-1])
    credentials: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return credentials


def need_dbt() -> None:
    """Check that dbt and its adapter are installed here.

    Raises
    ------
    scoring.errors.ProjectError
        If they are not.
    """
    for module in ("dbt.cli", "dbt.adapters.duckdb", "lightgbm"):
        try:
            is_there = importlib.util.find_spec(module) is not None
        except ModuleNotFoundError:
            is_there = False
        if not is_there:
            raise ProjectError.without_dbt(f"no module {module}")


def _environment() -> dict[str, str]:
    """Return the variables for dbt: those that would lead it to another project are left out."""
    return {name: text for name, text in os.environ.items() if name not in ("DBT_PROJECT_DIR",)}
