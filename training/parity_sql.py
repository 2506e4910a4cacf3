"""What the SQL functions give for rows, in a warehouse that holds the version alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import scoring
from scoring.registry import SCHEMA
from training.sql import quoted

Values = NDArray[np.float64]


def sql_scores(row: pa.Table, task: str, tables: list[pa.Table]) -> dict[str, Values]:
    """Return the ``prediction`` for the rows of all tables and, for multiclass, their ``probabilities``.

    The prediction of a class is its code.
    """
    name, version = row.column("model_name")[0].as_py(), row.column("version")[0].as_py()
    model = f"{name}@{version}"
    parts: dict[str, list[Values]] = {}
    with scoring.connect() as warehouse:
        warehouse.register("version_row", row)
        warehouse.execute(f"create schema {SCHEMA}")
        warehouse.execute(f"create table {SCHEMA}.{quoted(name)} as from version_row")
        for table in tables:
            columns = [column.combine_chunks() for column in table.columns]
            structs = pa.StructArray.from_arrays(columns, names=table.column_names)
            warehouse.register("rows", pa.table({"position": np.arange(table.num_rows), "row": structs}))
            if task == "multiclass":
                found = warehouse.execute(
                    "select ml_predict_class($model, row) as class, "
                    "map_values(ml_predict_proba($model, row)) as probabilities from rows order by position",
                    {"model": model},
                ).to_arrow_table()
                classes = pa.array(row.column("signature")[0].as_py()["classes"], pa.string())
                codes = pa.compute.index_in(found.column("class"), value_set=classes).to_numpy()
                probabilities = found.column("probabilities").combine_chunks().flatten().to_numpy()
                scores = {"prediction": codes, "probabilities": probabilities.reshape(-1, len(classes))}
            else:
                found = warehouse.execute(
                    "select ml_predict($model, row) as prediction from rows order by position",
                    {"model": model},
                ).to_arrow_table()
                scores = {"prediction": found.column("prediction").to_numpy()}
            for output, values in scores.items():
                parts.setdefault(output, []).append(values.astype(np.float64))
    return {output: np.concatenate(values) for output, values in parts.items()}
