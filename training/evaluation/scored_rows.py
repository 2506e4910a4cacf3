"""The rows that a version is evaluated on, with the scores of the version, its champion and the baselines."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scoring import explainers
from scoring.artifact import Artifact
from scoring.scorer import Scorer
from scoring.version import Version
from training.data.dataset import DATASET, LABEL, WEIGHT
from training.data.split import PARTS

MODEL, CHAMPION = "model", "champion"
WITH_CLASSES = ("multiclass", "clustering", "anomaly")
"""Tasks whose predicted class is not worked out from the score alone."""
ROWS_PER_CHUNK = 32_768

Values = NDArray[np.float64]


def scores_of(version: Version, rows: pa.Table) -> pa.Table:
    """Return what a version says of rows, computed by its artifact as the SQL functions compute it.

    Parameters
    ----------
    version
        The version.
    rows
        Its features with their own types, and other columns.

    Returns
    -------
    pyarrow.Table
        The columns that `SCORES` names for the task.

    Raises
    ------
    scoring.errors.RowError
        If the version cannot score the rows.
    """
    name, signature = version.model_name, version.signature_value
    artifact = Artifact(version.artifact, expected_digest=version.artifact_sha256, model=name)
    explainer = partial(explainers.load, name, version.estimator, version.native_model, signature)
    scorer = Scorer(name, version.task, signature, artifact, explainer)
    columns = SCORES[version.task]

    def score(batch: pa.RecordBatch) -> pa.RecordBatch:
        structs = batch.to_struct_array()
        return pa.RecordBatch.from_pydict({name: call(scorer, structs) for name, call in columns.items()})

    batches = rows.to_batches(max_chunksize=ROWS_PER_CHUNK) or [pa.RecordBatch.from_pylist([], rows.schema)]
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # the runtime lets others run while it computes
        return pa.Table.from_batches(threads.map(score, batches))


def _distances(scorer: Scorer, rows: pa.StructArray) -> pa.StructArray:
    """Return each row's distance to the centre of its own cluster and to the nearest other one."""
    matrix = scorer.signature.matrix(pa.RecordBatch.from_struct_array(rows), model=scorer.name)
    distances = np.sort(scorer.artifact.run(matrix, "raw_score"), axis=1)
    # A distance that is not finite comes last, where it would not be seen.
    own = np.where(np.isfinite(distances).all(axis=1), distances[:, 0], np.nan)
    other = distances[:, min(1, distances.shape[1] - 1)]
    return pa.StructArray.from_arrays([pa.array(own), pa.array(other)], ["own", "other"])


SCORES: Mapping[str, Mapping[str, Callable[[Scorer, pa.StructArray], pa.Array]]] = {
    "binary": {"score": Scorer.predict},
    "regression": {"score": Scorer.predict},
    "multiclass": {"predicted": Scorer.predict_class, "probabilities": Scorer.predict_proba},
    "clustering": {"predicted": Scorer.predict_class, "distances": _distances},
    "anomaly": {"score": Scorer.predict, "predicted": Scorer.predict_class},
}
"""What is known of a row from its version, by task."""


