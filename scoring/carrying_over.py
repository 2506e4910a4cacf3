"""Warehouses that an older release made: columns that version tables lack, and decisions kept in another form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from scoring.decisions import ACCEPT, DECISION_SCHEMA, PROMOTE, ROLLBACK, TABLE
from scoring.digests import DECIDING, DIGEST, scoring_digest
from scoring.places import quoted
from scoring.registry import version_tables
from scoring.version_schema import VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse

DECIDED = frozenset({"sequence", "newest_version", "passing_versions"})
"""The columns by which a table of decisions is recognized."""
OLD_SCHEMA, HISTORY, PROMOTIONS = "ml", "champion_history", "model_promotions"
"""Where releases before the table of decisions kept which version was champion when, and what operators did."""
OLD_VIEWS = (
    "asked_gates",
    "champion_candidates",
    "champion_claims",
    "champions",
    "gate_failures",
    "measured_predictors",
    "model_gates",
    "observed_gates",
    "passing_versions",
    "pin_failures",
    "stored_gates",
)
OLD_TABLES = (HISTORY, PROMOTIONS, "checked_pins", "training_refusals")
"""What they made beside, which nothing reads any more."""


def is_of_an_older_release(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a warehouse has tables that `carry_over` would bring to the form of this release."""
    warehouse = Warehouse(connection)
    old = Relation(warehouse.database, OLD_SCHEMA, HISTORY)
    return (
        any(_missing(warehouse, table) for table in version_tables(warehouse))
        or any(_without(warehouse, table) for table in _decision_tables(warehouse))
        or {"decision_id", "live_from_at"} <= {*warehouse.columns(old)}
    )


