"""Who acts, and with which commit of the project: what decisions and runs keep."""

from __future__ import annotations

import getpass
import os
import subprocess
from pathlib import Path

OF_A_REPOSITORY = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_PREFIX")
"""The environment variables by which Git finds another repository than that of the folder."""


def user() -> str | None:
    """Return the name of the user of the system; None of one without a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return None


def commit_of(folder: str | Path | None) -> str | None:
    """Return the commit of the project, with ``+changes`` where files differ from it; None outside of Git."""
    if not folder:
        return None
    try:
        head = subprocess.run(
            [
                "git",
                "-C",
                str(folder),
                "describe",
                "--always",
                "--abbrev=40",
                "--exclude=*",
                "--dirty=+changes",
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
            # A hook of Git sets the repository that it is of, which need not be the project's.
            env={name: value for name, value in os.environ.items() if name not in OF_A_REPOSITORY},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return head.stdout.strip() or None