def score_rows(
    work: duckdb.DuckDBPyConnection,
    task: str,
    rows: pa.Table,
    *,
    slices: Sequence[str],
    scores: Mapping[str, pa.Table],
    predictions: Mapping[str, Values],
    classes: Sequence[str],
) -> None:
    """Make the table ``scored``, one row per row and predictor, and ``labelled``, its rows that have a label.

    ``is_finite`` says whether a row's scores are; where they are not, there is no predicted class. Of the champion
    there are validation and test rows only.

    Parameters
    ----------
    work
        A connection, whose temporary tables they are.
    task, rows, predictions
        See `training.evaluation.evaluate.evaluate`.
    slices
        The columns that become ``slice_0``, ``slice_1`` and so on.
    scores
        What the version and its champion say of the rows, by predictor, see `scores_of`.
    classes
        The classes of the version, in the order of their codes.
    """
    work.register("facts", _facts(task, rows, slices, scores, predictions, classes))
    parts = {predictor: _of_version(task, predictor) for predictor in scores}
    parts |= {baseline: _of_baseline(task, baseline) for baseline in predictions}
    texts = "".join(f", coalesce(slice_{n}::varchar, 'null') as slice_{n}" for n in range(len(slices)))
    # Grouping by the few values of an enum takes half the time that grouping by text does.
    kinds = {"part": PARTS, "predictor": list(parts)}
    enum = {kind: f"enum ({', '.join(map(repr, names))})" for kind, names in kinds.items()}
    selects = [
        f"select dataset::{enum['part']} as dataset, '{predictor}'::{enum['predictor']} as predictor, "
        f"label, weight{texts}, {columns} from facts where {'true' if predictor != CHAMPION else HELD_OUT}"
        for predictor, columns in parts.items()
    ]
    numbers = {"multiclass": "squares", "clustering": "own_distance + other_distance"}.get(task, "score")
    # NaN and infinity are on one side of any limit, and so have a class that means nothing.
    replaced = f"replace (case when isfinite({numbers}) then predicted end as predicted)"
    work.execute(
        f"create temp table scored as select * {replaced if task in WITH_CLASSES else ''}, "
        f"coalesce(isfinite({numbers}), false) as is_finite from ({' union all '.join(selects)})"
    )
    work.execute("create temp view labelled as from scored where label is not null")


HELD_OUT = "dataset <> 'train'"


def _of_version(task: str, predictor: str) -> str:
    """Return the columns of a version's scores, as SQL over the facts."""
    named = {name: f"{predictor}_{name}" for name in SCORES[task]}
    if task == "multiclass":
        probabilities = named["probabilities"]
        named["probability"] = f"coalesce({probabilities}[label], 0e0)"
        named["squares"] = (
            f"list_sum(list_transform(map_values({probabilities}), lambda value: value * value))"
        )
    if task == "clustering":
        distances = named.pop("distances")
        named |= {f"{which}_distance": f"{distances}.{which}" for which in ("own", "other")}
    return ", ".join(f"{value} as {name}" for name, value in named.items())


def _of_baseline(task: str, baseline: str) -> str:
    """Return the same columns of a baseline's predictions."""
    names = ("predicted", "probabilities", "probability", "squares") if task == "multiclass" else ("score",)
    columns = {name: f"{baseline}_{name}" for name in names}
    columns |= {"probabilities": "null"} if task == "multiclass" else {}
    return ", ".join(f"{value} as {name}" for name, value in columns.items())


def _facts(
    task: str,
    rows: pa.Table,
    slices: Sequence[str],
    scores: Mapping[str, pa.Table],
    predictions: Mapping[str, Values],
    classes: Sequence[str],
) -> pa.Table:
    """Return what is known of each row, apart from its features."""
    label = rows.column(LABEL) if LABEL in rows.column_names else pa.nulls(len(rows), pa.float64())
    columns = {
        "dataset": rows.column(DATASET),
        "label": label,
        "weight": rows.column(WEIGHT) if WEIGHT in rows.column_names else np.ones(len(rows)),
        **{f"slice_{n}": rows.column(name) for n, name in enumerate(slices)},
    }
    for predictor, said in scores.items():
        columns |= {f"{predictor}_{name}": said.column(name) for name in said.column_names}
    if task == "multiclass":
        codes = np.array([classes.index(text) if text in classes else -1 for text in label.to_pylist()])
        for name, values in predictions.items():
            columns[f"{name}_predicted"] = np.array(classes, dtype=object)[values.argmax(axis=1)]
            of_label = values[np.arange(len(rows)), codes]
            columns[f"{name}_probability"] = np.where(codes < 0, 0.0, of_label)
            columns[f"{name}_squares"] = np.square(values).sum(axis=1)
    else:
        columns |= {f"{name}_score": values for name, values in predictions.items()}
    # DuckDB reads a table of one chunk with one thread.
    return pa.Table.from_batches(pa.table(columns).to_batches(max_chunksize=ROWS_PER_CHUNK))
