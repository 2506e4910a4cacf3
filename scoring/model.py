"""A version in Python, with the methods of a fitted model of scikit-learn."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring import loading
from scoring.errors import NoWarehouseError, TaskError
from scoring.frames import batches_of, like, reader_of
from scoring.registry import Reference
from scoring.scorer import ANOMALY_CLASSES, Scorer
from scoring.stream import in_order
from scoring.warehouse import Warehouse, default_path, open_warehouse

Answer = Callable[[pa.StructArray], pa.Array]


class Model:
    """A version that is ready to score frames.

    A frame is a pandas or Polars DataFrame, an Arrow table, record batch or reader, or any object with
    ``__arrow_c_stream__``. Its columns are matched to features by name, regardless of case, others are ignored, and
    nulls and unseen categories follow the rules of the version's signature, as in SQL. What comes back is of the
    frame's library, a value for each row in its order.

    Parameters
    ----------
    scorer
        The version.

    Attributes
    ----------
    name, model_name, version, task
        As in ``churn@3``, ``churn``, 3 and ``binary``.
    signature
        Features with their types and rules.
    feature_names_in_, n_features_in_
        The features in the order of the signature.
    classes_
        The classes, as text, in the order of `predict_proba`; only of tasks that have classes.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.name, self.task, self.signature = scorer.name, scorer.task, scorer.signature
        reference = Reference.parse(scorer.name)
        self.model_name, self.version = reference.model_name, int(reference.selector)

    def __repr__(self) -> str:
        """Return the version, its task and how many features it has."""
        return f"<Model {self.name}: {self.task}, {self.n_features_in_} features>"

    @property
    def n_features_in_(self) -> int:
        """How many features there are."""
        return len(self.signature.features)

    @property
    def feature_names_in_(self) -> NDArray[np.object_]:
        """The names of the features."""
        return np.array([feature.name for feature in self.signature.features], dtype=object)

    @property
    def classes_(self) -> NDArray[np.object_]:
        """The classes, as text."""
        classes = ANOMALY_CLASSES if self.task == "anomaly" else self.signature.classes
        if not classes:  # as scikit-learn's regressors do
            raise AttributeError(f"'{self.name}' has no attribute classes_: its task is {self.task}")
        return np.array(classes, dtype=object)

    def predict(self, frame: Any) -> Any:
        """Return what ``predict`` of scikit-learn returns: the class, the cluster or the value.

        The same as ``ml_predict`` for the task regression, and as ``ml_predict_class`` for the others.

        Raises
        ------
        scoring.errors.WarehouseMLError
            If the value is no frame, or its columns or values break the rules of the signature.
        """
        if self.task == "regression":
            return self.predict_value(frame)
        return self._answer(frame, "predicted_class", pa.string(), self._scorer.predict_class)

    def predict_value(self, frame: Any) -> Any:
        """Return the number that ``ml_predict`` gives.

        Binary: the probability of the positive class, ``classes_[1]``. Regression: the value. Clustering: the number
        of the cluster. Anomaly: the score, higher is stranger.

        Raises
        ------
        scoring.errors.TaskError
            If the task is multiclass.
        scoring.errors.WarehouseMLError
            See `predict`.
        """
        return self._answer(frame, "prediction", pa.float64(), self._scorer.predict)

    def predict_proba(self, frame: Any) -> Any:
        """Return the probability of each class, in a column called like the class, in the order of `classes_`.

        Raises
        ------
        scoring.errors.TaskError
            If the task is neither binary nor multiclass.
        scoring.errors.WarehouseMLError
            See `predict`.
        """
        if self.task not in ("binary", "multiclass"):
            raise TaskError.no_probabilities(self.name, self.task)
        schema = pa.schema([pa.field(str(name), pa.float64()) for name in self.classes_])

        def columns(rows: pa.StructArray) -> list[pa.Array]:
            maps = self._scorer.predict_proba(rows)
            values = maps.items.to_numpy(zero_copy_only=False).reshape(-1, len(schema))
            return [pa.array(values[:, position]) for position in range(len(schema))]

        return self._result(frame, schema, columns, is_table=True)

    def _answer(self, frame: Any, name: str, kind: pa.DataType, answer: Answer) -> Any:
        schema = pa.schema([pa.field(name, kind)])
        return self._result(frame, schema, lambda rows: [answer(rows)], is_table=False)

    def _result(
        self,
        frame: Any,
        schema: pa.Schema,
        columns: Callable[[pa.StructArray], list[pa.Array]],
        *,
        is_table: bool,
    ) -> Any:
        reader = reader_of(frame, self.signature, model=self.name)

        def scored(batch: pa.RecordBatch) -> pa.RecordBatch:
            return pa.RecordBatch.from_arrays(columns(batch.to_struct_array()), schema=schema)

        nothing = [pa.nulls(0, kind) for kind in reader.schema.types]
        scored(
            pa.RecordBatch.from_arrays(nothing, schema=reader.schema)
        )  # finds wrong columns before any row
        results = in_order(scored, batches_of(reader), os.cpu_count() or 1)
        return like(frame, pa.RecordBatchReader.from_batches(schema, results), is_table=is_table)


def load(
    reference: str,
    warehouse: str | Path | duckdb.DuckDBPyConnection | None = None,
    *,
    schema: str | None = None,
) -> Model:
    """Return a version of a warehouse, ready to score frames.

    The warehouse is read and closed again: the version stays in memory, and the file is free for the next build.

    Parameters
    ----------
    reference
        ``m`` (the champion), ``m@3``, ``m@champion`` or ``m@challenger``, with a schema before it where several
        have a model of the name.
    warehouse
        A DuckDB file or a connection to one; by default the file that ``WAREHOUSE_ML_WAREHOUSE`` or ``WAREHOUSE_PATH``
        names, or ``warehouse.duckdb``.
    schema
        Where the models are that a name without a schema means.

    Raises
    ------
    scoring.errors.WarehouseMLError
        If there is no such file, model or version, or its row is damaged.
    """
    with opened(warehouse, schema=schema) as port:
        return Model(loading.load(port, reference))


@contextmanager
def opened(
    warehouse: str | Path | duckdb.DuckDBPyConnection | None, *, schema: str | None = None
) -> Iterator[Warehouse]:
    """Open the warehouse that the arguments of `load` mean, for reading, and close it again.

    Raises
    ------
    scoring.errors.NoWarehouseError
        If the file is not there.
    """
    if isinstance(warehouse, duckdb.DuckDBPyConnection):
        with warehouse.cursor() as cursor:
            yield Warehouse(cursor, schema)
        return
    path = str(warehouse or default_path())
    if not Path(path).is_file():
        raise NoWarehouseError.for_load(path)
    try:
        connection = open_warehouse(path, read_only=True)
    except duckdb.ConnectionException:  # this process has it open for writing
        connection = open_warehouse(path)
    with connection:
        yield Warehouse(connection, schema)
