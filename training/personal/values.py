"""Whose values an expression of a query holds."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from training.personal.rows import MASKED, NONE, UNNAMED, Origins, Rows, derived, masked, not_followed
from training.personal.scope import Scope

Follow = Callable[[exp.Expr, Scope], Rows]

HASH = "ml_mask"
"""The SQL function that masks by a keyed hash."""
COUNTING = (exp.Count, exp.CountIf, exp.ApproxDistinct)
"""What says how many values there are, as long as it counts a column and not a condition."""
WITHOUT_VALUES = (
    exp.RowNumber,
    exp.Rank,
    exp.DenseRank,
    exp.PercentRank,
    exp.CumeDist,
    exp.Ntile,
    exp.Exists,
    exp.DataType,
)
"""What says how many rows there are, or in which order, and nothing of a value."""
OF_A_MODEL = re.compile("_?(why_no_)?ml_(predict|predict_class|predict_proba|explain)")
"""The functions of models, which have learnt from what was allowed by name and from nothing else."""
UNCHANGED = (exp.Paren, exp.Cast, exp.TryCast, exp.Alias)
PATTERN = re.compile(r"\\(\d)")


class Values:
    """Follows the expressions of a query.

    Parameters
    ----------
    scope
        What they can name.
    follow
        Follows a query within an expression.
    """

    def __init__(self, scope: Scope, follow: Follow) -> None:
        self._scope = scope
        self._follow = follow
        self._bound: set[str] = set()
        self._spread: dict[int, Origins] = {}

    def selected(self, node: exp.Expr) -> Rows:
        """Return the columns that an expression after `select` gives."""
        alias = node.alias if isinstance(node, exp.Alias) else None
        inner = node.this if isinstance(node, exp.Alias) else node
        if _is_star(inner):
            return self._star(inner)
        spread = [each for each in inner.find_all(exp.Columns) if not _is_unpacked(each)]
        if spread:
            return self._spread_over(inner, spread, alias)
        name = alias or (inner.name if isinstance(inner, exp.Column) else "")
        origins = self.of(inner)
        return Rows.of([(name or UNNAMED, origins)])

    def of(self, node: exp.Expr | None) -> Origins:
        """Return the origins of the value of an expression."""
        match node:
            case None:
                return NONE
            case exp.Columns():
                return self._spread.get(id(node), derived(self._chosen(node).all))
            case exp.Star():
                return derived(self._scope.star().all)
            case exp.Column():
                return self._column(node)
            case exp.Subquery() | exp.Query():
                return derived(self._follow(node, self._scope).all)
            case exp.Filter() if isinstance(node.this, COUNTING):
                # A count of the rows that meet a condition is a bit of the value, where a group is one row.
                return derived(self.of(node.this) | self._parts(node.expression))
            case exp.Window() | exp.Filter() | exp.Order() | exp.ArgMax() | exp.ArgMin() | exp.IgnoreNulls():
                return derived(self.of(node.this))
            case exp.WithinGroup():
                return derived(self.of(node.this) | self._parts(node.expression))
            case exp.PositionalColumn():
                return not_followed(self._scope.star().all)
            case exp.Is() if isinstance(node.expression, exp.Null):
                return NONE if _is_plain(node.this) else derived(self.of(node.this))
            case exp.Anonymous() if node.name.lower() == HASH:
                return masked(self._parts(node), "hash")
            case exp.Anonymous() if OF_A_MODEL.fullmatch(node.name.lower()):
                return NONE
            case exp.Case() if (method := _masking(node)) is not None:
                return masked(self._parts(node), method)
            case exp.Lambda() | exp.Comprehension():
                return self._with_names_of_its_own(node)
            case exp.Dot():
                return derived(self._field(node))
        if isinstance(node, COUNTING):
            counted = [each for each in node.iter_expressions() if not _is_plain(each)]
            return derived(NONE.union(*(self.of(each) for each in counted)))
        if isinstance(node, WITHOUT_VALUES):
            return NONE
        if isinstance(node, UNCHANGED):
            return self.of(node.this)
        return derived(self._parts(node))

    def _parts(self, node: exp.Expr) -> Origins:
        return NONE.union(*(self.of(each) for each in node.iter_expressions()))

    def _column(self, node: exp.Column) -> Origins:
        parts = [part.name for part in node.parts]
        if isinstance(node.this, exp.Star):
            return derived(self._scope.of_source(parts[-2]).all)
        if parts[0].lower() in self._bound:
            return NONE
        return self._scope.column(parts)

    def _field(self, node: exp.Dot) -> Origins:
        """Return the origins of a field of a value, or of what a function makes of it: `email.lower()`."""
        first = node.this
        if isinstance(first, exp.Identifier):
            origins = NONE if first.name.lower() in self._bound else self._scope.column([first.name])
        else:
            origins = self.of(first)
        return origins if isinstance(node.expression, exp.Identifier) else origins | self.of(node.expression)

    def _with_names_of_its_own(self, node: exp.Lambda | exp.Comprehension) -> Origins:
        """Return the origins of an expression over the elements of a list, which come in by the list itself."""
        own = node.expressions if isinstance(node, exp.Lambda) else [node.expression]
        before = self._bound
        self._bound = before | {each.name.lower() for each in own if each is not None}
        try:
            return derived(self._parts(node))
        finally:
            self._bound = before

    def _star(self, node: exp.Expr) -> Rows:
        """Return the columns of `*` or `t.*`, with what it excludes, replaces and renames."""
        star = node if isinstance(node, exp.Star) else node.this
        rows = self._scope.star() if isinstance(node, exp.Star) else self._scope.of_source(_path(node)[-2])
        left_out = {each.name.lower() for each in star.args.get("except_") or () if len(_path(each)) == 1}
        for path in (_path(each) for each in star.args.get("except_") or ()):
            if len(path) > 1:  # of one source; the column of another may have the name
                others = [each for each in self._scope.sources if each.name != path[-2].lower()]
                if not any(path[-1].lower() in each.rows.columns for each in others):
                    left_out.add(path[-1].lower())
        replaced = {each.alias.lower(): self.of(each.this) for each in star.args.get("replace") or ()}
        renamed = {each.this.name.lower(): each.alias for each in star.args.get("rename") or ()}
        pairs = [
            (renamed.get(name.lower(), name), replaced.get(name.lower(), origins))
            for name, origins in rows.pairs()
            if name.lower() not in left_out
        ]
        if rows.rest is not None:
            unlisted = {*replaced, *renamed, *left_out} - rows.columns.keys()
            pairs += [
                (renamed.get(name, name), replaced.get(name, rows.rest))
                for name in sorted(unlisted - left_out)
            ]
        return Rows.of(pairs, rows.rest)

    def _chosen(self, node: exp.Columns) -> Rows:
        """Return the columns that `columns(…)` stands for."""
        choice = node.this
        if _is_star(choice):
            return self._star(choice)
        rows = self._scope.star()
        if isinstance(choice, exp.Literal) and choice.is_string:
            try:
                pattern = re.compile(choice.name, re.IGNORECASE)
            except re.error:
                return rows
            return Rows.of([pair for pair in rows.pairs() if pattern.search(pair[0])], rows.rest)
        if isinstance(choice, exp.Array) and all(
            isinstance(each, exp.Literal) for each in choice.expressions
        ):
            return Rows.of([(each.name, rows.of_column(each.name)) for each in choice.expressions])
        return rows

    def _spread_over(self, node: exp.Expr, spread: list[exp.Columns], alias: str | None) -> Rows:
        """Return the columns of an expression that is written once for each column of `columns(…)`."""
        first = self._chosen(spread[0])
        others = [each for each in spread[1:] if each.sql() != spread[0].sql()]
        choices: list[tuple[str, Origins]] = list(first.pairs())
        if first.rest is not None:
            choices.append(("", first.rest))
        pairs: list[tuple[str, Origins]] = []
        rest: Origins | None = None
        for name, origins in choices:
            self._spread = {id(each): origins for each in spread}
            self._spread |= {id(each): not_followed(self._chosen(each).all) for each in others}
            value = self.of(node)
            named = _named(alias, name, spread[0]) if alias else name if node is spread[0] else ""
            if name:
                pairs.append((named or UNNAMED, value))
            else:
                rest = (rest or NONE) | value
        self._spread = {}
        return Rows.of(pairs, rest)


def _named(alias: str, name: str, columns: exp.Columns) -> str:
    """Return the name of one of the columns: in the alias, a backslash and 0 stand for the name it had."""
    groups: list[str] = [name]
    if isinstance(columns.this, exp.Literal) and (match := re.search(columns.this.name, name, re.IGNORECASE)):
        groups += [group or "" for group in match.groups()]
    if not name:
        return ""
    return PATTERN.sub(
        lambda part: groups[int(part[1])] if int(part[1]) < len(groups) else "", alias.replace("\\\\", "\\")
    )


def _masking(node: exp.Case) -> str | None:
    """Return how a value is masked: the macro `mask` writes `case 'masked by …' when 'masked by …' then … end`."""
    subject, branches = node.this, node.args["ifs"]
    if not isinstance(subject, exp.Literal) or not subject.name.startswith(MASKED):
        return None
    is_whole = len(branches) == 1 and branches[0].this == subject and node.args.get("default") is None
    return subject.name.removeprefix(MASKED) if is_whole else None


def _is_plain(node: exp.Expr) -> bool:
    """Return whether an expression is one column, or stands for the whole row."""
    inner = node.expressions[0] if isinstance(node, exp.Distinct) and len(node.expressions) == 1 else node
    return isinstance(inner, exp.Column | exp.Star | exp.Literal)


def _is_star(node: exp.Expr) -> bool:
    return isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star))


def _is_unpacked(node: exp.Columns) -> bool:
    parent = node.parent
    return bool(node.args.get("unpack")) or (
        isinstance(parent, exp.Anonymous) and parent.name.lower() == "unpack"
    )


def _path(node: exp.Expr) -> list[str]:
    return [part.name for part in node.parts] if isinstance(node, exp.Column) else [node.name]
