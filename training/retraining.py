"""Which models the next build trains: the rows of ``monitoring.retrain_decisions``, written at the end of a build."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from scoring import decisions
from scoring.warehouse import Relation, Warehouse
from training.declared.retrain import RetrainPolicy, policy_of
from training.waiting import unseen_rows

DECISIONS = pa.schema(
    {
        "model_name": pa.string(),
        "version": pa.int32(),
        "policy": pa.string(),
        "is_due": pa.bool_(),
        "reason": pa.string(),
        "is_trained": pa.bool_(),
        "age_days": pa.float64(),
        "new_rows": pa.int64(),
        "drifting_features": pa.int64(),
        "live_metric": pa.float64(),
        "as_of": pa.timestamp("us"),
        "decided_at": pa.timestamp("us"),
        "dbt_invocation_id": pa.string(),
    }
)
"""The columns of a retrain decision, in order."""
NO_POLICY = "no policy: the next build trains whatever has changed"
NEVER = "never: only a changed block, changed code or --full-refresh trains it"
MOST_NAMED = 5


def decide(connection: duckdb.DuckDBPyConnection, request: str) -> None:
    """Append the decision about each model that a build built.

    Parameters
    ----------
    connection
        A connection to the warehouse, in no transaction.
    request
        JSON: ``table``, the table of decisions; ``models``, of each its ``relation`` and its block ``config``;
        ``monitors``, their tables; ``as_of``, the instant of the build as ISO text in UTC, null for now;
        ``invocation``.
    """
    fields = json.loads(request)
    warehouse = Warehouse(connection)
    table, now = Relation(*fields["table"]), datetime.now(UTC).replace(tzinfo=None)
    as_of = datetime.fromisoformat(fields["as_of"]) if fields["as_of"] else now
    monitors = [
        each for each in (Relation(*names) for names in fields["monitors"]) if warehouse.columns(each)
    ]
    rows = []
    for model in fields["models"]:
        versions = Relation(*model["relation"])
        facts = _facts(
            warehouse, versions, table, monitors, as_of, fields["invocation"], model["config"] or {}
        )
        policy = policy_of(model["config"])
        reasons, others = _judged(policy, facts)
        written = (model["config"] or {}).get("retrain")
        rows.append(
            {
                "model_name": versions.name,
                "version": facts.version,
                "policy": json.dumps(written) if written else None,
                "is_due": policy is None or bool(reasons),
                "reason": NO_POLICY if policy is None else "; ".join(reasons or others) or NEVER,
                "is_trained": facts.is_trained,
                "age_days": None if facts.age is None else facts.age / timedelta(days=1),
                "new_rows": facts.new_rows,
                "drifting_features": None if facts.drifting is None else len(facts.drifting),
                "live_metric": facts.live,
                "as_of": as_of,
                "decided_at": now,
                "dbt_invocation_id": fields["invocation"],
            }
        )
    warehouse.append(table, pa.Table.from_pylist(rows, DECISIONS))


@dataclass(frozen=True)
class Facts:
    """What a policy is judged by.

    Parameters
    ----------
    version, age
        The newest version, and how old it is at the instant of the build; None where there is none.
    champion
        The version that scores; None where none may.
    is_trained
        Whether this build made it.
    new_rows
        How many rows it did not see; None where no policy asks.
    drifting
        The features that drift in the latest judged period of the champion; None where there is no such period.
    live
        The policy's metric over the latest period with labels; None where there is none.
    """

    version: int | None
    age: timedelta | None
    champion: int | None
    is_trained: bool
    new_rows: int | None
    drifting: list[str] | None
    live: float | None


def _facts(
    warehouse: Warehouse,
    versions: Relation,
    table: Relation,
    monitors: list[Relation],
    as_of: datetime,
    invocation: str,
    config: Mapping[str, Any],
) -> Facts:
    newest = warehouse.rows(
        f"select version, created_at, dbt_invocation_id from {versions.sql} order by version desc limit 1"
    )
    version, created_at, made_by = newest[0] if newest else (None, None, None)
    is_trained = version is not None and made_by == invocation
    if (
        made_by is not None and not is_trained
    ):  # it may be of an as-of build, whose instant is not the clock's
        built = warehouse.rows(
            f"select as_of from {table.sql} where dbt_invocation_id = ? limit 1", [made_by]
        )
        created_at = built[0][0] if built else created_at
    champion = decisions.champion(warehouse, versions)
    policy = policy_of(config)
    metric = policy.performance.metric if policy and policy.performance else None
    drifting, live = None, None
    for monitor in monitors if champion is not None else []:
        drifting = _drifting(warehouse, monitor, versions.name, champion or 0, drifting)
        if metric is not None and live is None:
            live = _live(warehouse, monitor, versions.name, champion or 0, metric)
    return Facts(
        version=version,
        age=None if created_at is None else timedelta() if is_trained else as_of - created_at,
        champion=champion,
        is_trained=is_trained,
        new_rows=0 if is_trained else unseen_rows(invocation).get(versions.sql),
        drifting=drifting,
        live=live,
    )


def _drifting(
    warehouse: Warehouse, monitor: Relation, model: str, version: int, so_far: list[str] | None
) -> list[str] | None:
    rows = warehouse.rows(
        f"""
        with entries as (
            select period_start, unnest(drift) as entry from {monitor.sql}
            where model_name = ? and version = ? and role = 'champion' and slice_column is null
        ),
        judged as (
            select period_start, entry.feature as feature, entry.verdict as verdict from entries
            where entry.compared_with = 'training' and entry.verdict in ('stable', 'warn', 'drift')
        )
        select distinct feature, verdict = 'drift' as is_drifting from judged
        where period_start = (select max(period_start) from judged) order by feature
        """,
        [model, version],
    )
    if not rows:
        return so_far
    # Two monitors of a model may see the same feature drift.
    return sorted({*(so_far or []), *(feature for feature, is_drifting in rows if is_drifting)})


def _live(warehouse: Warehouse, monitor: Relation, model: str, version: int, metric: str) -> float | None:
    rows = warehouse.rows(
        f"""
        with entries as (
            select period_start, unnest(metrics) as entry from {monitor.sql}
            where model_name = ? and version = ? and role = 'champion' and slice_column is null
        )
        select entry.value from entries where entry.metric = ? and isfinite(entry.value)
        order by period_start desc limit 1
        """,
        [model, version, metric],
    )
    return float(rows[0][0]) if rows else None


def _judged(policy: RetrainPolicy | None, facts: Facts) -> tuple[list[str], list[str]]:
    """Return the reasons of a policy that hold, and what is said of those that do not."""
    if facts.version is None:
        return ["there is no version yet"], []
    if policy is not None and policy.has_reasons and facts.champion is None:
        return ["no version scores"], []
    judged = [] if policy is None else list(_each(policy, facts))
    return [text for holds, text in judged if holds], [text for holds, text in judged if not holds]


def _each(policy: RetrainPolicy, facts: Facts) -> Iterator[tuple[bool, str]]:
    if policy.oldest is not None and facts.age is not None:
        age = f"version {facts.version} is {round(facts.age / timedelta(days=1), 1):g} days old"
        yield facts.age > policy.oldest, f"{age} (max_age {policy.max_age})"
    if policy.drift is not None:
        names = facts.drifting or []
        more = f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else ""
        named = f": {', '.join(names[:MOST_NAMED])}{more}" if names else ""
        drifted = (
            "no period is judged yet" if facts.drifting is None else f"{len(names)} features drift{named}"
        )
        yield len(names) >= policy.drift, f"{drifted} (drift {policy.drift})"
    if policy.performance is not None:
        low, high, live = policy.performance.min, policy.performance.max, facts.live
        is_worse = live is not None and (
            (low is not None and live < low) or (high is not None and live > high)
        )
        limit = f"max {high:g}" if low is None else f"min {low:g}"
        value = "has no labels yet" if live is None else f"is {live:.6g}"
        yield is_worse, f"live {policy.performance.metric} {value} (performance {limit})"
    if policy.new_rows is not None and facts.new_rows is not None:
        yield facts.new_rows >= policy.new_rows, f"{facts.new_rows} new rows (new_rows {policy.new_rows})"
