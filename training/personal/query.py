"""Whose values the columns of a query hold: its steps, followed from what it reads to what it gives.

A value comes to a column by what is selected. What rows are filtered, joined, grouped or ordered by decides which rows
there are, and is no value of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.dialects import DuckDB

from training.personal.rows import NONE, Origins, Rows, derived
from training.personal.scope import Scope, Source
from training.personal.values import Values

Read = Callable[[tuple[str, ...]], Rows | None]
"""Gives the rows of a relation by the parts of its name in lower case; None for one that it does not know."""
Tables = Mapping[str, Rows]
"""Common table expressions by name."""

UNKNOWN = Rows({}, NONE)
"""A relation that holds no personal data, whose columns nobody needs to know."""
MOST_ROUNDS = 50
WITHOUT_RIGHT = ("SEMI", "ANTI")
OF_TEXT = ("query", "query_table")
"""Table functions that read what a text names."""


class NotFollowedError(Exception):
    """A query whose steps cannot be followed."""


def follow(query: str, read: Read) -> Rows:
    """Return the columns that a query gives.

    Parameters
    ----------
    query
        The SQL of DuckDB.
    read
        Gives the rows of what it reads.

    Raises
    ------
    NotFollowedError
        If the query is of a kind that cannot be followed.
    """
    try:
        tree = sqlglot.parse_one(query, dialect=DuckDB)
        return _Follower(read).rows(tree, {}, None)
    except NotFollowedError:
        raise
    except Exception as error:  # sqlglot's trees have more shapes than are known here
        raise NotFollowedError from error


class _Follower:
    """Walks through the steps of a query."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def rows(self, node: exp.Expr, tables: Tables, outer: Scope | None) -> Rows:
        """Return the columns of a query."""
        tables = self._with(node, tables, outer)
        match node:
            case exp.Select():
                return self._select(node, tables, outer)
            case exp.SetOperation():
                first = self.rows(node.this, tables, outer)
                second = self.rows(node.expression, tables, outer)
                if isinstance(node, exp.Except):
                    return first
                return first.united(second, by_name=bool(node.args.get("by_name")))
            case exp.Subquery() | exp.Paren():
                return self._relation(node, tables, Scope(outer=outer))[0].rows
            case exp.Values():
                return self._relation(node, tables, Scope(outer=outer))[0].rows
            case exp.Table():
                return self._relation(node, tables, Scope(outer=outer))[0].rows
            case exp.Pivot():
                inner = self._relation(node.this, tables, Scope(outer=outer))[0].rows
                return _pivoted(inner)
            case exp.Summarize():
                inner = self._relation(node.this, tables, Scope(outer=outer))[0].rows
                return Rows({}, derived(inner.all))
            case exp.Describe():
                return UNKNOWN
        raise NotFollowedError

    def _with(self, node: exp.Expr, tables: Tables, outer: Scope | None) -> Tables:
        clause = node.args.get("with_")
        if clause is None:
            return tables
        tables = dict(tables)
        for each in clause.expressions:
            name, names = each.alias.lower(), _names(each.args["alias"])
            query = each.this
            if clause.args.get("recursive") and isinstance(query, exp.SetOperation):
                tables[name] = self.rows(query.this, tables, outer).renamed(names)
                for _ in range(MOST_ROUNDS):
                    grown = self.rows(query, tables, outer).renamed(names)
                    if grown == tables[name]:
                        break
                    tables[name] = grown
            else:
                tables[name] = self.rows(query, tables, outer).renamed(names)
        return tables

    def _select(self, node: exp.Select, tables: Tables, outer: Scope | None) -> Rows:
        scope = Scope(outer=outer)
        if (clause := node.args.get("from_")) is not None:
            scope.sources += self._relation(clause.this, tables, scope)
        for lateral in node.args.get("laterals") or ():
            scope.sources += self._relation(lateral, tables, scope)
        for join in node.args.get("joins") or ():
            self._join(join, tables, scope)
        pairs: list[tuple[str, Origins]] = []
        rest: Origins | None = None
        for each in node.expressions:
            selected = Values(scope, lambda query, inner: self.rows(query, tables, inner)).selected(each)
            for name, origins in selected.pairs():
                pairs.append((name, origins))
                if isinstance(each, exp.Alias):
                    scope.aliases[name.lower()] = scope.aliases.get(name.lower(), NONE) | origins
            if selected.rest is not None:
                rest = (rest or NONE) | selected.rest
        return Rows.of(pairs, rest)

    def _join(self, join: exp.Join, tables: Tables, scope: Scope) -> None:
        joined = self._relation(join.this, tables, scope)
        if join.kind.upper() in WITHOUT_RIGHT or (join.side or "").upper() in WITHOUT_RIGHT:
            return
        merged = tuple(_name(each) for each in join.args.get("using") or ())
        if (join.method or "").upper() == "NATURAL":
            before = {name for source in scope.sources for name in source.rows.columns}
            merged = tuple(name for source in joined for name in source.rows.columns if name in before)
        scope.sources += [replace(source, merged=merged) for source in joined]

    def _relation(self, node: exp.Expr, tables: Tables, scope: Scope) -> list[Source]:
        """Return what a relation of `from` gives: several sources where it is a join in parentheses."""
        alias = node.args.get("alias")
        name, names = (node.alias or "").lower(), _names(alias)
        match node:
            case exp.Table() if isinstance(node.this, exp.Identifier):
                parts = tuple(part.name.lower() for part in node.parts)
                rows = tables[parts[0]] if len(parts) == 1 and parts[0] in tables else self._read(parts)
                sources = [Source(name or parts[-1], (rows or UNKNOWN).renamed(names))]
            case exp.Table() | exp.Unnest():
                arguments = node.this if isinstance(node, exp.Table) else None
                if isinstance(arguments, exp.Anonymous) and arguments.name.lower() in OF_TEXT:
                    raise NotFollowedError
                values = Values(scope, lambda query, inner: self.rows(query, tables, inner))
                used = [arguments] if arguments is not None else node.expressions
                origins = derived(NONE.union(*(values.of(each) for each in used)))
                sources = [Source(name, Rows.of([(each, origins) for each in names], origins))]
            case exp.Lateral():
                inner = self._relation(node.this, tables, scope)
                sources = [Source(name or inner[0].name, inner[0].rows.renamed(names))]
            case exp.Values():
                values = Values(scope, lambda query, inner: self.rows(query, tables, inner))
                origins = NONE.union(*(values.of(each) for each in node.expressions))
                sources = [Source(name, Rows.of([(each, origins) for each in names], origins))]
            case exp.Subquery() | exp.Paren() if isinstance(node.this, exp.Table | exp.Subquery | exp.Paren):
                tables = self._with(node, tables, scope)
                inner = self._relation(node.this, tables, scope)
                if name:
                    joined = Scope(inner)
                    inner = [Source(name, joined.star().renamed(names))]
                sources = inner
            case exp.Subquery() | exp.Paren():
                tables = self._with(node, tables, scope)
                sources = [Source(name, self.rows(node.this, tables, scope).renamed(names))]
            case exp.Query() | exp.Pivot() | exp.Summarize() | exp.Describe():
                sources = [Source(name, self.rows(node, tables, scope).renamed(names))]
            case exp.Explode() | exp.Func():
                values = Values(scope, lambda query, inner: self.rows(query, tables, inner))
                origins = derived(values.of(node))
                sources = [Source(name, Rows({}, origins))]
            case _:
                raise NotFollowedError
        for pivot in node.args.get("pivots") or ():
            pivoted = (pivot.alias or sources[0].name).lower()
            sources = [
                Source(pivoted, _pivoted(Scope(sources).star()).renamed(_names(pivot.args.get("alias"))))
            ]
        if node.args.get("joins"):
            inside = Scope([*sources], outer=scope)
            for join in node.args["joins"]:
                self._join(join, tables, inside)
            sources = inside.sources
        return sources


def _pivoted(rows: Rows) -> Rows:
    """Return rows after a pivot: their columns as they are, and new ones that may hold any of their values."""
    return Rows(rows.columns, derived(rows.all), rows.spelled)


def _names(alias: exp.Expr | None) -> list[str]:
    columns: Iterable[exp.Expr] = (alias.args.get("columns") or ()) if alias is not None else ()
    return [each.name for each in columns]


def _name(node: exp.Expr) -> str:
    return node.name.lower()
