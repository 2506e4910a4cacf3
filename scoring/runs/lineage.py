"""A node's place in the project, read from dbt's graph: what it is built from, and for which models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

RAW, BUILT = ("seed", "source"), ("model", "seed", "snapshot")


@dataclass(frozen=True)
class Member:
    """A node or source of the graph.

    Parameters
    ----------
    kind
        dbt's resource type.
    materialized
        How a model is kept; None for a source.
    parents
        The unique ids that it depends on.
    table
        Database, schema and name.
    raw_name
        The name of a raw table, as `monitoring.data_quality` has it; None for any other.
    """

    kind: str
    materialized: str | None
    parents: tuple[str, ...]
    table: tuple[str, ...]
    raw_name: str | None = None


@dataclass(frozen=True)
class Lineage:
    """The graph of a project.

    Parameters
    ----------
    members
        Every node and source by its unique id.
    """

    members: Mapping[str, Member]
    _above: dict[str, frozenset[str]] = field(default_factory=dict)
    _read: dict[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)

    def above(self, unique_id: str) -> frozenset[str]:
        """Return all that a node is built from."""
        if unique_id not in self._above:
            parents = self.parents(unique_id)
            self._above[unique_id] = frozenset(parents).union(*map(self.above, parents))
        return self._above[unique_id]

    def parents(self, unique_id: str) -> tuple[str, ...]:
        """Return what a node depends on directly, as far as it is in the graph."""
        return tuple(each for each in self.members[unique_id].parents if each in self.members)

    @cached_property
    def children(self) -> frozenset[str]:
        """What some model or snapshot is built from."""
        built = (each for each in self.members.values() if each.kind in BUILT)
        return frozenset(parent for each in built for parent in each.parents)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """The trained models."""
        return tuple(key for key, each in self.members.items() if each.materialized == "ml_model")

    def step(self, unique_id: str) -> str | None:
        """Return the part of a pipeline that a node is: it extracts, transforms, stores or tests."""
        member = self.members[unique_id]
        if member.kind in ("test", "unit_test"):
            return "test"
        if member.kind not in BUILT:
            return None
        parents = {self.members[each].kind for each in self.parents(unique_id)}
        if member.materialized != "ml_model" and (member.kind != "model" or (parents and parents <= {*RAW})):
            return "extract"
        return "transform" if unique_id in self.children or member.materialized == "ml_model" else "store"

    def serves(self, unique_id: str) -> list[str]:
        """Return the models whose pipeline a node is part of: built from it, itself, or what it is built from."""
        if self.members[unique_id].kind not in BUILT:
            return []
        return self._names(
            model
            for model in self.models
            if model == unique_id or model in self.above(unique_id) or unique_id in self.above(model)
        )

    def scores(self, unique_id: str) -> list[str]:
        """Return the models whose predictions a node publishes."""
        member = self.members[unique_id]
        if member.kind != "model" or member.materialized in ("ml_model", "ml_monitor", "view", "ephemeral"):
            return []
        return self._names(model for model in self.models if model in self.parents(unique_id))

    def raw_tables(self, unique_id: str) -> list[str]:
        """Return the raw tables that a node is built from, itself included."""
        names = (self.members[each].raw_name for each in (unique_id, *self.above(unique_id)))
        return sorted(name for name in names if name)

    def tables_read(self, unique_id: str) -> frozenset[tuple[str, ...]]:
        """Return the tables nearest above a node, those behind a view in the place of the view."""
        if unique_id not in self._read:
            tables: frozenset[tuple[str, ...]] = frozenset()
            for parent in self.parents(unique_id):
                is_view = self.members[parent].materialized in ("view", "ephemeral")
                tables |= self.tables_read(parent) if is_view else {self.members[parent].table}
            self._read[unique_id] = tables
        return self._read[unique_id]

    def critical_path(self, seconds: Mapping[str, float]) -> float:
        """Return the seconds of the longest chain of nodes that wait for one another."""
        ends: dict[str, float] = {}

        def end(unique_id: str) -> float:
            if unique_id not in ends:
                before = max(map(end, self.parents(unique_id)), default=0.0)
                ends[unique_id] = before + seconds.get(unique_id, 0.0)
            return ends[unique_id]

        return max((end(each) for each in seconds if each in self.members), default=0.0)

    def _names(self, models: Iterable[str]) -> list[str]:
        return sorted(self.members[each].table[-1] for each in models)
