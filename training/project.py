"""Where the dbt project lies: the paths in a configuration are relative to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

FOLDER_VARIABLE = "dbt_project_folder"
"""The DuckDB variable in which the dbt plugin leaves the project's folder."""

_folder: ContextVar[Path] = ContextVar("_folder")


@contextmanager
def project_folder(folder: str | None) -> Iterator[None]:
    """Let paths be relative to a folder meanwhile; None stands for the working folder."""
    token = _folder.set(Path(folder or ""))
    try:
        yield
    finally:
        _folder.reset(token)


def located(path: str) -> Path:
    """Return where a path of the configuration leads; an absolute one stays as it is."""
    return _folder.get(Path()) / path
