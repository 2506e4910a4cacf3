"""Where a query names relations, as sqlglot finds them.

Names are replaced in the text, which sqlglot never writes anew: what it would write otherwise stays as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.dialects import DuckDB
from sqlglot.errors import SqlglotError

EPHEMERAL = "__dbt__cte__"
"""How dbt names an ephemeral model in the SQL of those that read it."""
READ_FROM = (exp.From, exp.Join, exp.Subquery, exp.Pivot)
WITHOUT_ALIAS = ("table", "describe", "show", "summarize")
"""The statements whose table takes no alias."""
COMPARISONS = (exp.LTE, exp.LT, exp.GTE, exp.GT, exp.Between)

Place = tuple[str, ...]
"""The parts of a relation's name in lower case, for DuckDB does not tell cases apart."""
_Relation = TypeVar("_Relation")


@dataclass(frozen=True)
class Name:
    """A dotted name in a query.

    Parameters
    ----------
    parts
        In lower case, without quotes.
    start, ends
        Where the name starts in the text, and where each part of it ends.
    counts
        How many of its first parts may name a relation: all of a table's, fewer of a column's.
    takes_alias
        Whether it is that of a table which has no alias and may have one.
    """

    parts: Place
    start: int
    ends: tuple[int, ...]
    counts: tuple[int, ...]
    takes_alias: bool = False


@dataclass(frozen=True)
class Use:
    """A relation in a query: its name takes the text from `start` to `end`.

    Parameters
    ----------
    place
        The name.
    is_table
        Whether it is read there; else it is before the name of a column.
    takes_alias
        See `Name`.
    """

    place: Place
    start: int
    end: int
    is_table: bool
    takes_alias: bool


def uses(query: str, relations: Mapping[Place, _Relation]) -> list[tuple[_Relation, Use]]:
    """Return which of some relations a query names, in the order of its text.

    Texts, comments, aliases and common table expressions of the same name are none.
    """
    named = []
    for name in names(query):
        for count in name.counts:
            place = name.parts[:count]
            if place in relations:
                is_table = count == len(name.parts)
                use = Use(place, name.start, name.ends[count - 1], is_table, is_table and name.takes_alias)
                named.append((relations[place], use))
                break
    return named


@lru_cache(maxsize=256)
def names(query: str) -> tuple[Name, ...]:
    """Return the names in a query that may be those of relations, in the order of its text.

    Where sqlglot does not know the syntax, its tokens show the dotted names: a relation is then one that has
    just the name of one.
    """
    tree = _parsed(query)
    found = _dotted(query) if tree is None else [*_tables(tree, query), *_columns(tree)]
    return tuple(sorted(found, key=lambda name: name.start))


def compared_with(query: str, value: str) -> set[str]:
    """Return the names, in lower case, of the columns that a query compares with a literal."""
    tree = _parsed(query) if value in query else None
    return {
        column.name.lower()
        for literal in (tree.find_all(exp.Literal) if tree is not None else ())
        if literal.this == value and (comparison := literal.find_ancestor(*COMPARISONS))
        for column in comparison.find_all(exp.Column)
    }


def _parsed(query: str) -> exp.Expr | None:
    """Return the tree of a query; None where sqlglot does not know its syntax."""
    try:
        tree = sqlglot.parse_one(query, dialect=DuckDB)
    except (SqlglotError, RecursionError):
        return None
    return None if isinstance(tree, exp.Command) else tree


def _tables(tree: exp.Expr, query: str) -> Iterator[Name]:
    tables = [table for table in tree.find_all(exp.Table) if isinstance(table.this, exp.Identifier)]
    # Two tables of one name beside each other, each of its own schema, would be one with an alias.
    beside = Counter((id(table.parent_select), table.name.lower()) for table in tables if not table.alias)
    for table in tables:
        if table.db or not _is_cte(table):
            start = table.parts[0].meta["start"]
            takes_alias = (
                not table.alias
                and beside[id(table.parent_select), table.name.lower()] == 1
                and isinstance(table.parent, READ_FROM)
                and not query[:start].rstrip().lower().endswith(WITHOUT_ALIAS[0])
            )
            yield _name(table.parts, (len(table.parts),), takes_alias=takes_alias)


def _columns(tree: exp.Expr) -> Iterator[Name]:
    for column in tree.find_all(exp.Column):
        if len(column.parts) > 2:
            yield _name(column.parts, tuple(range(len(column.parts) - 1, 1, -1)))


def _name(parts: list[exp.Expr], counts: tuple[int, ...], *, takes_alias: bool = False) -> Name:
    return Name(
        tuple(part.name.lower() for part in parts),
        parts[0].meta["start"],
        tuple(part.meta["end"] + 1 for part in parts),
        counts,
        takes_alias,
    )


def _is_cte(table: exp.Table) -> bool:
    """Return whether the name is that of a common table expression which the query sees there."""
    child: exp.Expr = table
    while (parent := child.parent) is not None:
        clause = parent if isinstance(parent, exp.With) else parent.args.get("with_")
        if clause is not None and clause is not child:
            seen = clause.expressions
            if clause is parent:  # from within an expression, those before it
                position = [each is child for each in seen].index(True)
                seen = seen[: position + bool(clause.args.get("recursive"))]
            if any(each.alias.lower() == table.name.lower() for each in seen):
                return True
        child = parent
    return False


def _dotted(query: str) -> Iterator[Name]:
    """Return the names of several parts, and those of ephemeral models."""
    tokens = DuckDB().tokenize(query)
    kinds = [token.token_type for token in tokens] + [TokenType.SEMICOLON]
    position = 0
    while position < len(tokens):
        last = position
        while kinds[last + 1] == TokenType.DOT and last + 2 < len(tokens):
            last += 2
        parts = tokens[position : last + 1 : 2]
        if len(parts) > 1 or parts[0].text.startswith(EPHEMERAL):
            counts = tuple(range(min(len(parts), 3), 0 if len(parts) == 1 else 1, -1))
            takes_alias = (
                kinds[last + 1] not in {TokenType.ALIAS, *DuckDB.Parser.TABLE_ALIAS_TOKENS}
                and tokens[max(position - 1, 0)].text.lower() not in WITHOUT_ALIAS
            )
            ends = tuple(part.end + 1 for part in parts)
            yield Name(tuple(part.text.lower() for part in parts), parts[0].start, ends, counts, takes_alias)
        position = last + 1
