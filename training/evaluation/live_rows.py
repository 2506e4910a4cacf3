"""What the monitors of a model measured of its versions beside the champion, on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training.sql import text

LIVE_SCHEMA = pa.schema(
    {
        "version": pa.int32(),
        "metric": pa.string(),
        "model_value": pa.float64(),
        "champion_value": pa.float64(),
        "row_count": pa.float64(),
    }
)
"""One row per version and metric: the values of the version and of the champion, and the version's labelled rows."""

SQL = Path(__file__).with_name("live_rows.sql")


def measured(
    warehouse: Warehouse, versions: Relation, monitors: Sequence[Relation], champion: int | None
) -> pa.Table:
    """Return what was measured of each version in the periods in which the champion was measured too.

    Only periods that begin after the training rows of both count. A version that gave a score that is not finite has
    no value.

    Parameters
    ----------
    versions
        The table of the model's versions.
    monitors
        The tables of its monitors, which need not be there yet.
    champion
        The version that scores; None if there is none.

    Returns
    -------
    pyarrow.Table
        Rows of `LIVE_SCHEMA`.
    """
    tables = [table for table in monitors if {*MONITOR_SCHEMA.names} <= {*warehouse.columns(table)}]
    if champion is None or not tables:
        return LIVE_SCHEMA.empty_table()
    columns = "model_name, version, period, period_start, slice_column, labelled_rows, metrics, measured_at"
    parts = [f"select {text(str(table))} as monitor, {columns} from {table.sql}" for table in tables]
    query = SQL.read_text(encoding="utf-8").format(
        monitors=" union all ".join(parts),
        versions=versions.sql,
        model=text(versions.name),
        champion=int(champion),
    )
    return warehouse.arrow(query).cast(LIVE_SCHEMA)
