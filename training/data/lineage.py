"""A training query with all models that it reads inlined, down to the raw tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from training.sql import quoted

ROWS = "training rows"
"""The name of the training rows in an inlined query; no relation of dbt has a blank in its name."""
FINAL = f"\nselect * from {quoted(ROWS)}"
NOT_AN_ALIAS = (
    "anti|asof|cross|except|for|from|full|group|having|inner|intersect|join|lateral|left|limit|natural|offset|on|order|"
    "pivot|positional|qualify|right|sample|select|semi|tablesample|union|unpivot|using|where|window"
)
"""Words that can follow a table without being its alias."""
_TEXT = r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/)"""
"""What may hold the name of a relation without reading it: texts, other names, comments."""
_ALIAS = re.compile(rf"\s+(?:as\s|(?!(?:{NOT_AN_ALIAS})\b)[\"\w])", re.IGNORECASE)


@dataclass(frozen=True)
class Node:
    """A relation that a training query reads, at one or more removes.

    Parameters
    ----------
    database, schema, identifier
        Where dbt puts it.
    query
        The compiled SQL of a model; None for what is read as it stands in the warehouse: seeds, sources,
        snapshots and models in Python.
    is_table
        Whether dbt keeps the model's rows, so that they are computed once.
    reads
        Names of the relations that it reads itself.
    """

    database: str
    schema: str
    identifier: str
    query: str | None = None
    is_table: bool = False
    reads: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as a user writes it."""
        return f"{self.schema}.{self.identifier}"

    @property
    def sql(self) -> str:
        """The name as SQL has it, without the database, so that the file may be renamed."""
        return f"{quoted(self.schema)}.{quoted(self.identifier)}"


def inlined(nodes: Sequence[Node], query: str, columns: Mapping[str, Mapping[str, str]]) -> str:
    """Return one query that reads nothing but raw tables.

    Parameters
    ----------
    nodes
        What the query reads, each after what it reads itself.
    query
        The training query.
    columns
        By model, the columns of its relation and their types: a contract puts them in order, and `select *`
        depends on it.
    """
    parts = []
    for node in nodes:
        if node.query is not None:
            kept = "materialized " if node.is_table else ""
            cast = ", ".join(
                f"cast({quoted(name)} as {kind}) as {quoted(name)}"
                for name, kind in columns[node.name].items()
            )
            parts.append(
                f"{quoted(node.name)} as {kept}(\nselect {cast} from (\n{_rewritten(node.query, nodes)}\n)\n)"
            )
    parts.append(f"{quoted(ROWS)} as (\n{_rewritten(query, nodes)}\n)")
    return "with " + ",\n".join(parts) + FINAL


def is_read(node: Node, query: str) -> bool:
    """Return whether a query names a relation; a model may also depend on one that it only waits for."""
    return any(match["text"] is None for match in _pattern(node).finditer(query))


def reading(query: str, name: str) -> str:
    """Return the query that gives the rows of a model within an inlined query."""
    return f"{query.removesuffix(FINAL)}\nselect * from {quoted(name)}"


def digest(nodes: Sequence[Node], query: str) -> str:
    """Return a SHA-256 over the SQL of the training query and of every model that it reads."""
    texts = [query, *(f"{node.name}\n{node.query}" for node in nodes if node.query is not None)]
    return sha256("\n\n".join(texts).encode()).hexdigest()


def _rewritten(query: str, nodes: Sequence[Node]) -> str:
    """Return a query that reads models by their inlined names, and raw tables without database."""
    for node in nodes:
        query = _pattern(node).sub(lambda match, node=node: _read(node, match), query)  # type: ignore[misc]
    return query.strip().rstrip(";")


def _read(node: Node, match: re.Match[str]) -> str:
    if match["text"] is not None:
        return match["text"]
    if node.query is None:
        return node.sql
    if match.string.startswith(".", match.end()):  # a column of the relation
        return quoted(node.identifier)
    is_named = _ALIAS.match(match.string, match.end()) is not None
    name = quoted(node.name)
    return name if is_named else f"{name} as {quoted(node.identifier)}"


def _pattern(node: Node) -> re.Pattern[str]:
    """Return what a reference to a relation looks like, quoted or not, or else a text as a whole."""
    database, schema, identifier = (
        rf"(?:{re.escape(quoted(name))}|{re.escape(name)})"
        for name in (node.database, node.schema, node.identifier)
    )
    return re.compile(
        rf'(?<![\w".])(?:{database}\.)?{schema}\.{identifier}(?![\w"])|{_TEXT}', re.IGNORECASE | re.DOTALL
    )
