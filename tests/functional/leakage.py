"""Compare a warehouse built as of a cutoff with one built later."""

from __future__ import annotations

import duckdb
from project import Project

CUTOFF = "2013-03-10 13:30:00"
"""The morning after the change to summer time."""

FEATURES = "features.flight_delay_features"


def differences(late: Project, early: Project, relation: str, *, condition: str) -> dict[str, int]:
    """Return in how many rows each column differs; a row in one of the two only differs in its key.

    ``condition`` is the condition, on the later warehouse, for the rows that the earlier one must have.
    """
    with duckdb.connect() as connection:
        for name, project in (("late", late), ("early", early)):
            connection.execute(f"attach '{project.warehouse}' as {name} (read_only)")
        columns = connection.sql(f"from late.{relation} limit 0").columns
        assert columns == connection.sql(f"from early.{relation} limit 0").columns
        counts = ", ".join(
            f"count(*) filter (where late.{column} is distinct from early.{column})" for column in columns
        )
        compared = connection.sql(
            f"select {counts} from (from late.{relation} where {condition}) as late "
            f"full join early.{relation} as early on late.flight_id = early.flight_id"
        ).fetchall()[0]
    return {column: count for column, count in zip(columns, compared, strict=True) if count}


def instants_after(project: Project, cutoff: str) -> dict[str, int]:
    """Return how many rows of the marts and features hold an instant past the cutoff, schedules aside."""
    columns = project.query(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where schema_name in ('marts', 'features') and data_type = 'TIMESTAMP' "
        "and column_name not in ('scheduled_departure_at', 'scheduled_arrival_at')"
    )
    counts = {
        f"{table}.{column}": project.query(
            f"select count(*) from {table} where {column} > timestamp '{cutoff}'"
        )[0][0]
        for table, column in columns
    }
    assert len(counts) > 20
    return {name: count for name, count in counts.items() if count}
