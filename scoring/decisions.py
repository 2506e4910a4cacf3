"""Which version of a model may score: the last row of the append-only table ``decisions`` beside its versions.

Rows are ordered by their sequence number, never by the clock. A build appends one where it judged something
new, an operator where a version is promoted, rolled back to, or released. No other place says which version
is the champion: SQL, the command line and Python all read this table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any

import duckdb
import pyarrow as pa

from scoring.authorship import commit_of, user
from scoring.errors import DecisionsError
from scoring.warehouse import Relation, Warehouse

TABLE = "decisions"
ONE_AT_A_TIME = RLock()
"""Two decisions at once would have the same sequence number. Other processes wait for the file."""

ACCEPT, REFUSE, PIN, REFUSE_PIN, HOLD, WAIT = "accept", "refuse", "pin", "refuse_pin", "hold", "wait"
PROMOTE, ROLLBACK, RELEASE = "promote", "rollback", "release"
"""The actions: of a build, and of an operator."""
REFUSALS = (REFUSE, REFUSE_PIN)
HOLDING = (PROMOTE, ROLLBACK)
"""The actions of an operator that hold until the next action of an operator."""

VERDICTS = pa.list_(
    pa.struct(
        {
            "version": pa.int32(),
            "metric": pa.string(),
            "dataset": pa.string(),
            "comparison": pa.string(),
            "slice_column": pa.string(),
            "slice_value": pa.string(),
            "severity": pa.string(),
            "threshold": pa.float64(),
            "slice_min_rows": pa.int32(),
            "observed": pa.float64(),
            "is_passed": pa.bool_(),
            "left_out": pa.string(),
            "is_declared_today": pa.bool_(),
            "is_declared_at_training": pa.bool_(),
            "message": pa.string(),
        }
    )
)
DECISION_SCHEMA = pa.schema(
    {
        "sequence": pa.int64(),
        "model_name": pa.string(),
        "version": pa.int32(),
        "action": pa.string(),
        "reason": pa.string(),
        "is_forced": pa.bool_(),
        "newest_version": pa.int32(),
        "passing_versions": pa.list_(pa.int32()),
        "gates": VERDICTS,
        "decided_at": pa.timestamp("us"),
        "decided_by": pa.string(),
        "dbt_invocation_id": pa.string(),
        "git_commit": pa.string(),
        "challenger": pa.int32(),
        "challenger_share": pa.float64(),
    }
)
"""Columns of a decision, in order."""


@dataclass(frozen=True)
class Decision:
    """One decision.

    Parameters
    ----------
    model_name
        The model.
    version
        The version that may score from now on; None if none may.
    action, reason
        What was done, and why.
    is_forced
        Whether an operator overrode the gates.
    newest_version
        The newest version at that time; None if there was none.
    passing_versions
        The versions that met the gates they were trained under, or meet those of today.
    gates
        The verdict of every gate on every version.
    sequence
        The place in the order of all decisions of the schema.
    decided_at, decided_by, dbt_invocation_id, git_commit
        When in UTC, and by whom: the user of the system, the run of dbt and the commit of the project.
    challenger, challenger_share
        The version that scores a share of the rows in the champion's stead, and that share.
    """

    model_name: str
    version: int | None
    action: str
    reason: str
    is_forced: bool = False
    newest_version: int | None = None
    passing_versions: tuple[int, ...] = ()
    gates: tuple[Mapping[str, Any], ...] = ()
    sequence: int = 0
    decided_at: datetime | None = None
    decided_by: str | None = None
    dbt_invocation_id: str | None = None
    git_commit: str | None = None
    challenger: int | None = None
    challenger_share: float | None = None

    def differs(self, last: Decision | None) -> bool:
        """Return whether this says anything that the decision before did not."""
        if last is None:
            return True
        facts = (
            *("version", "newest_version", "passing_versions", "gates"),
            *("challenger", "challenger_share"),
        )
        if any(repr(getattr(self, name)) != repr(getattr(last, name)) for name in facts):
            return True
        is_held = self.action == HOLD and last.action in (*HOLDING, HOLD)
        return not is_held and (self.action, self.reason) != (last.action, last.reason)


@dataclass(frozen=True)
class Past:
    """The decisions about a model so far.

    Parameters
    ----------
    last
        The one that holds; None if there is none.
    operator
        The last one of an operator.
    since
        The one since which the champion scores.
    champions
        The versions that scored, the latest first, each period once.
    """

    last: Decision | None = None
    operator: Decision | None = None
    since: Decision | None = None
    champions: tuple[int, ...] = field(default=())

    @property
    def champion(self) -> int | None:
        """The version that may score now."""
        return None if self.last is None else self.last.version

    @property
    def held(self) -> Decision | None:
        """The promotion or rollback that holds until it is released."""
        return self.operator if self.operator is not None and self.operator.action in HOLDING else None


def table_beside(versions: Relation) -> Relation:
    """Return the table of decisions about the model whose versions a table holds."""
    return versions.beside(TABLE)


def champion(warehouse: Warehouse, versions: Relation) -> int | None:
    """Return the number of the version that scores, whether or not its row is sound; None if none does.

    Raises
    ------
    scoring.errors.DecisionsError
        If the table cannot be read.
    """
    table = table_beside(versions)
    try:
        rows = warehouse.rows(
            f"select version from {table.sql} where lower(model_name) = lower(?) order by sequence desc limit 1",
            [versions.name],
        )
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        if not warehouse.columns(table):  # nothing was decided yet
            return None
        raise DecisionsError.unreadable(str(table), str(error).splitlines()[0]) from error
    return rows[0][0] if rows and isinstance(rows[0][0], int) else None


def past(warehouse: Warehouse, versions: Relation) -> Past:
    """Return the decisions about a model so far.

    Raises
    ------
    scoring.errors.DecisionsError
        If a relation of the table's name holds something else, or it cannot be read.
    """
    table = table_beside(versions)
    columns = warehouse.columns(table)
    if not columns:
        return Past()
    if missing := [name for name in DECISION_SCHEMA.names if name not in columns]:
        raise DecisionsError.taken(str(table), missing)
    try:
        light = ", ".join(name for name in DECISION_SCHEMA.names if name != "gates")
        rows = warehouse.arrow(
            f"""
            select {light}, case when sequence = max(sequence) over () then gates end as gates
            from {table.sql} where lower(model_name) = lower(?) order by sequence
            """,
            [versions.name],
        ).to_pylist()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise DecisionsError.unreadable(str(table), str(error).splitlines()[0]) from error
    decisions = [_from_row(row) for row in rows]
    operators = [one for one in decisions if one.action in (*HOLDING, RELEASE)]
    champions: list[int] = []
    since: Decision | None = None
    for one in decisions:
        if since is None or since.version != one.version:
            since = one
            if one.version is not None:
                champions.append(one.version)
    return Past(
        decisions[-1] if decisions else None,
        operators[-1] if operators else None,
        since,
        tuple(champions[::-1]),
    )


def append(
    warehouse: Warehouse,
    versions: Relation,
    decision: Decision,
    *,
    invocation: str | None,
    folder: str | Path | None,
) -> Decision:
    """Append a decision with its sequence number, and return it; the caller holds `ONE_AT_A_TIME`.

    Parameters
    ----------
    invocation
        The id of the run of dbt.
    folder
        The folder of the project, whose commit is kept.
    """
    table = table_beside(versions)
    warehouse.create(table, DECISION_SCHEMA)
    ((latest,),) = warehouse.rows(f"select coalesce(max(sequence), 0) from {table.sql}")
    kept = replace(
        decision,
        sequence=latest + 1,
        decided_at=datetime.now(UTC).replace(tzinfo=None),
        decided_by=user(),
        dbt_invocation_id=invocation,
        git_commit=commit_of(folder),
    )
    values = {**asdict(kept), "gates": [dict(gate) for gate in kept.gates]}
    warehouse.append(table, pa.Table.from_pylist([values], schema=DECISION_SCHEMA))
    return kept


def _from_row(row: Mapping[str, Any]) -> Decision:
    lists = {name: tuple(row[name] or ()) for name in ("passing_versions", "gates")}
    return Decision(**{**row, **lists, "is_forced": bool(row["is_forced"])})


def commit_of_run(warehouse: Warehouse, versions: Relation, invocation: str | None) -> str | None:
    """Return the commit of the project in a run of dbt that decided about a model; None if it is unknown."""
    table = table_beside(versions)
    if invocation is None or not warehouse.columns(table):
        return None
    commits = warehouse.rows(
        f"select git_commit from {table.sql} where dbt_invocation_id = ? and lower(model_name) = lower(?) "
        "order by sequence limit 1",
        [invocation, versions.name],
    )
    return commits[0][0] if commits else None
