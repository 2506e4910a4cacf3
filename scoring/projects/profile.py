"""A look at a table: of each column its type, its nulls, how many values it has, and whether it holds personal data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from scoring.places import quoted
from scoring.projects.origins import READ
from scoring.projects.personal import personal_by_content
from scoring.projects.words import personal_by_name

EXACT_UP_TO = 200_000
"""Rows up to which all distinct values are counted; beyond, an estimate says where that is needed."""
SAMPLE, SAMPLED = "sample_looked_at", 20_000
FEW_VALUES = 20
"""Text of at most so many values is of categories, not of persons."""
CHUNK = 100
"""Columns to a query: the engine takes minutes to plan one of thousands of aggregates."""
INTEGERS = {
    "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column as it was looked at.

    Parameters
    ----------
    type, kind
        DuckDB's name for the type; whole, number, boolean, text, instant or other.
    nulls
        Rows without a value, those that are NaN included.
    distinct
        Values other than null; estimated in large tables, but for columns that may be a key.
    personal
        What personal data it is likely to hold; None if none.
    """

    name: str
    type: str
    nulls: int
    distinct: int
    personal: str | None = None

    @property
    def kind(self) -> str:
        """The kind of its values."""
        if self.type in INTEGERS:
            return "whole"
        if self.type in ("FLOAT", "DOUBLE") or self.type.startswith("DECIMAL"):
            return "number"
        if self.type == "BOOLEAN":
            return "boolean"
        if self.type in ("VARCHAR", "UUID") or self.type.startswith("ENUM"):
            return "text"
        if self.type == "DATE" or self.type.startswith("TIMESTAMP"):
            return "instant"
        return "other"

    @property
    def is_learnable(self) -> bool:
        """Whether a model can learn from it, or tell a row by it."""
        return self.kind != "other" and self.type != "UUID"


@dataclass(frozen=True)
class Profile:
    """A table as it was looked at."""

    rows: int
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column | None:
        """Return a column, whatever the case of its name."""
        same = [column for column in self.columns if column.name == name]
        return next(iter(same or [each for each in self.columns if each.name.lower() == name.lower()]), None)

    def is_unique(self, column: Column) -> bool:
        """Return whether every row has a value, and each another one."""
        return column.nulls == 0 and column.distinct == self.rows > 0


def look(connection: duckdb.DuckDBPyConnection, *, personal: frozenset[str] = frozenset()) -> Profile:
    """Look at the rows of `READ`, and leave a sample of them in the temporary table `SAMPLE`.

    Parameters
    ----------
    personal
        Columns that are declared to be personal data, in lower case.
    """
    described = [(name, kind) for name, kind, *_ in connection.execute(f"describe {READ}").fetchall()]
    ((rows,),) = connection.execute(f"select count(*) from {READ}").fetchall()
    connection.execute(
        f"create temporary table {SAMPLE} as select * from {READ} "
        f"{'' if rows <= SAMPLED else f'using sample reservoir({SAMPLED} rows) repeatable (1)'}"
    )
    counted = list(_counted(connection, described, rows))
    texts = [
        name
        for (name, kind), (_, distinct) in zip(described, counted, strict=True)
        if kind == "VARCHAR" and distinct > FEW_VALUES
    ]
    contents = personal_by_content(connection, SAMPLE, texts)
    columns = []
    for (name, kind), (values, distinct) in zip(described, counted, strict=True):
        declared = "declared as personal data" if name.lower() in personal else None
        suspect = declared or personal_by_name(name) or contents.get(name)
        is_flag = kind == "BOOLEAN" or (distinct <= 2 and values > 2)
        columns.append(
            Column(name, kind, rows - values, distinct, None if is_flag and not declared else suspect)
        )
    return Profile(rows, tuple(columns))


def _counted(
    connection: duckdb.DuckDBPyConnection, described: Sequence[tuple[str, str]], rows: int
) -> Iterator[tuple[int, int]]:
    """Yield of each column the number of values and of distinct values."""
    count = "count(distinct {0})" if rows <= EXACT_UP_TO else "approx_count_distinct({0})"
    for start in range(0, len(described), CHUNK):
        chunk = described[start : start + CHUNK]
        cells = [
            f"nullif({quoted(name)}, 'nan')" if kind in ("FLOAT", "DOUBLE") else quoted(name)
            for name, kind in chunk
        ]
        aggregates = ", ".join(f"count({value}), {count.format(value)}" for value in cells)
        (answer,) = connection.execute(f"select {aggregates} from {READ}").fetchall()
        for place, value in enumerate(cells):
            values, distinct = answer[2 * place], answer[2 * place + 1]
            if rows > EXACT_UP_TO and values == rows and distinct > 0.8 * rows:
                ((distinct,),) = connection.execute(f"select count(distinct {value}) from {READ}").fetchall()
            yield values, distinct
