"""Columns that decide the label alone: copies of it, and what is known only afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from scoring.places import quoted
from scoring.projects.profile import Column

MOST_BINS, ROWS_OF_A_BIN, FEWEST = 50, 20, 5
"""Numbers are divided into bins of at least some rows; groups of fewer rows than the last say nothing."""
DECIDES_CLASS, DECIDES_NUMBER = 0.98, 0.99
"""The share of the error, or of the variance, that a column alone must explain to be a suspect."""


def leaking(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    label: Column,
    columns: Sequence[Column],
    *,
    is_number: bool,
) -> dict[str, float]:
    """Return the share of the label that a column explains alone, for those that explain nearly all of it.

    Classes: the share of the error of the commonest class that disappears where each group of the column's
    values gets its own commonest class. Numbers: the squared correlation, of the values or of their ranks, or
    the share of variance between the groups of a text.

    Parameters
    ----------
    relation
        A sample of the rows.
    is_number
        Whether the label is predicted as a number.
    """
    least = DECIDES_NUMBER if is_number else DECIDES_CLASS
    reached = {}
    for column in columns:
        query = (
            _share_of_variance(relation, label, column)
            if is_number
            else _share_of_error(relation, label, column)
        )
        answer = connection.execute(query).fetchone()
        if answer is not None and answer[0] is not None and answer[0] >= least:
            reached[column.name] = float(answer[0])
    return reached


def _share_of_error(relation: str, label: Column, column: Column) -> str:
    return f"""
        with labelled as (
            select {quoted(label.name)}::varchar as label, {_groups(column)} as cell
            from {relation} where {quoted(label.name)} is not null
        ),
        classes as (select count(*) as n from labelled group by label),
        commonest as (select max(n) / sum(n) as share, sum(n) as total from classes),
        cells as (
            select sum(n) as size, max(n) as most
            from (select cell, label, count(*) as n from labelled group by all) group by cell
        )
        select 1 - (1 - sum(case when size >= {FEWEST} then most else size * share end) / any_value(total))
            / nullif(1 - any_value(share), 0)
        from cells cross join commonest
    """


def _share_of_variance(relation: str, label: Column, column: Column) -> str:
    y, x = f"{quoted(label.name)}::double", quoted(column.name)
    if column.kind in ("text", "boolean"):
        return f"""
            with labelled as (select {x} as cell, {y} as label from {relation} where {y} is not null),
            cells as (select count(*) as size, var_pop(label) as variance from labelled group by cell)
            select 1 - (sum(size * variance) / nullif(sum(size) - count(*), 0))
                / nullif((select var_samp(label) from labelled), 0)
            from cells having sum(size) > {FEWEST} * count(*)
        """
    number = f"epoch({x})" if column.kind == "instant" else f"{x}::double"
    return f"""
        with labelled as (
            select {number} as x, {y} as y from {relation}
            where {x} is not null and isfinite({number}) and isfinite({y})
        ),
        ranked as (select x, y, rank() over (order by x) as rank_x, rank() over (order by y) as rank_y from labelled)
        select greatest(
            case when count(distinct x) > 2 and count(distinct y) > 2 then pow(corr(rank_x, rank_y), 2) end,
            case when max(abs(x)) < 1e150 and max(abs(y)) < 1e150 and count(distinct x) > 1 and count(distinct y) > 1
                then pow(corr(x, y), 2) end
        )
        from ranked having count(*) >= {ROWS_OF_A_BIN}
    """


def _groups(column: Column) -> str:
    """Return SQL for the group of a value: nulls together, numbers and instants by bins of like many rows."""
    name = quoted(column.name)
    if column.kind in ("text", "boolean") or column.distinct <= FEWEST * 4:
        return f"coalesce({name}::varchar, '')"
    bins = f"greatest(2, least({MOST_BINS}, count({name}) over () / {ROWS_OF_A_BIN}))"
    return f"case when {name} is not null then floor(percent_rank() over (order by {name} nulls last) * {bins}) end"
