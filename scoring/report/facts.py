"""What the registry holds of each model: its sound versions, the decisions about it, and what is damaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import zip_longest
from typing import Any

from scoring import registry
from scoring.decisions import REFUSALS, table_beside
from scoring.errors import VersionRowError
from scoring.places import quoted
from scoring.version_checks import check_row
from scoring.warehouse import Relation, Warehouse

Record = Mapping[str, Any]

PLAIN = (
    *registry.CHECKED,
    "created_at",
    "label",
    "key",
    "time_column",
    "weight_column",
    "slices",
    "params",
    "seed",
    "split",
    "training_snapshot",
    "data_fingerprint",
    "code_version",
    "library_versions",
    "changes",
    "champion_version",
    "metrics",
    "gates",
    "parity",
    "training_seconds",
    "peak_memory_bytes",
    "notices",
)
"""The columns that are read of every version."""
LARGE = ("curves", "confusion", "feature_importance", "feature_selection", "training_set")
"""The columns that are read of the versions that a page shows."""


@dataclass(frozen=True)
class Period:
    """A time in which one version scored, or none."""

    version: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    action: str
    reason: str


@dataclass(frozen=True)
class Model:
    """A model as the registry knows it.

    Parameters
    ----------
    relation
        The table of its versions.
    label
        Its name; with the schema where several schemas have a model of that name.
    versions
        Its sound versions, the oldest first.
    decisions
        The decisions about it, the oldest first, without their gates.
    verdicts
        What was last said of every version by every gate.
    problems
        What is damaged, one sentence each.
    """

    relation: Relation
    label: str
    versions: Sequence[Record]
    decisions: Sequence[Record]
    verdicts: Sequence[Record]
    problems: Sequence[str]

    @cached_property
    def by_number(self) -> Mapping[int, Record]:
        """The versions by their number."""
        return {version["version"]: version for version in self.versions}

    @property
    def live(self) -> int | None:
        """The number of the version that scores."""
        return self.decisions[-1]["version"] if self.decisions else None

    @property
    def champion(self) -> Record | None:
        """The version that scores; None where there is none or its row is damaged."""
        return self.by_number.get(self.live) if self.live is not None else None

    @property
    def newest(self) -> Record | None:
        """The newest version."""
        return self.versions[-1] if self.versions else None

    @property
    def shown(self) -> Record | None:
        """The version that a page is about: the one that scores, else the newest."""
        return self.champion or self.newest

    @property
    def challenger(self) -> Record | None:
        """The newest version where it is not the one that a page is about."""
        return self.newest if self.newest is not self.shown else None

    @property
    def is_refused(self) -> bool:
        """Whether the last decision refused the newest version, or its training."""
        return bool(self.decisions) and self.decisions[-1]["action"] in REFUSALS

    @cached_property
    def periods(self) -> Sequence[Period]:
        """Which version scored when; a decision that names the version that scores already ends no period."""
        starts: list[Record] = []
        for decision in self.decisions:
            if not starts or starts[-1]["version"] != decision["version"]:
                starts.append(decision)
        ends = [decision["decided_at"] for decision in starts[1:]]
        return [
            Period(one["version"], one["decided_at"], end, one["action"], one["reason"])
            for one, end in zip_longest(starts, ends)
        ]

    def gates_of(self, version: int) -> list[Record]:
        """Return the last verdict of every gate on a version."""
        return [verdict for verdict in self.verdicts if verdict["version"] == version]


def models(warehouse: Warehouse) -> list[Model]:
    """Return every model of a warehouse."""
    tables = registry.models(warehouse)
    names = [table.name.lower() for table in tables]
    return [
        _model(warehouse, table, str(table) if names.count(table.name.lower()) > 1 else table.name)
        for table in tables
    ]


def large(warehouse: Warehouse, model: Model, version: int) -> Record:
    """Return the columns of one version that are only read where they are shown."""
    (row,) = _versions(warehouse, model.relation, LARGE, f"where version = {version:d}")[:1] or [{}]
    return {name: row.get(name) for name in LARGE}


def _model(warehouse: Warehouse, table: Relation, label: str) -> Model:
    problems: list[str] = []
    rows: dict[int, Record] = {}
    for row in _versions(warehouse, table, PLAIN, "order by version"):
        try:
            check_row(table.name, row["version"], row)
            if row["version"] in rows:
                raise VersionRowError.duplicated(table.name, row["version"], 2)
            if not isinstance(row["created_at"], datetime):
                raise VersionRowError.wrong(
                    table.name, row["version"], "created_at", row["created_at"], "a timestamp"
                )
            rows[row["version"]] = row
        except VersionRowError as error:
            problems.append(str(error))
    return Model(
        table,
        label,
        list(rows.values()),
        list(_decisions(warehouse, table)),
        list(_verdicts(warehouse, table)),
        problems,
    )


def _versions(warehouse: Warehouse, table: Relation, columns: Sequence[str], rest: str) -> list[Record]:
    """Return rows of a table of versions; a column that an older release did not write is null."""
    present = set(warehouse.columns(table))
    listed = ", ".join(
        quoted(name) if name in present else f"null as {quoted(name)}" for name in dict.fromkeys(columns)
    )
    rows: list[Record] = warehouse.arrow(f"select {listed} from {table.sql} {rest}").to_pylist()
    return rows


def _decisions(warehouse: Warehouse, table: Relation) -> Iterator[Record]:
    decisions = table_beside(table)
    if not {"sequence", "gates"} <= {*warehouse.columns(decisions)}:  # nothing was decided yet
        return
    yield from warehouse.arrow(
        f"""
        select * exclude (gates) from {decisions.sql} where lower(model_name) = lower(?) order by sequence
        """,
        [table.name],
    ).to_pylist()


def _verdicts(warehouse: Warehouse, table: Relation) -> Iterator[Record]:
    decisions = table_beside(table)
    if "gates" not in warehouse.columns(decisions):
        return
    rows = warehouse.arrow(
        f"""
        select gate from (
            select sequence, unnest(gates) as gate from {decisions.sql} where lower(model_name) = lower(?)
        )
        qualify rank() over (partition by gate.version order by sequence desc) = 1
        order by
            gate.version, gate.severity, gate.metric, gate.dataset, gate.comparison,
            gate.slice_column nulls first, gate.slice_value nulls first
        """,
        [table.name],
    ).to_pylist()
    yield from (row["gate"] for row in rows)