def carry_over(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring a warehouse to the form of this release: all of it, or nothing.

    Tables of versions and of decisions get the columns that they lack, null in every row, and versions the digests
    of the rows as they are; from then on a row without a digest is damaged. Periods of champions and actions of
    operators become decisions, so that no champion changes.

    Parameters
    ----------
    connection
        A connection that may write to the warehouse and is in no transaction.
    """
    warehouse = Warehouse(connection)
    tables = version_tables(warehouse)
    lacking = {table: missing for table in tables if (missing := _missing(warehouse, table))}
    old = Relation(warehouse.database, OLD_SCHEMA, HISTORY)
    has_history = {"decision_id", "live_from_at"} <= {*warehouse.columns(old)}
    short = {
        table: missing for table in _decision_tables(warehouse) if (missing := _without(warehouse, table))
    }
    if not lacking and not has_history and not short:
        return
    with warehouse.transaction():
        for table, missing in short.items():
            for column, kind in missing.items():
                warehouse.rows(f"alter table {table.sql} add column {quoted(column)} {kind}")
        for table, missing in lacking.items():
            for column, kind in missing.items():
                warehouse.rows(f"alter table {table.sql} add column {quoted(column)} {kind}")
            if DIGEST in missing:
                _add_digests(warehouse, table)
        if has_history:
            _carry_decisions(warehouse, old, tables)


def _decision_tables(warehouse: Warehouse) -> list[Relation]:
    """Return the tables of decisions."""
    return [table for table in warehouse.relations_with(DECIDED) if table.name == TABLE]


def _without(warehouse: Warehouse, table: Relation) -> dict[str, str]:
    """Return the columns of a decision that a table lacks, and their types."""
    there = {*warehouse.columns(table)}
    missing = [name for name in DECISION_SCHEMA.names if name not in there]
    empty = warehouse.connection.from_arrow(DECISION_SCHEMA.empty_table().select(missing or ["sequence"]))
    return dict(zip(missing, map(str, empty.types), strict=False))


def _missing(warehouse: Warehouse, table: Relation) -> dict[str, str]:
    """Return the columns of a version row that a table lacks, and their types; none of an unknown table."""
    there = {*warehouse.columns(table)}
    missing = [name for name in VERSION_SCHEMA.names if name not in there]
    if not missing or not there >= {*DECIDING}:
        return {}
    empty = warehouse.connection.from_arrow(VERSION_SCHEMA.empty_table().select(missing))
    return dict(zip(missing, map(str, empty.types), strict=True))


def _add_digests(warehouse: Warehouse, table: Relation) -> None:
    rows = warehouse.rows(f"select rowid, {', '.join(DECIDING)} from {table.sql}")
    digests = [
        (scoring_digest(dict(zip(DECIDING, deciding, strict=True))), rowid) for rowid, *deciding in rows
    ]
    if digests:
        warehouse.connection.executemany(f"update {table.sql} set {DIGEST} = ? where rowid = ?", digests)


def _carry_decisions(warehouse: Warehouse, history: Relation, tables: list[Relation]) -> None:
    names = [table.name for table in tables if table.schema == OLD_SCHEMA]
    rows = [row for name in names for row in _decisions(warehouse, history, name)]
    table = history.beside(TABLE)
    warehouse.create(table, DECISION_SCHEMA)
    numbered = [{**row, "sequence": number} for number, row in enumerate(rows, 1)]
    warehouse.append(table, pa.Table.from_pylist(numbered, schema=DECISION_SCHEMA))
    kinds = dict(
        warehouse.rows(
            "select table_name, table_type from information_schema.tables where table_catalog = ? and table_schema = ?",
            [history.database, OLD_SCHEMA],
        )
    )
    for name in (*OLD_VIEWS, *OLD_TABLES):
        if name in kinds:
            kind = "view" if kinds[name] == "VIEW" else "table"
            warehouse.rows(f"drop {kind} {history.beside(name).sql}")


def _decisions(warehouse: Warehouse, history: Relation, model: str) -> Iterator[dict[str, Any]]:
    """Yield what was decided about a model, in the order of the clock, the only one that there was."""
    periods = warehouse.rows(
        f"select version, reason, live_from_at, live_until_at is null from {history.sql} where model_name = ? "
        "order by live_until_at nulls last, live_from_at",
        [model],
    )
    ((newest,),) = warehouse.rows(f"select max(version) from {history.beside(model).sql}")
    passing = _passing(warehouse, history, model)
    actions = _actions(warehouse, history, model)
    acted = {at for at, *_ in actions}
    events = [(at, version, reason, ACCEPT) for version, reason, at, _ in periods if at not in acted]
    events += [(at, version, f"{action}: {reason}", action) for at, version, action, reason in actions]
    events.sort(key=lambda event: event[0])
    if periods and periods[-1][3]:
        # The champion comes last, whatever the clock says. A pin of the seed goes on as a promotion.
        version, reason, at, _ = periods[-1]
        is_pin = reason.startswith("pin:")
        if is_pin or not events or events[-1][1] not in (version, None):
            held = [action for *_, action, _ in actions[-1:] if action in (PROMOTE, ROLLBACK)]
            events.append((at, version, reason, PROMOTE if is_pin else [*held, ACCEPT][0]))
    champion = None
    for at, version, reason, action in events:
        champion = version if version is not None else champion
        yield {
            "model_name": model,
            "version": champion,
            "action": action,
            "reason": reason,
            "is_forced": "(forced)" in reason,
            "newest_version": newest,
            "passing_versions": passing,
            "gates": [],
            "decided_at": at,
        }


def _actions(warehouse: Warehouse, history: Relation, model: str) -> list[tuple[Any, ...]]:
    promotions = history.beside(PROMOTIONS)
    if not warehouse.columns(promotions):
        return []
    return warehouse.rows(
        f"select decided_at, version, action, reason from {promotions.sql} where model_name = ? order by decided_at",
        [model],
    )


def _passing(warehouse: Warehouse, history: Relation, model: str) -> list[int]:
    try:
        rows = warehouse.rows(
            f"select version from {history.beside('passing_versions').sql} where model_name = ? order by 1",
            [model],
        )
    except duckdb.Error:  # a view that names the file as it was called then; the next build judges anew
        return []
    return [version for (version,) in rows]
