"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, and why it matters, in one sentence; and what fixes it, a command where there is one."""

    what: str
    fix: str


@dataclass(frozen=True)
class Check:
    """A check: what is well where it finds nothing, and how it looks.

    Parameters
    ----------
    title
        What is well, such as ``the versions of the libraries``.
    run
        Yields what is wrong in the folder of a project, or in any folder for checks of the installation.
    """

    title: str
    run: Callable[[Path], Iterator[Finding]]
