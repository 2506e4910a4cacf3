"""A query with all models that it reads inlined, down to the raw tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from training.data.table_names import EPHEMERAL, Name, Place, named
from training.sql import quoted

ROWS = "training rows"
"""The name of the query's rows in an inlined query; no relation of dbt has a blank in its name."""
FINAL = f"\nselect * from {quoted(ROWS)}"
DEFAULT_SCHEMA = "main"
"""Where DuckDB looks for a relation without a schema."""

Columns = Mapping[str, Mapping[str, str]]
"""The columns of relations and their types, by the relation's name; none of one that is not there."""


@dataclass(frozen=True)
class Node:
    """A relation that a query reads, at one or more removes.

    Parameters
    ----------
    database, schema, identifier
        Where dbt puts it.
    query
        The compiled SQL of a model; None for what is read as it stands in the warehouse: seeds, sources,
        snapshots and models in Python.
    is_table
        Whether dbt keeps the model's rows, so that they are computed once.
    is_ephemeral
        Whether the model has no relation.
    is_attached
        Whether it lies in another database than that of the target.
    reads
        Names of the relations that it reads itself.
    """

    database: str
    schema: str
    identifier: str
    query: str | None = None
    is_table: bool = False
    is_ephemeral: bool = False
    is_attached: bool = False
    reads: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name as a user writes it."""
        return ".".join(self._parts)

    @property
    def sql(self) -> str:
        """The name as SQL has it, without the target's database, so that the file may be renamed."""
        return ".".join(map(quoted, self._parts))

    @property
    def own_name(self) -> str:
        """The last part of the name, by which a query may call its columns."""
        return EPHEMERAL + self.identifier if self.is_ephemeral else self.identifier

    @property
    def places(self) -> tuple[Place, ...]:
        """The names by which a query may read it."""
        database, schema, identifier = (
            part.lower() for part in (self.database, self.schema, self.identifier)
        )
        if self.is_ephemeral:
            return ((self.own_name.lower(),),)
        places: list[Place] = [(database, schema, identifier)]
        if not self.is_attached:
            places.append((schema, identifier))
        if schema == DEFAULT_SCHEMA:
            places += (
                [(database, identifier)] if self.is_attached else [(database, identifier), (identifier,)]
            )
        return tuple(places)

    @property
    def _parts(self) -> Place:
        parts = (self.database, self.schema, self.identifier)
        return parts if self.is_attached else parts[1:]


@dataclass(frozen=True)
class Step:
    """A query that reads raw tables and the steps before it.

    Parameters
    ----------
    name
        The name of its rows, not quoted.
    query
        The query.
    is_table
        Whether its rows are computed once, however many steps read them.
    """

    name: str
    query: str
    is_table: bool


def inlined(steps: Sequence[Step]) -> str:
    """Return one query of steps."""
    parts = [
        f"{quoted(step.name)} as {'materialized ' if step.is_table else ''}(\n{step.query}\n)"
        for step in steps
    ]
    return "with " + ",\n".join(parts) + FINAL


def steps_of(nodes: Sequence[Node], query: str, columns: Columns) -> list[Step]:
    """Return a query that reads nothing but raw tables, after the queries of all models that it reads.

    Parameters
    ----------
    nodes
        What the query reads, each after what it reads itself.
    query
        The query, which is the last step, with the name `ROWS`.
    columns
        By model, the columns of its relation and their types: a contract puts them in order, and `select *`
        depends on it. One that is not there is what its query gives.
    """
    made = []
    for node in nodes:
        if node.query is not None:
            cast = ", ".join(
                f"cast({quoted(name)} as {kind}) as {quoted(name)}"
                for name, kind in columns.get(node.name, {}).items()
            )
            text = _rewritten(node.query, nodes)
            made.append(Step(node.name, f"select {cast} from (\n{text}\n)" if cast else text, node.is_table))
    return [*made, Step(ROWS, _rewritten(query, nodes), False)]


def reading(query: str, name: str) -> str:
    """Return the query that gives the rows of a model within an inlined query."""
    return f"{query.removesuffix(FINAL)}\nselect * from {quoted(name)}"


def digest(nodes: Sequence[Node], query: str) -> str:
    """Return a SHA-256 over the SQL of the query and of every model that it reads."""
    texts = [query, *(f"{node.name}\n{node.query}" for node in nodes if node.query is not None)]
    return sha256("\n\n".join(texts).encode()).hexdigest()


def _rewritten(query: str, nodes: Sequence[Node]) -> str:
    """Return a query that reads models by their inlined names, and raw tables without the target's database."""
    pieces, end = [], 0
    names = named(query, {place: node for node in nodes for place in node.places})
    read = {node.name: name.takes_alias for node, name in names if name.is_table}
    for node, name in names:
        if node.name in read:
            pieces += [query[end : name.start], _replaced(node, name, is_aliased=read[node.name])]
            end = name.end
    return "".join([*pieces, query[end:]]).strip().rstrip(";")


def _replaced(node: Node, name: Name, *, is_aliased: bool) -> str:
    if node.query is None:
        return node.sql
    if not name.is_table:  # it is before a column
        return quoted(node.own_name if is_aliased else node.name)
    return quoted(node.name) + (f" as {quoted(node.own_name)}" if name.takes_alias else "")
