"""Checks of the installation: Python, libraries, the dbt package, the command line, disk space, variables."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires
from importlib.metadata import version as version_of
from pathlib import Path

from scoring import installed_package
from scoring.doctor.findings import Check, Finding
from scoring.errors import DbtPackageError

LEAST_SPACE = 1 << 30
EXTRAS = ("dbt", "training")
"""What a project needs beside the scoring host's libraries."""
LIBGOMP = "libgomp"
COMPILED = ("duckdb", "onnxruntime", "lightgbm")
LOAD = """
import importlib, sys
for module in sys.argv[1:]:
    try:
        importlib.import_module(module)
        print(module, end="\\t\\n", flush=True)
    except ModuleNotFoundError as error:
        is_missing = error.name == module
        print(module, "" if is_missing else error, sep="\\t", flush=True)
    except Exception as error:
        print(module, " ".join(str(error).split()), sep="\\t", flush=True)
"""
"""What a process of its own runs, as a library may end it; what is not installed is reported elsewhere."""


def python(folder: Path) -> Iterator[Finding]:
    """Check the version of Python and the platform."""
    from packaging.specifiers import SpecifierSet

    here = ".".join(map(str, sys.version_info[:3]))
    supported = str(metadata(installed_package.DISTRIBUTION)["Requires-Python"])
    if here not in SpecifierSet(supported):
        yield Finding(
            f"Python is {here}; warehouse-ml needs {supported}.",
            "python3.13 -m venv .venv, then install into it again",
        )


def libraries(folder: Path) -> Iterator[Finding]:
    """Check that each library is installed, in a version that the distribution takes."""
    from packaging.requirements import Requirement

    for text in requires(installed_package.DISTRIBUTION) or []:
        requirement = Requirement(text)
        extras = [
            extra for extra in EXTRAS if requirement.marker and requirement.marker.evaluate({"extra": extra})
        ]
        if requirement.marker and not extras:
            continue
        wanted = f"{requirement.name}{requirement.specifier}"
        extra = f"[{extras[0]}]" if extras else ""
        try:
            here = version_of(requirement.name)
        except PackageNotFoundError:
            yield Finding(
                f"{requirement.name} is not installed; warehouse-ml{extra} needs {wanted}.",
                f"{sys.executable} -m pip install '{wanted}'",
            )
            continue
        if not requirement.specifier.contains(here, prereleases=True):
            yield Finding(
                f"{requirement.name} is {here}; warehouse-ml{extra} needs {wanted}.",
                f"{sys.executable} -m pip install '{wanted}'",
            )


def loading(folder: Path) -> Iterator[Finding]:
    """Check that libraries with compiled parts can be loaded; LightGBM needs a library of the system."""
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *COMPILED], capture_output=True, text=True, check=False
    )
    outcomes = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    for module in COMPILED:
        reason = outcomes.get(module, f"the process ended with {done.returncode}")
        if not reason:
            continue
        is_openmp = LIBGOMP in reason or "libomp" in reason
        system = "brew install libomp" if sys.platform == "darwin" else "apt-get install libgomp1"
        yield Finding(
            f"{module} cannot be loaded, so that no model is trained or scored: {reason}",
            system if is_openmp else f"{sys.executable} -m pip install --force-reinstall {module}",
        )
        if module not in outcomes:
            return  # those after it were not tried


def dbt_package(folder: Path) -> Iterator[Finding]:
    """Check that the distribution has its dbt package, and in the same version."""
    try:
        package = installed_package.folder()
    except DbtPackageError as error:
        yield Finding(str(error), "pip install --force-reinstall warehouse-ml, from where it was installed")
        return
    of_package, here = installed_package.name_and_version(package)[1], installed_package.version()
    if of_package != here:
        yield Finding(
            f"The dbt package in {package} is version {of_package}, and the installed distribution is {here}: "
            "their macros and "
            "Python code do not fit.",
            "pip install --editable . in a clone, otherwise pip install --force-reinstall warehouse-ml",
        )


def command_line(folder: Path) -> Iterator[Finding]:
    """Check that `dbt` and `warehouse-ml` on the path are those of this environment."""
    here = Path(sys.executable).parent
    for name in ("dbt", "warehouse-ml"):
        path = shutil.which(name)
        own = here / name
        if path is not None and own.exists() and Path(path).resolve() != own.resolve():
            yield Finding(
                f"The command {name} is {path}, of another environment than this one, {here}: it does not see "
                "what is installed here.",
                f"source {here / 'activate'}",
            )


def disk_space(folder: Path) -> Iterator[Finding]:
    """Check that there is space for a warehouse."""
    free = shutil.disk_usage(folder).free
    if free < LEAST_SPACE:
        yield Finding(
            f"The disk of {folder.resolve()} has {free / (1 << 20):,.0f} MiB left; a build that fills it "
            "fails half-way.",
            f"du -xh {folder.resolve()} | sort -h | tail, and remove what is not needed",
        )


def variables(folder: Path) -> Iterator[Finding]:
    """Check variables that lead dbt or the command line elsewhere."""
    own, dbts = os.environ.get("WAREHOUSE_ML_WAREHOUSE"), os.environ.get("WAREHOUSE_PATH")
    if own and dbts and Path(own).resolve() != Path(dbts).resolve():
        yield Finding(
            "WAREHOUSE_ML_WAREHOUSE and WAREHOUSE_PATH name different files: dbt builds one, and "
            "warehouse-ml reads the other.",
            "unset WAREHOUSE_ML_WAREHOUSE",
        )
    for name in ("WAREHOUSE_ML_WAREHOUSE", "WAREHOUSE_PATH"):
        path = os.environ.get(name)
        if path and path != ":memory:" and not Path(path).parent.is_dir():
            yield Finding(
                f"{name} names a file in a folder that is not there.", f"mkdir -p {Path(path).parent}"
            )
    for name in ("DBT_PROJECT_DIR", "DBT_PROFILES_DIR"):
        path = os.environ.get(name)
        if path and not Path(path).is_dir():
            yield Finding(
                f"{name} names a folder that is not there, so that dbt finds no project.", f"unset {name}"
            )


CHECKS = (
    Check("Python", python),
    Check("libraries and their versions", libraries),
    Check("compiled libraries load", loading),
    Check("the dbt package of the distribution", dbt_package),
    Check("commands on the path", command_line),
    Check("disk space", disk_space),
    Check("environment variables", variables),
)
