"""What is known of the columns of a relation or of a step of a query: their names, and whose values they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

COPIED, DERIVED, NOT_FOLLOWED = "copied", "derived", "not followed"
MASKED = "masked by "
"""Begins how a value comes to a column that holds it masked; the method follows."""
UNNAMED = "\0"
"""Begins what stands for the name of a column that DuckDB names after the text of its expression."""


@dataclass(frozen=True, order=True)
class Origin:
    """A personal column whose values come to another column.

    Parameters
    ----------
    relation, column
        The column.
    how
        How they come: `COPIED`, `DERIVED`, `NOT_FOLLOWED`, or `MASKED` and a method.
    """

    relation: str
    column: str
    how: str = COPIED


Origins = frozenset[Origin]
NONE: Origins = frozenset()


def derived(origins: Iterable[Origin]) -> Origins:
    """Return the origins of a value that is computed from such values."""
    return frozenset(replace(each, how=DERIVED) if each.how == COPIED else each for each in origins)


def masked(origins: Iterable[Origin], method: str) -> Origins:
    """Return the origins of a value that is made of such values and hides them."""
    return frozenset(
        each if each.how.startswith(MASKED) else replace(each, how=MASKED + method) for each in origins
    )


def not_followed(origins: Iterable[Origin]) -> Origins:
    """Return the origins of a value that may be one of these, or not."""
    return frozenset(
        each if each.how.startswith(MASKED) else replace(each, how=NOT_FOLLOWED) for each in origins
    )


@dataclass(frozen=True)
class Rows:
    """The columns of a relation or of a step of a query.

    Parameters
    ----------
    columns
        The origins of each column that is known by name, in order; names in lower case, as DuckDB compares them.
    rest
        The origins of any column beside them; None if there is none beside them.
    spelled
        Names as they were written, by those in lower case.
    """

    columns: Mapping[str, Origins]
    rest: Origins | None = None
    spelled: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, Origins]], rest: Origins | None = None) -> Rows:
        """Return rows with these columns; one with the name of another gets DuckDB's number."""
        columns: dict[str, Origins] = {}
        spelled: dict[str, str] = {}
        for name, origins in pairs:
            numbered, number = name, 0
            while numbered.lower() in columns:
                number += 1
                numbered = f"{name}_{number}"
            if number and name != UNNAMED:
                # Some places call both by the one name.
                columns[name.lower()] |= origins
            columns[numbered.lower()], spelled[numbered.lower()] = origins, numbered
        return cls(columns, rest, spelled)

    @property
    def all(self) -> Origins:
        """The origins of all columns together."""
        return (self.rest or NONE).union(*self.columns.values())

    @property
    def others(self) -> Origins | None:
        """The origins of any column that is not known by name; None if all are."""
        unnamed = [origins for name, origins in self.columns.items() if name.startswith(UNNAMED)]
        return self.rest if not unnamed else (self.rest or NONE).union(*unnamed)

    def of_column(self, name: str) -> Origins:
        """Return the origins of a column, whether or not it is known by name."""
        return self.columns.get(name.lower(), self.others or NONE)

    def pairs(self) -> Iterator[tuple[str, Origins]]:
        """Yield the columns that are known by name, as they were written."""
        for name, origins in self.columns.items():
            yield self.spelled.get(name, name), origins

    def renamed(self, names: Iterable[str]) -> Rows:
        """Return the rows with other names for the first columns."""
        names = list(names)
        if not names:
            return self
        pairs = list(self.pairs())
        if self.rest is not None:
            unsure = not_followed(self.all)
            return Rows.of([(name, unsure) for name in names], unsure)
        kept = [(name, origins) for name, (_, origins) in zip(names, pairs, strict=False)]
        return Rows.of([*kept, *pairs[len(names) :]])

    def united(self, other: Rows, *, by_name: bool = False) -> Rows:
        """Return the rows of both, one after the other."""
        rest = (
            None if self.rest is None and other.rest is None else (self.rest or NONE) | (other.rest or NONE)
        )
        mine, others = dict(self.pairs()), dict(other.pairs())
        if by_name:
            names = {name.lower(): name for name in [*others, *mine]}
            pairs = [
                (names[key], self.of_column(key) | other.of_column(key)) for key in _ordered(self, other)
            ]
            return Rows.of(pairs, rest)
        if rest is None and len(mine) == len(others):
            zipped = zip(mine.items(), others.values(), strict=True)
            return Rows.of([(name, ours | theirs) for (name, ours), theirs in zipped])
        if list(self.columns) == list(other.columns):
            return Rows.of([(name, ours | other.of_column(name)) for name, ours in mine.items()], rest)
        unsure = not_followed(other.all)
        return Rows.of([(name, ours | unsure) for name, ours in mine.items()], (self.rest or NONE) | unsure)


def _ordered(first: Rows, second: Rows) -> list[str]:
    return list(dict.fromkeys([*first.columns, *second.columns]))
