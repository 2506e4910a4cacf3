"""What dbt parsed of one project, for the next with the same settings: nearly all of it is this package.

dbt compares every file with what it parsed, and parses again what differs. With other variables or for another target
it parses everything anew, so that what it parsed with each is kept.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import msgpack

PARSED = "target/partial_parse.msgpack"
PARSED_WITH = "target/partial_parse.settings"
"""A digest of the settings that a project was parsed with."""
SETTINGS = ("dbt_project.yml", "profiles.yml")
OPTIONS = ("--vars", "--target", "--profile")

_kept: list[Path] = []
"""The folder with the place of the first project with some settings and what dbt parsed of it, by their digest."""


def share(folder: Path) -> None:
    """Keep what is parsed in a folder that other processes of the test run have, too."""
    folder.mkdir(exist_ok=True)
    _kept[:] = [folder]


@contextmanager
def parsed_once(folder: Path, arguments: Sequence[str]) -> Iterator[None]:
    """Give a project what was parsed of one with its settings; if nothing was, keep what the run of dbt parses."""
    digest = _digest(folder, arguments)
    is_first = digest is not None and not _bring(folder, digest)
    yield
    if is_first and digest and (folder / PARSED).exists():
        written = _place(f"{digest} by {os.getpid()}")
        written.write_bytes(msgpack.packb((str(folder), (folder / PARSED).read_bytes())))
        written.replace(_place(digest))


def copy(old: Path, new: Path) -> None:
    """Copy what was parsed of a project to a copy of the project."""
    if (old / PARSED).exists():
        (new / PARSED).parent.mkdir(exist_ok=True)
        (new / PARSED).write_bytes(_moved_bytes((old / PARSED).read_bytes(), str(old), str(new)))
        if (old / PARSED_WITH).exists():
            (new / PARSED_WITH).write_text((old / PARSED_WITH).read_text())


def _digest(folder: Path, arguments: Sequence[str]) -> str | None:
    """Return a digest of all that makes dbt parse everything anew; None if it keeps that at another place."""
    if not all((folder / file).exists() for file in SETTINGS) or "--target-path" in arguments:
        return None
    options = [value for option, value in pairwise(arguments) if option in OPTIONS]
    contents = [(folder / file).read_bytes() for file in SETTINGS]
    return hashlib.sha256(b"\0".join([*contents, *(option.encode() for option in options)])).hexdigest()


def _bring(folder: Path, digest: str) -> bool:
    """Return whether the project has what was parsed with these settings."""
    parsed, parsed_with = folder / PARSED, folder / PARSED_WITH
    if parsed.exists() and (not parsed_with.exists() or parsed_with.read_text() == digest):
        return True  # without a digest, dbt ran in another way
    parsed.parent.mkdir(exist_ok=True)
    parsed_with.write_text(digest)
    if not _place(digest).exists():
        parsed.unlink(missing_ok=True)
        return False
    first, text = msgpack.unpackb(_place(digest).read_bytes())
    parsed.write_bytes(_moved_bytes(text, first, str(folder)))
    return True


def _moved_bytes(parsed: bytes, old: str, new: str) -> bytes:
    """Return what dbt parsed in one folder as it parses it in another."""
    return msgpack.packb(_moved(msgpack.unpackb(parsed, strict_map_key=False), old, new))


def _place(name: str) -> Path:
    if not _kept:
        share(Path(mkdtemp(prefix="parsed-")))
    return _kept[0] / name


def _moved(parsed: Any, old: str, new: str) -> Any:
    if isinstance(parsed, dict):
        return {
            key: value.replace(old, new, 1)
            if key in ("project_root", "root_path") and value
            else _moved(value, old, new)
            for key, value in parsed.items()
        }
    return [_moved(value, old, new) for value in parsed] if isinstance(parsed, list) else parsed
