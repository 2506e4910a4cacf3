"""The personal data of one relation, and how it is known that a node reads another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from training.data.lineage import DEFAULT_SCHEMA, Node
from training.personal.rows import Rows

MARKED, DECLARED = "marked", "declared"
"""How a column is personal by its own mark, or is not although values of a personal one come to it."""
ANY = "*"
"""Stands for a column that is not known by name."""
NAMED_AFTER_VALUES = "columns that a pivot names after values"
"""Stands for their names, which may be personal themselves."""
OF_VERSIONS = ("ml_model", "ml_monitor")
"""Materializations whose tables hold none of the rows that their queries give."""
QUARANTINE, RAW_ROW = "model.warehouse_ml.quarantine", "raw_row"
"""The table of rejected raw rows, and its column that holds them."""


@dataclass(frozen=True, order=True)
class Trace:
    """How a personal column came to another one.

    Parameters
    ----------
    path
        The columns on the way, relation and name, from the one that is marked.
    how
        See `training.personal.rows`; also `MARKED` and `DECLARED`.
    """

    path: tuple[str, ...]
    how: str


Traces = tuple[Trace, ...]


@dataclass(frozen=True)
class Carried:
    """The personal data of a relation.

    Parameters
    ----------
    columns
        By name, how each personal column came to be it.
    rest
        The same of any column that is not known by name.
    hidden
        Columns to which values come masked, or that are declared not to be personal.
    shape
        All columns as far as the query shows them; None where there is no query to follow.
    inputs
        Where there is none: the personal columns that it reads, each with its relation.
    missing
        Columns that are marked, and are not there.
    is_named_after_values
        Whether a pivot, here or before, may have named columns after personal values; their names are not shown.
    """

    columns: Mapping[str, Traces] = field(default_factory=dict)
    rest: Traces = ()
    hidden: tuple[tuple[str, Trace], ...] = ()
    shape: Rows | None = None
    inputs: tuple[tuple[str, str, Traces], ...] = ()
    missing: tuple[str, ...] = ()
    is_named_after_values: bool = False


NOTHING = Carried()


def at(traces: Traces, place: str) -> Traces:
    """Return traces that end at another column."""
    return tuple(Trace((*each.path[:-1], place), each.how) for each in traces)


def has_query(node: Any) -> bool:
    """Return whether SQL makes the rows of a node."""
    return node.resource_type in ("model", "snapshot") and getattr(node, "language", "sql") == "sql"


def pattern(relations: Iterable[Node]) -> re.Pattern[str]:
    """Return what matches the name of one of some relations, as a query or a Python file writes it."""
    names = []
    for each in relations:
        schema, identifier = re.escape(each.schema), re.escape(each.identifier)
        names.append(rf'\b{schema}"?\s*\.\s*"?{identifier}\b')
        if each.schema.lower() == DEFAULT_SCHEMA:
            names.append(rf'\b(?:from|join)\s+"?{identifier}\b')
    return re.compile("|".join(names) or r"(?!)", re.IGNORECASE)


def names_one(node: Any, names: re.Pattern[str]) -> bool:
    """Return whether a node's file names a relation itself, where others write `ref`."""
    return names.search(getattr(node, "raw_code", "") or "") is not None
