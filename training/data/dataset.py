"""Training data: a relation, checked, divided, with its features told apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.scratch import scratch
from scoring.signature import Feature, Signature
from training.data.arrow_rows import matrix_of
from training.data.columns import as_spelled, feature_types, name_problems, type_problems
from training.data.feature_rules import make_feature, training_problems
from training.data.fingerprint import fingerprint
from training.data.labels import classes, code, positive_class
from training.data.part_rules import part_problems
from training.data.row_rules import row_problems
from training.data.split import Part, grouped, named, rank
from training.declared.spec import FeatureRules, ModelSpec
from training.errors import DatasetError, QueryError
from training.reasons import reason_of
from training.sql import quoted

if TYPE_CHECKING:
    from training.distributed.whole import Whole

POSITION, CODE, RANK = "__position", "__code", "__rank"
"""Columns that are added while the rows are put in order."""

LABEL, DATASET, WEIGHT = "__label", "__dataset", "__weight"
"""Columns that are added to the features when a version is evaluated."""

RESERVED = frozenset(
    {POSITION, CODE, RANK, LABEL, DATASET, WEIGHT}
    # DuckDB sees these in every Arrow table.
    | {"__fragment_index", "__batch_index", "__last_in_fragment", "__filename"}
)
"""Names that no column of a training query can have."""


@dataclass(frozen=True)
class Dataset:
    """Rows in order of their part of the split, within it of time, and then of key.

    Parameters
    ----------
    spec
        The model's configuration, with columns spelled as the relation spells them.
    table
        All columns of the relation.
    types
        DuckDB's name for the type of each feature, in the relation's order.
    label
        0 or 1, the code of a class, or the value, shape ``(rows,)``; None without a label.
    classes
        Names of the classes in the order of their codes; empty where the label has none.
    weight
        Shape ``(rows,)``; None where all rows weigh the same.
    times
        Times in microseconds since 1970, shape ``(rows,)``; None without a time column.
    parts
        The parts of the split that have rows, by name.
    fingerprint
        Identifies the rows, whatever their order.
    label_type
        DuckDB's name for the type of the label; empty without one.
    whole
        All rows, where these are some of them; None where these are all.
    """

    spec: ModelSpec
    table: pa.Table
    types: Mapping[str, str]
    label: NDArray[np.float64] | None
    classes: tuple[str, ...]
    weight: NDArray[np.float64] | None
    times: NDArray[np.int64] | None
    parts: Mapping[str, Part]
    fingerprint: str
    label_type: str = ""
    whole: Whole | None = None

    def signature(self) -> Signature:
        """Return the signature that the training rows determine: categories are those that occur in them.

        So are the values that take the place of null and unseen.
        """
        rows = self.parts["train"].slice
        features = tuple(self._feature(name, rows) for name in self.types)
        return Signature(features, classes=() if self.spec.task == "anomaly" else self.classes)

    def columns(self, signature: Signature, *, model: str) -> pa.Table:
        """Return the features of all rows as the artifact takes them, columns of doubles, NaN where missing.

        Columns that are so already are not copied.
        """
        names = [f"f{number}" for number in range(len(signature.features))]
        batches = [
            pa.RecordBatch.from_arrays(list(map(pa.array, signature.columns(batch, model=model))), names)
            for batch in self.table.to_batches()
        ]
        return pa.Table.from_batches(batches, pa.schema([(name, pa.float64()) for name in names]))

    def matrix(self, signature: Signature, *, model: str) -> NDArray[np.float64]:
        """Return the features of all rows, shape ``(rows, features)``."""
        return matrix_of(self.columns(signature, model=model))

    def with_validation_learnt(self) -> Dataset:
        """Return the same rows, those for validation among the training rows."""
        split = self.spec.split.model_copy(update={"validation": 0.0})
        parts = {name: part for name, part in self.parts.items() if name != "validation"}
        parts["train"] = replace(parts["train"], stop=self.parts["validation"].stop)
        return replace(self, spec=self.spec.model_copy(update={"split": split}), parts=parts)

    def _feature(self, name: str, rows: slice) -> Feature:
        rules = self.spec.features.get(name, FeatureRules())
        return make_feature(name, self.types[name], rules, self.table.column(name)[rows])


class Source:
    """The rows of a training query, which is evaluated once, when the source is opened.

    They are worked on apart from the warehouse, so that nothing is left behind there.

    Parameters
    ----------
    relation
        The training query.
    model_name
        The model, for error messages.
    whole
        All rows, where the query gives the columns alone; None where it gives the rows.

    Raises
    ------
    training.errors.QueryError
        If DuckDB cannot run the query.
    training.errors.DatasetError
        If two columns share a name, or one has a reserved name.
    """

    def __init__(
        self, relation: duckdb.DuckDBPyRelation, *, model_name: str, whole: Whole | None = None
    ) -> None:
        self._model_name = model_name
        if problems := list(name_problems(relation.columns, RESERVED)):
            raise DatasetError.from_problems(model_name, problems)
        self._types = {name: kind.id for name, kind in zip(relation.columns, relation.types, strict=True)}
        types = dict(zip(relation.columns, map(str, relation.types), strict=True))
        self._work = scratch()
        self._whole = whole
        if whole is None:
            self._hold(_evaluated(relation, model_name))
            self.fingerprint = fingerprint(self._work, "rows", types)
        else:
            self.fingerprint = whole.fingerprint()

    def __enter__(self) -> Self:
        """Return the source."""
        return self

    def __exit__(self, *error: object) -> None:
        """Let the rows go."""
        self._work.close()

    def read(self, spec: ModelSpec) -> Dataset:
        """Return the rows, divided; the source holds them no longer.

        Features are all columns that the configuration gives no other role.

        Parameters
        ----------
        spec
            The model's configuration; its column names are matched without regard to case.

        Raises
        ------
        training.errors.DatasetError
            If the data breaks any rule; one error tells all of them.
        """
        types, work = self._types, self._work
        spec = as_spelled(spec, types, self._model_name)
        kind = types[spec.label] if spec.label else ""
        if spec.positive is not None:
            spec = spec.model_copy(update={"positive": positive_class(spec.positive, kind)})
        features = feature_types(spec, types)
        mistyped = type_problems(spec, types, features)
        whole = self._whole
        if whole is not None:
            if mistyped:  # by which rows cannot be chosen
                raise DatasetError.from_problems(self._model_name, list(mistyped.values()))
            self._hold(whole.fetch(spec, features))
        problems = [*mistyped.values(), *row_problems(work, "rows", spec, types=types, mistyped=mistyped)]
        if problems:
            raise DatasetError.from_problems(self._model_name, problems)
        names = classes(work, "rows", spec, kind)
        order = ", ".join([RANK, *([quoted(spec.time)] if spec.time else []), quoted(spec.key)])
        placed = work.sql(
            f"select {POSITION}, {code(spec, kind, names)} as {CODE}, "
            f"{rank(spec) if whole is None else whole.rank(spec)} as {RANK} from rows order by {order}"
        ).to_arrow_table()
        ranks = placed.column(RANK).to_numpy()
        label = placed.column(CODE).to_numpy() if spec.label else None
        table = self._in_order(placed.column(POSITION))
        times = _microseconds(table.column(spec.time)) if spec.time else None
        parts = named(spec, ranks, times) if whole is None else {part.name: part for part in grouped(ranks)}
        if whole is not None:
            whole.check(parts)
        problems = part_problems(spec, parts, label, names)
        problems += training_problems(spec, features, table, parts)
        if problems:
            raise DatasetError.from_problems(self._model_name, problems)
        return Dataset(
            spec=spec,
            table=table,
            types=features,
            label=label,
            classes=names,
            weight=pc.cast(table.column(spec.weight), pa.float64()).to_numpy() if spec.weight else None,
            times=times,
            parts={name: part for name, part in parts.items() if part.rows},
            fingerprint=self.fingerprint,
            label_type=kind,
            whole=whole,
        )

    def _hold(self, rows: pa.Table) -> None:
        self._work.register("rows", rows.append_column(POSITION, pa.array(np.arange(len(rows)))))
        self._columns = dict(zip(rows.column_names, rows.columns, strict=True))

    def _in_order(self, positions: pa.ChunkedArray) -> pa.Table:
        """Return the rows by their positions; columns are moved one by one, so that few are held twice."""
        self._work.unregister("rows")
        if not np.array_equal(positions.to_numpy(), np.arange(len(positions))):
            for name in self._columns:
                self._columns[name] = self._columns[name].take(positions)
        table = pa.table(self._columns)
        self._columns = {}
        return table


def _evaluated(relation: duckdb.DuckDBPyRelation, model_name: str) -> pa.Table:
    try:
        return relation.to_arrow_table()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise QueryError.refused(model_name, reason_of(error)) from error


def _microseconds(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.asarray(pc.cast(pc.cast(column, pa.timestamp("us")), pa.int64()).to_numpy())
