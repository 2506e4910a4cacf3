"""What the SQL functions give for rows, in a warehouse that holds the version alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scoring.scorer import ANOMALY_CLASSES
from scoring.version import Version
from training.scored_apart import scored_apart
from training.sql import quoted

Values = NDArray[np.float64]

CALLS = {
    "prediction": "ml_predict($model, row)",
    "class": "ml_predict_class($model, row)",
    "probabilities": "ml_predict_proba($model, row)",
}
TASKS = {
    "prediction": {"binary", "regression", "clustering", "anomaly"},
    "class": {"binary", "multiclass", "clustering", "anomaly"},
    "probabilities": {"binary", "multiclass"},
}
"""The outputs, the functions that give them, and the tasks that have them."""


def sql_scores(version: Version, tables: list[pa.Table]) -> dict[str, Values]:
    """Return what the SQL functions give for the rows of all tables, each where the task has it.

    Returns
    -------
    dict
        ``prediction``, shape ``(rows,)``; ``class``, the code of the class that the text names, NaN where
        null, -1 where the model has no class of that name; ``probabilities``, shape ``(rows, classes)``, in
        the order of the signature, NaN where another class stands in a place.
    """
    task = version.task
    names = version.signature["classes"] or ()
    classes = pa.array(ANOMALY_CLASSES if task == "anomaly" else names, pa.string())
    calls = {output: call for output, call in CALLS.items() if task in TASKS[output]}
    parts: dict[str, list[Values]] = {output: [] for output in calls}
    with scored_apart() as (warehouse, place):
        warehouse.register("version_row", version.to_row())
        warehouse.execute(f"create table {quoted(version.model_name)} as from version_row")
        for table in tables:
            columns = [column.combine_chunks() for column in table.columns]
            structs = pa.StructArray.from_arrays(columns, names=table.column_names)
            warehouse.register("rows", pa.table({"position": np.arange(table.num_rows), "row": structs}))
            scores = warehouse.execute(
                f"select {', '.join(f'{call} as {output}' for output, call in calls.items())} "
                "from rows order by position",
                {"model": place + version.name},
            ).to_arrow_table()
            for output, values in parts.items():
                values.append(READ[output](scores.column(output).combine_chunks(), classes))
    return {output: np.concatenate(values) for output, values in parts.items()}


def _numbers(column: pa.Array, classes: pa.Array) -> Values:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.float64)


def _codes(column: pa.Array, classes: pa.Array) -> Values:
    codes = pc.fill_null(pc.index_in(column, value_set=classes), -1).to_numpy().astype(np.float64)
    return np.where(column.is_null().to_numpy(zero_copy_only=False), np.nan, codes)


def _probabilities(column: pa.Array, classes: pa.Array) -> Values:
    """Return the values of maps whose keys are the classes in their order."""
    codes = _codes(column.keys, classes).reshape(-1, len(classes))
    return np.where(codes == np.arange(len(classes)), column.items.to_numpy().reshape(codes.shape), np.nan)


READ = {"prediction": _numbers, "class": _codes, "probabilities": _probabilities}
