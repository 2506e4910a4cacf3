"""Old versions lose their artifacts, so that the warehouse does not grow with every training.

What a version was, how good it was and what was decided about it stays: only the bytes that score go, and the row says
when and by whom. Which versions never lose theirs is decided here, for builds and for the command line.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from scoring.authorship import user
from scoring.decisions import Past, past, table_beside
from scoring.registry import PRUNED
from scoring.warehouse import Relation, Warehouse

HEAVY = ("artifact", "native_model", "sql_form")
"""The columns that score or explain, which become null."""


@dataclass(frozen=True)
class Policy:
    """Which versions lose their artifacts.

    Parameters
    ----------
    keep
        How many of the newest versions keep theirs; of those before, the ones that never scored lose them.
    max_age
        How old a version may grow, whether or not it scored; one of the newest `keep` may grow older.
    """

    keep: int | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True)
class Due:
    """A version that is to lose its artifact, and why."""

    version: int
    reason: str
    size: int


def due(warehouse: Warehouse, versions: Relation, policy: Policy, *, held: Collection[int] = ()) -> list[Due]:
    """Return the versions of a model that a policy takes the artifacts of.

    Never among them: the champion, the version to roll back to, the second version of an A/B test, the newest version,
    which scores in shadow, and those that are held.

    Parameters
    ----------
    versions
        The table of the model's versions.
    held
        The versions that the model's block names.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If the decisions about the model cannot be read.
    """
    rows = warehouse.rows(
        f"""
        select version, created_at, octet_length(artifact) + coalesce(octet_length(native_model::blob), 0)
        from {versions.sql}
        where artifact is not null
        -- Which of two rows with a number is the version, nobody can say.
        qualify version > 0 and count(*) over (partition by version) = 1
        order by version desc
        """
    )
    before = past(warehouse, versions)
    ((newest,),) = warehouse.rows(f"select max(version) from {versions.sql}")
    protected = {newest, *_in_use(before), *held}
    scored = _ever_scored(warehouse, versions)
    now = datetime.now(UTC).replace(tzinfo=None)
    ((beyond,),) = warehouse.rows(
        f"select min(version) from (select distinct version from {versions.sql} order by version desc limit ?)",
        [max(policy.keep or 1, 1)],
    )
    versions_due = []
    for version, created_at, size in rows:
        if version in protected or version >= beyond:
            continue
        if policy.keep is not None and version not in scored:
            versions_due.append(Due(version, "never scored", size))
        elif policy.max_age is not None and created_at is not None and now - created_at > policy.max_age:
            versions_due.append(Due(version, f"is {(now - created_at).days} days old", size))
    return versions_due


def prune(warehouse: Warehouse, versions: Relation, chosen: Iterable[Due]) -> None:
    """Take the artifacts of versions; the caller has begun a transaction.

    Parameters
    ----------
    chosen
        As `due` gives them.
    """
    numbers = [one.version for one in chosen]
    if not numbers:
        return
    pruned_at, pruned_by = PRUNED
    nothing = ", ".join(f"{column} = null" for column in HEAVY)
    warehouse.rows(
        f"update {versions.sql} set {nothing}, {pruned_at} = ?, {pruned_by} = ? where list_contains(?, version)",
        [datetime.now(UTC).replace(tzinfo=None), user() or "unknown", numbers],
    )


def _in_use(before: Past) -> set[int]:
    """Return the champion, the one before it, and the second version of an A/B test."""
    earlier = [one for one in before.champions if one != before.champion][:1]
    last = before.last
    second = None if last is None else last.challenger
    return {one for one in (before.champion, *earlier, second) if one is not None}


def _ever_scored(warehouse: Warehouse, versions: Relation) -> set[int]:
    """Return the versions that were champion, or the second of an A/B test, at any time."""
    table = table_beside(versions)
    if not warehouse.columns(table):
        return set()
    rows = warehouse.rows(
        f"select unnest([version, challenger]) from {table.sql} where lower(model_name) = lower(?)",
        [versions.name],
    )
    return {version for (version,) in rows if version is not None}
