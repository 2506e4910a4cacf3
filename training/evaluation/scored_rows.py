"""The rows that a version is evaluated on, with the scores of the version, its champion and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring.artifact import Artifact
from scoring.version import Version
from training.data.dataset import DATASET, LABEL, WEIGHT
from training.data.split import PARTS

MODEL, CHAMPION = "model", "champion"
WITH_CLASSES = ("multiclass", "clustering", "anomaly")
"""Tasks whose predicted class is not worked out from the score alone."""
ROWS_PER_CHUNK = 32_768

Values = NDArray[np.float64]


def score_rows(
    work: duckdb.DuckDBPyConnection,
    task: str,
    rows: pa.Table,
    *,
    slices: Sequence[str],
    versions: Mapping[str, Version],
    predictions: Mapping[str, Values],
    place: str = "",
) -> None:
    """Make the table ``scored``, one row per row and predictor, and ``labelled``, its rows that have a label.

    ``is_finite`` says whether a row's scores are; where they are not, there is no predicted class.

    Parameters
    ----------
    work
        A connection that has the SQL functions and no tables.
    task, rows, predictions
        See `training.evaluation.evaluate.evaluate`.
    slices
        The columns that become ``slice_0``, ``slice_1`` and so on.
    versions
        The version and its champion, by predictor.
    place
        What precedes the name of a model for the SQL functions.
    """
    for predictor, version in versions.items():
        work.register("version_row", replace(version, model_name=predictor).to_row())
        work.execute(f"create table {predictor} as from version_row")
    work.register("facts", _facts(task, rows, slices, versions, predictions))
    _score(work, task, versions, predictions, len(slices), place)


def _facts(
    task: str,
    rows: pa.Table,
    slices: Sequence[str],
    versions: Mapping[str, Version],
    predictions: Mapping[str, Values],
) -> pa.Table:
    """Return what is known of each row apart from the versions' scores; features become one struct."""
    features = [name for name in rows.column_names if name not in (LABEL, DATASET, WEIGHT)]
    struct = pa.StructArray.from_arrays(
        [rows.column(name).combine_chunks() for name in features], names=features
    )
    label = rows.column(LABEL) if LABEL in rows.column_names else pa.nulls(len(rows), pa.float64())
    columns = {
        "dataset": rows.column(DATASET),
        "label": label,
        "weight": rows.column(WEIGHT) if WEIGHT in rows.column_names else np.ones(len(rows)),
        "features": struct,
        **{f"slice_{n}": rows.column(name) for n, name in enumerate(slices)},
    }
    if task == "multiclass":
        classes = versions[MODEL].signature["classes"]
        codes = np.array([classes.index(text) if text in classes else -1 for text in label.to_pylist()])
        for name, values in predictions.items():
            columns[f"{name}_predicted"] = np.array(classes, dtype=object)[values.argmax(axis=1)]
            of_label = values[np.arange(len(rows)), codes]
            columns[f"{name}_probability"] = np.where(codes < 0, 0.0, of_label)
            columns[f"{name}_squares"] = np.square(values).sum(axis=1)
    else:
        columns |= {f"{name}_score": values for name, values in predictions.items()}
    if task == "clustering":
        for name, version in versions.items():
            columns[f"{name}_own"], columns[f"{name}_other"] = _distances(version, rows)
    # DuckDB reads a table of one chunk with one thread.
    return pa.Table.from_batches(pa.table(columns).to_batches(max_chunksize=ROWS_PER_CHUNK))


def _distances(version: Version, rows: pa.Table) -> tuple[Values, Values]:
    """Return each row's distance to the centre of its own cluster and to the nearest other one."""
    artifact = Artifact(version.artifact, expected_digest=version.artifact_sha256, model=MODEL)
    signature = version.signature_value
    matrix = np.concatenate([signature.matrix(batch, model=MODEL) for batch in rows.to_batches()])
    distances = np.sort(artifact.run(matrix, "raw_score"), axis=1)
    # A distance that is not finite comes last, where it would not be seen.
    own = np.where(np.isfinite(distances).all(axis=1), distances[:, 0], np.nan)
    return own, distances[:, min(1, distances.shape[1] - 1)]


def _score(
    work: duckdb.DuckDBPyConnection,
    task: str,
    versions: Mapping[str, Version],
    predictions: Mapping[str, Values],
    slices: int,
    place: str,
) -> None:
    parts = []
    for predictor, version in versions.items():
        arguments = f"'{place}{predictor}@{version.version}', features"
        rows = "true" if predictor == MODEL else "dataset <> 'train'"
        source = f"(from facts where {rows})"
        columns = {
            "binary": f"ml_predict({arguments}) as score",
            "regression": f"ml_predict({arguments}) as score",
            "multiclass": "class as predicted, probabilities, coalesce(probabilities[label], 0e0) as probability, "
            "list_sum(list_transform(map_values(probabilities), lambda value: value * value)) as squares",
            "clustering": f"{predictor}_own as own_distance, {predictor}_other as other_distance, "
            f"ml_predict_class({arguments}) as predicted",
            "anomaly": f"ml_predict({arguments}) as score, ml_predict_class({arguments}) as predicted",
        }[task]
        if task == "multiclass":
            scores = f"ml_predict_class({arguments}) as class, ml_predict_proba({arguments}) as probabilities"
            source = f"(select *, {scores} from {source})"
        parts.append((predictor, columns, source))
    for baseline in predictions:
        named = {"multiclass": ("predicted", "probability", "squares")}.get(task, ("score",))
        columns = ", ".join(f"{baseline}_{column} as {column}" for column in named)
        if task == "multiclass":
            columns = columns.replace(" as predicted,", " as predicted, null as probabilities,")
        parts.append((baseline, columns, "facts"))
    texts = "".join(f", coalesce(slice_{n}::varchar, 'null') as slice_{n}" for n in range(slices))
    selects = [
        f"select dataset::part as dataset, '{predictor}'::predictor as predictor, label, weight{texts}, "
        f"{columns} from {source}"
        for predictor, columns, source in parts
    ]
    # Grouping by the few values of an enum takes half the time that grouping by text does.
    for kind, names in {"part": PARTS, "predictor": [name for name, *_ in parts]}.items():
        listing = ", ".join(f"'{name}'" for name in names)
        work.execute(f"create type {kind} as enum ({listing})")
    numbers = {"multiclass": "squares", "clustering": "own_distance + other_distance"}.get(task, "score")
    # NaN and infinity are on one side of any limit, and so have a class that means nothing.
    classes = f"replace (case when isfinite({numbers}) then predicted end as predicted)"
    work.execute(
        f"create table scored as select * {classes if task in WITH_CLASSES else ''}, "
        f"coalesce(isfinite({numbers}), false) as is_finite from ({' union all '.join(selects)})"
    )
    work.execute("create view labelled as from scored where label is not null")
