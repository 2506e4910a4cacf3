"""Whether two engines built the same tables: every column of every row, compared by the grain of the table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from scoring.places import literal, quoted

TOLERANCE = 1e-12
"""By what part of their size floating-point numbers may differ, as sums in another order do."""
WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DECIMAL\(\d+,0\)")
FLOAT = re.compile(r"DOUBLE|FLOAT")


@dataclass(frozen=True)
class Difference:
    """What of a table is not the same.

    Parameters
    ----------
    what
        A column, or what is there on one side only.
    rows
        In how many rows; None of a column that is missing or of another type.
    first
        The key of the first of them.
    """

    what: str
    rows: int | None = None
    first: str | None = None

    def shown(self, *, with_key: bool = True) -> str:
        """Return it as the command prints it, the key only where it is nobody's data."""
        if self.rows is None:
            return self.what
        first = f", the first of {self.first}" if with_key else ""
        return f"{self.what} in {self.rows:,} row{'' if self.rows == 1 else 's'}{first}"


@dataclass(frozen=True)
class Compared:
    """What a comparison of two tables gave.

    Parameters
    ----------
    rows, columns
        How many there are on the first side, and are compared.
    differences
        None of them if both are equal.
    close
        The columns whose numbers are not all the same, but differ by no more than `TOLERANCE` of their size.
    """

    rows: int
    columns: int
    differences: tuple[Difference, ...]
    close: tuple[str, ...]


def compare(
    connection: duckdb.DuckDBPyConnection, one: str, other: str, key: Sequence[str], names: tuple[str, str]
) -> Compared:
    """Compare two relations of a connection.

    Parameters
    ----------
    connection
        It sees both.
    one, other
        SQL of each.
    key
        The columns that name a row. Where there are none, or rows share them, rows are told apart by all columns that
        hold no floating-point numbers, and in the order of the others.
    names
        What the two sides are called.
    """
    types, other_types = (_types(connection, relation) for relation in (one, other))
    shared = [name for name in types if name in other_types]
    problems = [
        Difference(f"column {name} is on {side} only")
        for side, mine, theirs in ((names[0], types, other_types), (names[1], other_types, types))
        for name in mine
        if name not in theirs
    ]
    problems += [
        Difference(f"column {name} is {types[name]} on {names[0]} and {other_types[name]} on {names[1]}")
        for name in shared
        if _family(types[name]) != _family(other_types[name])
    ]
    by = [name for name in key if name in shared] or [n for n in shared if not FLOAT.fullmatch(types[n])]
    if not shared:
        return Compared(0, 0, tuple(problems), ())
    sql = _comparison(one, other, by, [name for name in shared if name not in by], types)
    result = connection.execute(sql)
    columns = [description[0] for description in result.description or []]
    values = dict(zip(columns, result.fetchall()[0], strict=True))
    for what, side in (("missing", names[1]), ("added", names[0])):
        if values[f"{what} rows"]:
            problems.append(Difference(f"missing on {side}", values[f"{what} rows"], values[f"{what} first"]))
    rest = [name for name in shared if name not in by]
    problems += [
        Difference(name, values[f"{place} differs"], values[f"{place} first"])
        for place, name in enumerate(rest)
        if values[f"{place} differs"]
    ]
    close = tuple(name for place, name in enumerate(rest) if values[f"{place} close"])
    return Compared(values["rows"], len(shared), tuple(problems), close)


def _types(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    rows = connection.execute(f"describe select * from {relation}").fetchall()
    return {str(row[0]): str(row[1]) for row in rows}


def _family(kind: str) -> str:
    return "a whole number" if WHOLE.fullmatch(kind) else kind


def _comparison(
    one: str, other: str, key: Sequence[str], rest: Sequence[str], types: Mapping[str, str]
) -> str:
    """Return the query of one row that counts what differs, and names the first of each kind by its key."""
    keys = ", ".join(map(quoted, key))
    order = ", ".join(f"{quoted(name)} asc nulls first" for name in rest) or "null"
    numbered = f"row_number() over (partition by {keys} order by {order}) as __number, true as __is_there"
    sides = [f"(select *, {numbered} from {side})" for side in (one, other)]
    on = " and ".join(f"one.{name} is not distinct from other.{name}" for name in map(quoted, key))
    shown = ", ', ', ".join(
        f"{literal(f'{name} ')}, coalesce(cast(coalesce(one.{quoted(name)}, other.{quoted(name)}) as varchar), 'null')"
        for name in key
    )
    measures = [
        "count(one.__is_there) as rows",
        *(
            f'count(*) filter (where {side}.__is_there is null) as "{what} rows", '
            f'min(place) filter (where {side}.__is_there is null) as "{what} first"'
            for what, side in (("missing", "other"), ("added", "one"))
        ),
    ]
    for place, name in enumerate(rest):
        left, right = f"one.{quoted(name)}", f"other.{quoted(name)}"
        differs = f"one.__is_there = other.__is_there and {left} is distinct from {right}"
        close = "false"
        if FLOAT.fullmatch(types[name]):  # NaN is no greater than NaN, and infinity than infinity
            close = (
                f"coalesce(isfinite({left} - {right}) and "
                f"abs({left} - {right}) <= {TOLERANCE!r} * greatest(abs({left}), abs({right})), false)"
            )
        measures += [
            f'count(*) filter (where {differs} and not {close}) as "{place} differs"',
            f'min(place) filter (where {differs} and not {close}) as "{place} first"',
            f'count(*) filter (where {differs} and {close}) as "{place} close"',
        ]
    return (
        f"select {', '.join(measures)} from (select one, other, concat({shown}) as place from {sides[0]} as one "
        f"full join {sides[1]} as other on {on} and one.__number = other.__number)"
    )
