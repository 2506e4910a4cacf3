"""A model that was renamed takes over what the warehouse keeps under its old name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scoring import decisions, sql_forms
from scoring.decisions import ONE_AT_A_TIME
from scoring.monitor_schema import MONITOR_SCHEMA
from scoring.places import literal, quoted
from scoring.registry import MARKS, VERSION_SCHEMA
from scoring.warehouse import Relation, Warehouse
from training.errors import RenamingError

KEY = "renamed_from"
"""The key of the model's block."""


def take_over(
    warehouse: Warehouse,
    versions: Relation,
    config: Mapping[str, Any] | None,
    *,
    models: Sequence[Sequence[str]],
    retrain_decisions: Relation | None,
    invocation: str | None,
    folder: str | None,
) -> list[str]:
    """Move versions, decisions and monitoring from the old name to the new one, once, and return what to report.

    All of it moves in one transaction. Where the model has versions of its own and the old name has none, it was done
    before; where neither has any, this is a warehouse that never knew the old name.

    Parameters
    ----------
    versions
        The table of the model's versions, which is there.
    config
        The model's block as it is written.
    models
        Of all models of the project: database, schema and name of the table, and `renamed_from`.
    retrain_decisions
        The table that says which models are to be trained; None for none.
    invocation, folder
        See `scoring.decisions.append`.

    Raises
    ------
    training.errors.RenamingError
        If the old name is that of another model of the project or of something else, or both have versions.
    """
    name = config.get(KEY) if isinstance(config, Mapping) else None
    if not isinstance(name, str) or not name:
        return []
    old = versions.beside(name)
    if name.lower() == versions.name.lower():
        raise RenamingError.own_name(versions.name)
    with ONE_AT_A_TIME, warehouse.transaction():
        columns = warehouse.columns(old)
        is_new = not warehouse.rows(f"select 1 from {versions.sql} limit 1")
        _check_models(versions, old, models)
        if not columns:
            return [f"there is no {old}: no version is taken over"] if is_new else []
        if not {*columns} >= MARKS or not _is_table(warehouse, old):
            raise RenamingError.no_versions(versions.name, str(old))
        if not warehouse.rows(f"select 1 from {old.sql} limit 1"):
            return []
        if not is_new:
            raise RenamingError.both(versions.name, str(old))
        return [_moved(warehouse, old, versions, columns, retrain_decisions, invocation, folder)]


def _check_models(versions: Relation, old: Relation, models: Sequence[Sequence[str]]) -> None:
    for database, schema, name, renamed_from in models:
        other = Relation(database, schema, name)
        if _folded(other) == _folded(old):
            raise RenamingError.still_there(versions.name, name)
        is_beside = _folded(other.beside("")) == _folded(versions.beside(""))
        if (
            is_beside
            and name.lower() != versions.name.lower()
            and str(renamed_from).lower() == old.name.lower()
        ):
            raise RenamingError.twice(versions.name, name, old.name)


def _moved(
    warehouse: Warehouse,
    old: Relation,
    new: Relation,
    columns: Sequence[str],
    retrain_decisions: Relation | None,
    invocation: str | None,
    folder: str | None,
) -> str:
    """Move everything, and return what to report."""
    before = decisions.past(warehouse, old)
    sql_forms.write(warehouse, old, None)
    kept = ", ".join(quoted(name) for name in VERSION_SCHEMA.names if name in columns)
    ((count,),) = warehouse.rows(
        f"insert into {new.sql} by name select {kept} from (select * replace (? as model_name) from {old.sql})",
        [new.name],
    )
    warehouse.rows(f"drop table {old.sql}")
    _rename(warehouse, decisions.table_beside(new), old, new)
    for table in warehouse.relations_with(MONITOR_SCHEMA.names, database=new.database):
        if _is_table(warehouse, table):
            _rename(warehouse, table, old, new, f"and lower(model_schema) = lower({literal(new.schema)})")
    if retrain_decisions is not None and "model_name" in warehouse.columns(retrain_decisions):
        _rename(warehouse, retrain_decisions, old, new)
    if before.last is not None:
        # What was decided about the new name so far, such as a refusal, is not what holds.
        last = replace(
            before.last, model_name=new.name, reason=f"renamed from {old.name}: {before.last.reason}"
        )
        decisions.append(warehouse, new, last, invocation=invocation, folder=folder)
    return f"took over {count} version{'' if count == 1 else 's'} of {old}"


def _rename(warehouse: Warehouse, table: Relation, old: Relation, new: Relation, condition: str = "") -> None:
    warehouse.rows(
        f"update {table.sql} set model_name = ? where lower(model_name) = lower(?) {condition}",
        [new.name, old.name],
    )


def _is_table(warehouse: Warehouse, relation: Relation) -> bool:
    return bool(
        warehouse.rows(
            "select 1 from duckdb_tables() where database_name = coalesce(?, current_database()) "
            "and lower(schema_name) = lower(?) and lower(table_name) = lower(?)",
            [relation.database, relation.schema, relation.name],
        )
    )


def _folded(relation: Relation) -> str:
    return relation.sql.lower()
