"""The dbt package that belongs to this distribution: carried by the wheel, or the clone that is installed."""

from __future__ import annotations

import os
import re
from importlib.metadata import version as installed_version
from pathlib import Path

from scoring.errors import DbtPackageError

NAME, DISTRIBUTION = "warehouse_ml", "warehouse-ml"
LINK = ".warehouse_ml"
"""What projects call the link to the package: ``packages.yml`` has ``local: .warehouse_ml``."""
_SCORING = Path(__file__).parent


def folder() -> Path:
    """Return the folder of the dbt package.

    Raises
    ------
    scoring.errors.DbtPackageError
        If it is not there, as where files of the installation were removed.
    """
    for candidate in (_SCORING / "dbt_package", _SCORING.parent):
        if name_and_version(candidate)[0] == NAME:
            return candidate
    raise DbtPackageError.missing(str(_SCORING))


def version() -> str:
    """Return the version of the installed distribution."""
    return installed_version(DISTRIBUTION)


def name_and_version(package: Path) -> tuple[str | None, str | None]:
    """Return the name and the version of a dbt project; None for what it does not say."""
    try:
        text = (package / "dbt_project.yml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None, None
    return _value(text, "name"), _value(text, "version")


def link(project: Path) -> Path:
    """Make the project's link to the dbt package, or renew one that leads elsewhere; return where it leads.

    Raises
    ------
    scoring.errors.DbtPackageError
        If something other than a link has its name, or the dbt package is not there.
    """
    target, place = folder(), project / LINK
    if place.exists() and not place.is_symlink():
        raise DbtPackageError.not_a_link(str(place))
    if place.is_symlink() and place.resolve() == target.resolve():
        return target
    made = project / f"{LINK}.{os.getpid()}"
    made.symlink_to(target, target_is_directory=True)
    made.replace(place)  # in one step, also where there is an old one
    return target


def _value(text: str, key: str) -> str | None:
    line = re.search(rf"^{key}: *['\"]?([^'\"#\n]*?)['\"]? *(#.*)?$", text, re.MULTILINE)
    return line[1] if line else None
