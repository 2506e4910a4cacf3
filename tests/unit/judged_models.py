"""Models that are built without training: their versions are made by hand, the judgement on them is real."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import duckdb
import made_versions
from made_versions import made, measured

from scoring import decisions
from scoring.decisions import Decision, Past
from scoring.registry import VERSION_SCHEMA
from scoring.signature import Feature, Signature
from scoring.version import Version
from scoring.warehouse import Relation, Warehouse
from training.decide import Outcome, keep
from training.declared import config as configuration
from training.declared.spec import ModelSpec
from training.evaluation.gates import gate_rows

XY_CLASSES = Signature((Feature.number("x"), Feature.number("y")), classes=("no", "yes"))
BLOCK: Mapping[str, Any] = {
    "task": "binary",
    "label": "is_late",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "slices": ["region"],
}
PARTS = ("train", "validation", "test")
EXACT = {
    "max_absolute_difference": 0.0,
    "max_relative_difference": 0.0,
    "largest_allowed": 1e-15,
    "rows_compared": 100,
}
AT_LEAST_70: Mapping[str, Any] = {"metric": "roc_auc", "min": 0.7}


def block(gates: Iterable[Mapping[str, Any]] = (), **changes: Any) -> dict[str, Any]:
    """Return a block with gates, and other keys changed."""
    return {**BLOCK, "gates": list(gates), **changes}


def spec_of(gates: Iterable[Mapping[str, Any]] = (), model: str = "m", **changes: Any) -> ModelSpec:
    """Return the spec of such a block."""
    return configuration.parse(block(gates, **changes), model_name=model)


def version(
    number: int,
    auc: float | None,
    *metrics: dict[str, Any],
    model: str = "m",
    gates: Iterable[Mapping[str, Any]] = (AT_LEAST_70,),
    must_beat_constant: bool = True,
    **values: Any,
) -> Version:
    """Return a version that was trained under these gates and, unless its metrics say else, beats a constant."""
    spec = spec_of(gates, must_beat_constant=must_beat_constant)
    usual = [
        measured("roc_auc", auc),
        measured("brier", 0.1),
        measured("brier", 0.25, "constant"),
        *(measured("non_finite_scores", 0.0, dataset=part) for part in PARTS),
    ]
    places = {_place(entry) for entry in metrics}
    fields = {
        "task": "binary",
        "signature": XY_CLASSES,
        "metrics": [*metrics, *(entry for entry in usual if _place(entry) not in places)],
        "gates": gate_rows(spec, PARTS),
        "parity": EXACT,
    }
    return made(model, number, **{**fields, **values})


def _place(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(value for name, value in entry.items() if name != "value")


@dataclass
class Model:
    """A model of a warehouse."""

    connection: duckdb.DuckDBPyConnection
    name: str = "m"
    schema: str = "ml"
    notices: list[str] = field(default_factory=list)
    """Those of the last build."""
    monitors: list[Relation] = field(default_factory=list)
    builds: int = 0

    @property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.connection)

    @property
    def versions(self) -> Relation:
        return Relation(self.warehouse.database, self.schema, self.name)

    @property
    def past(self) -> Past:
        return decisions.past(self.warehouse, self.versions)

    @property
    def decided(self) -> list[tuple[int | None, str]]:
        """Version and action of all decisions, by sequence."""
        table = decisions.table_beside(self.versions).sql
        return self.connection.execute(
            f"select version, action from {table} where model_name = ? order by sequence", [self.name]
        ).fetchall()

    def build(
        self,
        *new: Version,
        gates: Iterable[Mapping[str, Any]] | None = (AT_LEAST_70,),
        problem: str | None = None,
        **changes: Any,
    ) -> Decision:
        """Append versions as builds do, each judged under the block of today, and return the last decision.

        Without a version nothing was trained, with a problem training was refused; gates of None are a block
        that cannot be read.
        """
        warehouse, versions = self.warehouse, self.versions
        warehouse.create(versions, VERSION_SCHEMA)
        spec = None if gates is None else spec_of(gates, self.name, **changes)
        for one in new or (None,):
            done = Outcome(problem)
            self.builds += 1
            keep(
                warehouse,
                versions,
                one,
                spec,
                done,
                invocation=f"run-{self.builds}",
                folder=None,
                monitors=self.monitors,
            )
            self.notices = done.notices
        last = self.past.last
        assert last is not None
        return last

    def operate(self, action: str, **arguments: Any) -> dict[str, str]:
        """Do an operator's action and return the answer."""
        return made_versions.operate(self.connection, action, self.name, schema=self.schema, **arguments)

    def damage(self, number: int) -> None:
        self.connection.execute(
            f"update {self.versions.sql} set artifact = 'other'::blob where version = {number:d}"
        )
