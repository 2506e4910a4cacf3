"""What a new user has: the wheel of this repository, and an environment with nothing in it but a supported Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import NOT_COPIED, ROOT

UV = Path(sys.executable).with_name("uv")


def supported_pythons() -> tuple[str, str]:
    """Return the oldest and the newest Python that the distribution takes."""
    takes = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    match = re.fullmatch(r">=3\.(\d+),<3\.(\d+)", takes)
    assert match, takes
    return f"3.{match[1]}", f"3.{int(match[2]) - 1}"


def copy_of_the_repository(folder: Path) -> Path:
    """Copy what the dbt package and the distribution are made of, and commit it to a repository of its own."""
    shutil.copytree(ROOT, folder, ignore=NOT_COPIED)
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    """Make a folder a repository with one commit."""
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com")
    for arguments in (("init", "--initial-branch", "main"), ("add", "."), ("commit", "--message", "first")):
        subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def wheel_of(repository: Path, folder: Path) -> Path:
    """Build the wheel of a copy of the repository."""
    arguments = ["build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([UV, *arguments, "--out-dir", folder, repository], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def fresh_environment(folder: Path, python: str) -> dict[str, str]:
    """Make an empty environment, and return the variables with which it is active.

    Packages that are installed into it have the locked versions.
    """
    subprocess.run([UV, "venv", "--quiet", "--python", _interpreter(python), folder], check=True)
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "WAREHOUSE_", "PYTHON"))}
    return {
        **inherited,
        "PATH": os.pathsep.join((str(folder / "bin"), str(UV.parent), os.environ["PATH"])),
        "VIRTUAL_ENV": str(folder),
        "UV_CONSTRAINT": str(ROOT / "requirements/dev.txt"),
        "OMP_WAIT_POLICY": "passive",
    }


def _interpreter(python: str) -> str:
    """Find an interpreter on the path, among pyenv's or among uv's."""
    for path in _candidates(python):
        try:
            printed = subprocess.run(
                [path, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"],
                capture_output=True,
                text=True,
            )
        except OSError:
            continue
        if printed.stdout.strip() == python:  # pyenv has a shim for versions that are not active
            return str(path)
    pytest.fail(
        f"Python {python} is missing, which the starter is tested with: install python{python} with the system's "
        f"package manager, or run `pyenv install {python}` or `uv python install {python}`."
    )


def _candidates(python: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        yield Path(folder, f"python{python}")
    yield from Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(
        f"versions/{python}.*/bin/python"
    )
    managed = subprocess.run(
        [UV, "python", "find", "--managed-python", python], capture_output=True, text=True
    )
    if managed.returncode == 0:
        yield Path(managed.stdout.strip())
