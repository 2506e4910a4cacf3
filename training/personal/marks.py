"""The marks `meta: {pii: true}` and `meta: {pii: false}` of columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from training.declared.problems import shown

MARK = "pii"


@dataclass(frozen=True)
class Marks:
    """What a node's YAML says of its columns.

    Parameters
    ----------
    personal, impersonal
        The columns that are marked true and false, by their names in lower case, as the YAML writes them.
    problems
        What is wrong with the marks, one sentence each.
    """

    personal: Mapping[str, str] = field(default_factory=dict)
    impersonal: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def marks_of(node: Any) -> Marks:
    """Return the marks of a node of dbt."""
    values = dict(_values(node))
    problems = [
        f"{node.name}: columns.{name}.config.meta.pii is {shown(value)}; it must be true or false."
        for name, value in values.items()
        if not isinstance(value, bool)
    ]
    problems += [
        f"{node.name}: columns.{name}.config.meta.{key} is not a mark: write pii, in lower case."
        for name, column in _columns(node).items()
        for key in meta_of(column)
        if str(key).lower() == MARK != key
    ]
    if MARK in meta_of(node):
        problems.append(
            f"{node.name}: config.meta.pii stands on the whole {node.resource_type}; it marks single columns: move it "
            "to columns: in the YAML, under config: meta: of each."
        )
    return Marks(
        {name.lower(): name for name, value in values.items() if value is True},
        {name.lower(): name for name, value in values.items() if value is False},
        tuple(problems),
    )


def meta_of(part: Any) -> Mapping[str, Any]:
    """Return the meta of a node or a column, be it written under `config` or beside it."""
    config = getattr(part, "config", None)
    return {**(getattr(part, "meta", None) or {}), **(getattr(config, "meta", None) or {})}


def _columns(node: Any) -> Mapping[str, Any]:
    return getattr(node, "columns", None) or {}


def _values(node: Any) -> Iterator[tuple[str, object]]:
    for name, column in _columns(node).items():
        meta = meta_of(column)
        if MARK in meta:
            yield name, meta[MARK]
