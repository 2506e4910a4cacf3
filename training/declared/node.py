"""A node of dbt's graph as the rules of its blocks need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Node:
    """A model, seed, snapshot or source, and what its YAML says of it.

    Parameters
    ----------
    name
        As users write it: a source's table is ``<source>.<table>``.
    file
        The YAML file that describes it, or its own file where there is none.
    kind
        dbt's ``resource_type``.
    columns
        The columns described, by name: mappings with ``description`` and ``nulls``.
    column_types
        The types that a seed's configuration gives its columns.
    blocks
        Its ``config: meta:``.
    """

    name: str
    file: str
    kind: str
    materialized: str | None = None
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    column_types: Mapping[str, str] = field(default_factory=dict)
    blocks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns; a seed that types its columns may leave them undescribed."""
        return tuple((self.kind == "seed" and self.column_types) or self.columns)

    def sentence(self, text: str) -> str:
        """Return a problem with the place to correct it in."""
        return f"{self.file}: {self.name}: {text}"
