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
    """What may be the name of a relation in a query.

    Parameters
    ----------
    place
        The name.
    start, end
        Where it is in the text.
    is_table
        Whether the relation is read there; else the name of a column follows.
    takes_alias
        Whether the relation is read there without an alias, and may have one.
    """

    place: Place
    start: int
    end: int
    is_table: bool
    takes_alias: bool


def named(query: str, relations: Mapping[Place, _Relation]) -> list[tuple[_Relation, Name]]:
    """Return which of some relations a query names, in the order of its text.

    Texts, comments, aliases and common table expressions of the same name are none.
    """
    names: dict[int, Name] = {}
    for name in _names(query):
        if name.place in relations:
            names.setdefault(name.start, name)
    return [(relations[name.place], name) for name in names.values()]


def compared_with(query: str, value: str) -> set[str]:
    """Return the names, in lower case, of the columns that a query compares with a literal."""
    tree = _parsed(query) if value in query else None
    return {
        column.name.lower()
        for literal in (tree.find_all(exp.Literal) if tree is not None else ())
        if literal.this == value and (comparison := literal.find_ancestor(*COMPARISONS))
        for column in comparison.find_all(exp.Column)
    }


@lru_cache(maxsize=256)
def _names(query: str) -> tuple[Name, ...]:
    """Return the names in the order of the text, of those that start together the longest first.

    Where sqlglot does not know the syntax, its tokens show the dotted names.
    """
    tree = _parsed(query)
    names = _dotted(query) if tree is None else [*_tables(tree, query), *_columns(tree)]
    return tuple(sorted(names, key=lambda name: (name.start, -name.end)))


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
            place = tuple(part.name.lower() for part in table.parts)
            yield Name(place, start, table.parts[-1].meta["end"] + 1, True, takes_alias)


def _columns(tree: exp.Expr) -> Iterator[Name]:
    for column in tree.find_all(exp.Column):
        parts = column.parts
        for count in range(2, len(parts)):
            place = tuple(part.name.lower() for part in parts[:count])
            yield Name(place, parts[0].meta["start"], parts[count - 1].meta["end"] + 1, False, False)


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
    """Return the names of two and three parts, and those of ephemeral models, whether of tables or columns."""
    tokens = DuckDB().tokenize(query)
    kinds = [token.token_type for token in tokens] + [TokenType.SEMICOLON]
    no_alias = {TokenType.ALIAS, *DuckDB.Parser.TABLE_ALIAS_TOKENS}
    position = 0
    while position < len(tokens):
        last = position
        while kinds[last + 1] == TokenType.DOT and last + 2 < len(tokens):
            last += 2
        parts = tokens[position : last + 1 : 2]
        takes_alias = kinds[last + 1] not in no_alias and (
            not position or tokens[position - 1].text.lower() not in WITHOUT_ALIAS
        )
        for count in range(1 if parts[0].text.startswith(EPHEMERAL) else 2, min(len(parts), 3) + 1):
            place, is_whole = tuple(part.text.lower() for part in parts[:count]), count == len(parts)
            yield Name(place, parts[0].start, parts[count - 1].end + 1, is_whole, is_whole and takes_alias)
        position = last + 1
