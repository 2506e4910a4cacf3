"""What an expression of a query can name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from training.personal.rows import NONE, Origins, Rows, derived, not_followed


@dataclass(frozen=True)
class Source:
    """What a query selects from.

    Parameters
    ----------
    name
        Its alias, or its name, in lower case.
    rows
        Its columns.
    merged
        The columns of `using`, which stand for those of the sources before too.
    """

    name: str
    rows: Rows
    merged: tuple[str, ...] = ()


@dataclass
class Scope:
    """What an expression can name: sources, the columns selected so far, and what is around the query."""

    sources: list[Source] = field(default_factory=list)
    aliases: dict[str, Origins] = field(default_factory=dict)
    outer: Scope | None = None

    def column(self, parts: Sequence[str]) -> Origins:
        """Return the origins of a column by the parts of its name."""
        for position in range(len(parts) - 2, -1, -1):
            if (rows := self._source(parts[position])) is not None:
                return rows.of_column(parts[position + 1])
        return self._bare(parts[0])

    def star(self) -> Rows:
        """Return the columns of `*`."""
        pairs: list[tuple[str, Origins]] = []
        rest: Origins | None = None
        for source in self.sources:
            merged = set(source.merged)
            for name, origins in source.rows.pairs():
                if name.lower() in merged:
                    pairs = [
                        (column, before | origins if column.lower() == name.lower() else before)
                        for column, before in pairs
                    ]
                    if any(column.lower() == name.lower() for column, _ in pairs):
                        continue
                pairs.append((name, origins))
            if source.rows.rest is not None:
                rest = (rest or NONE) | source.rows.rest
        return Rows.of(pairs, rest)

    def of_source(self, name: str) -> Rows:
        """Return the columns of one source."""
        rows = self._source(name)
        return self.star() if rows is None else rows

    @property
    def all(self) -> Origins:
        """The origins of everything in sight."""
        mine = NONE.union(*(source.rows.all for source in self.sources))
        return mine if self.outer is None else mine | self.outer.all

    def _source(self, name: str) -> Rows | None:
        for source in self.sources:
            if source.name == name.lower():
                return source.rows
        return None if self.outer is None else self.outer._source(name)

    def _bare(self, name: str) -> Origins:
        key = name.lower()
        holding = [source.rows.columns[key] for source in self.sources if key in source.rows.columns]
        if holding:
            return NONE.union(*holding)
        if key in self.aliases:
            return self.aliases[key] | self._rest
        if (rows := self._source(name)) is not None:  # the whole row, as a struct
            return derived(rows.all)
        if self.outer is not None:
            return self._rest | self.outer._bare(name)
        is_open = any(source.rows.others is not None for source in self.sources)
        return self._rest if is_open else not_followed(self.all)

    @property
    def _rest(self) -> Origins:
        return NONE.union(*(source.rows.others or NONE for source in self.sources))
