"""What dbt parsed of one project, for the next with the same settings: nearly all of it is this package.

dbt compares every file with what it parsed, and parses again what differs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgpack

PARSED = "target/partial_parse.msgpack"
SETTINGS = ("dbt_project.yml", "profiles.yml")
OPTIONS = ("--vars", "--target", "--profile")

_parsed: dict[str, tuple[str, bytes]] = {}
"""The folder of the first project with some settings, and what dbt parsed of it, by a digest of the settings."""


def bring(folder: Path, arguments: Sequence[str]) -> str | None:
    """Give a project that was never parsed what was parsed of one like it; return the digest if there is none yet."""
    if (folder / PARSED).exists() or not all((folder / file).exists() for file in SETTINGS):
        return None
    options = [value for option, value in pairwise(arguments) if option in OPTIONS]
    contents = [(folder / file).read_bytes() for file in SETTINGS]
    digest = hashlib.sha256(b"\0".join([*contents, *(option.encode() for option in options)])).hexdigest()
    if digest not in _parsed:
        return digest
    first, parsed = _parsed[digest]
    (folder / PARSED).parent.mkdir(exist_ok=True)
    (folder / PARSED).write_bytes(moved(parsed, first, str(folder)))
    return None


def keep(folder: Path, digest: str | None) -> None:
    """Keep what dbt parsed, under the digest that `bring` returned."""
    if digest and (folder / PARSED).exists():
        _parsed[digest] = str(folder), (folder / PARSED).read_bytes()


def moved(parsed: bytes, old: str, new: str) -> bytes:
    """Return what dbt parsed in one folder as it parses it in another."""
    return msgpack.packb(_moved(msgpack.unpackb(parsed, strict_map_key=False), old, new))


def _moved(parsed: Any, old: str, new: str) -> Any:
    if isinstance(parsed, dict):
        return {
            key: value.replace(old, new, 1)
            if key in ("project_root", "root_path") and value
            else _moved(value, old, new)
            for key, value in parsed.items()
        }
    return [_moved(value, old, new) for value in parsed] if isinstance(parsed, list) else parsed
