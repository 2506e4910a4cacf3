"""Whether a model waits although its data have changed, as the policy ``retrain`` of its block is not due."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import duckdb

from scoring.warehouse import Relation, Warehouse
from training.declared.spec import ModelSpec
from training.history import read_columns
from training.sql import quoted

if TYPE_CHECKING:
    from training.distributed.whole import Whole


@lru_cache(maxsize=1)
def unseen_rows(invocation: str | None) -> dict[str, int]:
    """Return how many rows the newest version of each model did not see, by the model's table, as a run counted them.

    The model's node counts them, and its decision is made at the end of the run, in the same process.
    """
    return {}


def waits(
    warehouse: Warehouse,
    versions: Relation,
    spec: ModelSpec,
    rows: duckdb.DuckDBPyRelation,
    *,
    whole: Whole | None = None,
    is_made_alike: bool,
    table: Relation | None,
    invocation: str,
) -> bool:
    """Return whether a model is not to be trained, as its policy is not due, and count the rows that are new to it.

    Whatever is not new data trains the model all the same: a first version, another block, other code, other columns.

    Parameters
    ----------
    spec
        The model's block.
    rows
        The training query, which is not run.
    whole
        All rows, where the query gives the columns alone; None where it gives the rows.
    is_made_alike
        Whether the newest version was made with the same block and code.
    table
        The table of retrain decisions.
    invocation
        The id of the run of dbt.
    """
    if spec.retrain is None or not is_made_alike:
        return False
    if spec.retrain.new_rows is not None:
        unseen_rows(invocation)[versions.sql] = _count_unseen(rows, warehouse, versions, spec.time, whole)
    columns = {name.lower() for name in rows.columns}
    return not _is_due(warehouse, table, versions.name) and read_columns(warehouse, versions) == columns


def _count_unseen(
    rows: duckdb.DuckDBPyRelation,
    warehouse: Warehouse,
    versions: Relation,
    time: str | None,
    whole: Whole | None,
) -> int:
    """Return how many rows are later than all that the newest version saw; without a time, how many more."""
    ((seen, latest),) = warehouse.rows(
        "select list_sum([part.rows for part in split.parts]), list_max([part.ends_at for part in split.parts]) "
        f"from {versions.sql} order by version desc limit 1"
    )
    if whole is not None:
        count = whole.count_later(time, latest)
        return count if time is not None and latest is not None else max(0, count - int(seen or 0))
    if time is not None and latest is not None:
        later = rows.filter(f"cast({quoted(time)} as timestamp) > timestamp '{latest}'")
        return int(later.aggregate("count(*)").fetchall()[0][0])
    return max(0, int(rows.aggregate("count(*)").fetchall()[0][0]) - int(seen or 0))


def _is_due(warehouse: Warehouse, table: Relation | None, model: str) -> bool:
    """Return whether the last decision about a model is to train it; no decision is none to train."""
    if table is None or not warehouse.columns(table):
        return False
    last = warehouse.rows(
        f"select is_due from {table.sql} where lower(model_name) = lower(?) order by decided_at desc limit 1",
        [model],
    )
    return bool(last and last[0][0])
