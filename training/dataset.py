"""Training data: a relation, checked, in order of time, with its features told apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.errors import hint, listed
from scoring.signature import Feature, Signature
from training.checks import row_problems
from training.config import ModelSpec
from training.errors import DatasetError
from training.fingerprint import fingerprint
from training.splits import Part, sequential
from training.sql import quoted

NUMBER_TYPES = frozenset(
    {"tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint"}
    | {"uhugeint", "float", "double", "decimal", "boolean"}
)
TEXT_TYPES = frozenset({"varchar", "enum"})
TIME_TYPES = frozenset({"date", "timestamp", "timestamp_s", "timestamp_ms"})


@dataclass(frozen=True)
class Dataset:
    """Rows in order of time, with ties in order of key.

    Parameters
    ----------
    table
        All columns: features, label, key and time.
    types
        DuckDB's name for the type of each feature, in the relation's order.
    label
        Shape ``(rows,)``.
    times
        Prediction times in microseconds since 1970, ascending, shape ``(rows,)``.
    fingerprint
        Identifies the rows, whatever their order.
    """

    table: pa.Table
    types: Mapping[str, str]
    label: NDArray[np.float64]
    times: NDArray[np.int64]
    fingerprint: str

    def signature(self, rows: slice) -> Signature:
        """Return the signature that the given rows determine: categories are those that occur in them."""
        return Signature(tuple(self._feature(name, rows) for name in self.types))

    def matrix(self, signature: Signature, *, model: str) -> NDArray[np.float64]:
        """Return the features of all rows, shape ``(rows, features)``."""
        batches = self.table.to_batches()
        return np.concatenate([signature.matrix(batch, model=model) for batch in batches])

    def _feature(self, name: str, rows: slice) -> Feature:
        if self.types[name] not in TEXT_TYPES:
            return Feature.number(name)
        texts = pc.cast(self.table.column(name)[rows], pa.string())
        return Feature.category(name, tuple(sorted(pc.unique(texts.drop_null()).to_pylist())))


def read(relation: duckdb.DuckDBPyRelation, spec: ModelSpec, *, model_name: str) -> Dataset:
    """Return the rows of a relation, which is evaluated once.

    Features are all columns except label, key and time.

    Parameters
    ----------
    relation
        The training query.
    spec
        The model's configuration; its column names are matched without regard to case.
    model_name
        The model, for error messages.

    Raises
    ------
    training.errors.DatasetError
        If the data breaks any rule; one error tells all of them.
    """
    types = {name: kind.id for name, kind in zip(relation.columns, relation.types, strict=True)}
    spec = _as_spelled(spec, types, model_name)
    roles = (spec.label, spec.key, spec.time)
    features = {name: kind for name, kind in types.items() if name not in roles}
    mistyped = _type_problems(spec, types, features)
    with duckdb.connect() as work:
        # The rows are worked on apart from the warehouse, so that nothing is left behind there.
        work.register("rows", relation.to_arrow_table())
        problems = [*mistyped.values(), *row_problems(work, "rows", spec, mistyped=mistyped)]
        if problems:
            raise DatasetError.from_problems(model_name, problems)
        order = f"{quoted(spec.time)}, {quoted(spec.key)}"
        table = work.sql(f"from rows order by {order}").to_arrow_table().combine_chunks()
        identity = fingerprint(
            work, "rows", dict(zip(relation.columns, map(str, relation.types), strict=True))
        )
    return Dataset(
        table=table,
        types=features,
        label=pc.cast(table.column(spec.label), pa.float64()).to_numpy(),
        times=pc.cast(pc.cast(table.column(spec.time), pa.timestamp("us")), pa.int64()).to_numpy(),
        fingerprint=identity,
    )


def divide(data: Dataset, spec: ModelSpec, *, model_name: str) -> dict[str, Part]:
    """Return the parts of the data by name, in order of time.

    Raises
    ------
    training.errors.DatasetError
        If a part has no rows, or rows of one class only.
    """
    parts = sequential(data.times, validation=spec.split.validation, test=spec.split.test)
    problems = []
    for part in parts:
        labels = data.label[part.slice]
        if not part.rows:
            problems.append(
                f"part '{part.name}' of the split must have rows, and rows of the same time stay together; "
                "found none; use a finer prediction time, more rows or other shares."
            )
        elif spec.task == "binary" and labels.min() == labels.max():
            problems.append(
                f"part '{part.name}' of the split must have both classes of label '{spec.label}'; found only "
                f"{labels[0]:g} in its {part.rows} rows; widen the query's period or change the shares."
            )
    if problems:
        raise DatasetError.from_problems(model_name, problems)
    return {part.name: part for part in parts}


def _as_spelled(spec: ModelSpec, columns: Iterable[str], model_name: str) -> ModelSpec:
    """Return the spec with label, key and time spelled as the relation's columns are."""
    spelled = {name.lower(): name for name in columns}
    problems = [
        f"column '{name}', the model's {role}, must be in the query; found {listed(spelled.values())}; "
        f"select it or correct the configuration.{hint(name, spelled.values())}"
        for role, name in (("label", spec.label), ("key", spec.key), ("time", spec.time))
        if name.lower() not in spelled
    ]
    if problems:
        raise DatasetError.from_problems(model_name, problems)
    return replace(
        spec,
        label=spelled[spec.label.lower()],
        key=spelled[spec.key.lower()],
        time=spelled[spec.time.lower()],
    )


def _type_problems(spec: ModelSpec, types: Mapping[str, str], features: Mapping[str, str]) -> dict[str, str]:
    """Return the columns that have a wrong type, and what is wrong."""
    problems = {}
    label_types = NUMBER_TYPES if spec.task == "binary" else NUMBER_TYPES - {"boolean"}
    if types[spec.label] not in label_types:
        asked = "boolean or numeric" if spec.task == "binary" else "numeric"
        problems[spec.label] = (
            f"label '{spec.label}' must be {asked} for task {spec.task}; found type {types[spec.label]}; "
            "cast it in the query or choose another task."
        )
    if types[spec.time] not in TIME_TYPES:
        problems[spec.time] = (
            f"time '{spec.time}' must be a date or a timestamp in UTC; found type {types[spec.time]}; "
            "cast it to timestamp in the query."
        )
    for name, kind in features.items():
        if kind not in NUMBER_TYPES | TEXT_TYPES:
            problems[name] = (
                f"feature '{name}' must be a number, a boolean or text; found type {kind}; leave it out of "
                "the query or derive a number from it, such as the minutes before the prediction time."
            )
    if not features:
        problems[""] = (
            f"there must be at least one feature besides label, key and time; found {listed(types)}; "
            "select the features in the query."
        )
    return problems
