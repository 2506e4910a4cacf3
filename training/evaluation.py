"""What a version is worth: predictions by SQL, measured by the metric macros, beside those it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import scoring
from scoring.artifact import Artifact
from scoring.errors import RowError
from scoring.registry import SCHEMA
from scoring.signature import Signature
from training.dataset import DATASET, LABEL, WEIGHT
from training.metrics import MACROS
from training.splits import PARTS
from training.sql_macros import render

MODEL, CHAMPION = "model", "champion"
TRAIN_ROWS = 25_000
"""Metrics on the training rows only show overfitting, so that an even sample of this many is enough."""
ROWS_PER_CHUNK = 32_768

Values = NDArray[np.float64]

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "flagged_share": {"flagged": "case when predicted = 'anomaly' then 1e0 else 0e0 end"}
}
"""What a macro is given beside its defaults."""
WITHOUT_LABEL = frozenset({"flagged_share", "simplified_silhouette"})


@dataclass(frozen=True)
class Evaluation:
    """What was measured, as the columns ``metrics``, ``curves`` and ``confusion`` of a version row keep it.

    Parameters
    ----------
    champion_version
        The champion that was measured on the same rows; None if there was none, or if it could not score them
        because its task, its classes or its features are others.
    """

    metrics: list[dict[str, Any]]
    curves: list[dict[str, Any]]
    confusion: list[dict[str, Any]]
    champion_version: int | None


def evaluate(
    row: pa.Table, rows: pa.Table, *, predictions: Mapping[str, Values], champion: pa.Table | None
) -> Evaluation:
    """Measure a version, the baselines and the champion on the same rows.

    Versions score by ``ml_predict``, ``ml_predict_class`` and ``ml_predict_proba``, that is with the artifact
    as it is deployed; the champion only validation and test rows. A metric that is not defined, such as the
    area under the ROC curve of one class, is null.

    Parameters
    ----------
    row
        The version row, artifact included.
    rows
        Features with their own types and the columns named in the row's ``slices``; `DATASET` with the part
        of the split; optionally `WEIGHT`; `LABEL` with 0 or 1, a value, or the text of a class. A clustering
        has no label, an anomaly detection may have one, 1 for an anomaly.
    predictions
        Of the baselines, by name: probabilities of the positive class or values, shape ``(rows,)``;
        of several classes, shape ``(rows, classes)``.
    champion
        The champion's version row.

    Returns
    -------
    Evaluation
        Metrics by dataset, predictor and slice; curves and confusion matrices of the version by dataset.
    """
    task = row.column("task")[0].as_py()
    versions = {MODEL: row}
    if champion is not None and _can_score(champion, row, rows):
        versions[CHAMPION] = champion
    slices = row.column("slices")[0].as_py() or []
    kept = _kept(rows)
    rows = rows.take(kept)
    predictions = {name: np.asarray(values)[kept] for name, values in predictions.items()}
    with scoring.connect() as work:
        work.execute(f"create schema {SCHEMA}")
        for predictor, version in versions.items():
            work.register("version_row", version)
            work.execute(
                f"create table {SCHEMA}.{predictor} as "
                f"select * replace ('{predictor}' as model_name) from version_row"
            )
        work.register("facts", _facts(task, rows, slices, versions, predictions))
        _score(work, task, versions, predictions, len(slices))
        return Evaluation(
            _metrics(work, task, slices),
            _curves(work, task),
            _confusion(work, task, Signature.from_row(row.column("signature")[0].as_py()).classes),
            versions[CHAMPION].column("version")[0].as_py() if CHAMPION in versions else None,
        )


def _can_score(champion: pa.Table, row: pa.Table, rows: pa.Table) -> bool:
    """Return whether the champion predicts the same thing from these rows."""
    ours, theirs = (Signature.from_row(version.column("signature")[0].as_py()) for version in (row, champion))
    if champion.column("task") != row.column("task"):
        return False
    # The numbers of clusters mean nothing, so another number of them is compared all the same.
    if row.column("task")[0].as_py() != "clustering" and ours.classes != theirs.classes:
        return False
    try:
        theirs.matrix(rows.slice(0, 1).combine_chunks().to_batches()[0], model=CHAMPION)
    except RowError:  # the rows lack a feature, or it has another type now
        return False
    return True


def _kept(rows: pa.Table) -> NDArray[np.int64]:
    """Return the positions of all validation and test rows and of an even sample of the training rows."""
    dataset = rows.column(DATASET).to_numpy(zero_copy_only=False)
    (train,) = np.nonzero(dataset == "train")
    sample = np.linspace(0, len(train) - 1, min(len(train), TRAIN_ROWS)).astype(np.int64)
    return np.sort(np.concatenate([train[sample], np.nonzero(dataset != "train")[0]]))


def _facts(
    task: str,
    rows: pa.Table,
    slices: Sequence[str],
    versions: Mapping[str, pa.Table],
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
        classes = versions[MODEL].column("signature")[0].as_py()["classes"]
        codes = np.array([classes.index(text) if text in classes else -1 for text in label.to_pylist()])
        for name, values in predictions.items():
            columns[f"{name}_predicted"] = np.array(classes, dtype=object)[values.argmax(axis=1)]
            of_label = values[np.arange(len(rows)), codes]
            columns[f"{name}_probability"] = np.where(codes < 0, 0.0, of_label)
    else:
        columns |= {f"{name}_score": values for name, values in predictions.items()}
    if task == "clustering":
        for name, version in versions.items():
            columns[f"{name}_own"], columns[f"{name}_other"] = _distances(version, rows)
    # DuckDB reads a table of one chunk with one thread.
    return pa.Table.from_batches(pa.table(columns).to_batches(max_chunksize=ROWS_PER_CHUNK))


def _distances(version: pa.Table, rows: pa.Table) -> tuple[Values, Values]:
    """Return each row's distance to the centre of its own cluster and to the nearest other one."""
    known = {name: version.column(name)[0].as_py() for name in ("signature", "artifact", "artifact_sha256")}
    artifact = Artifact(known["artifact"], expected_digest=known["artifact_sha256"], model=MODEL)
    signature = Signature.from_row(known["signature"])
    matrix = np.concatenate([signature.matrix(batch, model=MODEL) for batch in rows.to_batches()])
    distances = np.sort(artifact.run(matrix, "raw_score"), axis=1)
    return distances[:, 0], distances[:, min(1, distances.shape[1] - 1)]


def _score(
    work: duckdb.DuckDBPyConnection,
    task: str,
    versions: Mapping[str, pa.Table],
    predictions: Mapping[str, Values],
    slices: int,
) -> None:
    """Make the table ``scored``: one row per row and predictor."""
    parts = []
    for predictor, version in versions.items():
        arguments = f"'{predictor}@{version.column('version')[0].as_py()}', features"
        columns = {
            "binary": f"ml_predict({arguments}) as score",
            "regression": f"ml_predict({arguments}) as score",
            "multiclass": f"ml_predict_class({arguments}) as predicted, "
            f"coalesce(ml_predict_proba({arguments})[label], 0e0) as probability",
            "clustering": f"{predictor}_own as own_distance, {predictor}_other as other_distance",
            "anomaly": f"ml_predict({arguments}) as score, ml_predict_class({arguments}) as predicted",
        }[task]
        parts.append((predictor, columns, "true" if predictor == MODEL else "dataset <> 'train'"))
    for baseline in predictions:
        named = {"multiclass": ("predicted", "probability")}.get(task, ("score",))
        columns = ", ".join(f"{baseline}_{column} as {column}" for column in named)
        parts.append((baseline, columns, "true"))
    texts = "".join(f", coalesce(slice_{n}::varchar, 'null') as slice_{n}" for n in range(slices))
    selects = [
        f"select dataset::part as dataset, '{predictor}'::predictor as predictor, label, weight{texts}, "
        f"{columns} from facts where {rows}"
        for predictor, columns, rows in parts
    ]
    # Grouping by the few values of an enum takes half the time that grouping by text does.
    for kind, names in {"part": PARTS, "predictor": [name for name, *_ in parts]}.items():
        listing = ", ".join(f"'{name}'" for name in names)
        work.execute(f"create type {kind} as enum ({listing})")
    work.execute(f"create table scored as {' union all '.join(selects)}")
    work.execute("create view labelled as from scored where label is not null")


def _metrics(work: duckdb.DuckDBPyConnection, task: str, slices: Sequence[str]) -> list[dict[str, Any]]:
    """Return every metric of the task by dataset and predictor, of all rows and of every slice."""
    groups: list[tuple[str | None, list[str]]] = [(None, ["dataset", "predictor"])]
    groups += [(name, ["dataset", "predictor", f"slice_{n}"]) for n, name in enumerate(slices)]
    found = []
    for metric, macro in MACROS[task].items():
        rows = "scored" if metric in WITHOUT_LABEL else "labelled"
        for column, by in groups:
            sql = render(macro, rows, weight="weight", by=by, **ARGUMENTS.get(metric, {}))
            for dataset, predictor, *value, measured in work.execute(f"{sql} order by all").fetchall():
                found.append(
                    {
                        "dataset": dataset,
                        "predictor": predictor,
                        "slice_column": column,
                        "slice_value": value[0] if value else None,
                        "metric": metric,
                        "value": measured,
                    }
                )
    return found


def _curves(work: duckdb.DuckDBPyConnection, task: str) -> list[dict[str, Any]]:
    """Return the curves of a binary version, or of an anomaly detection whose rows have labels."""
    if task not in ("binary", "anomaly"):
        return []
    rows = f"(from labelled where predictor = '{MODEL}')"
    found = _records(work, render("ranking_curves", rows, weight="weight", by=["dataset"]))
    if task == "binary":
        calibration = render("calibration_curve", rows, weight="weight", by=["dataset"])
        found += [{**point, "curve": "calibration"} for point in _records(work, calibration)]
    return sorted(found, key=lambda point: (point["dataset"], point["curve"], -point["threshold"]))


def _confusion(work: duckdb.DuckDBPyConnection, task: str, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Return how many rows of each class were predicted to be of which."""
    if task not in ("binary", "multiclass", "anomaly"):
        return []
    binary = classes or ("0", "1")
    negative, positive = ("'" + name.replace("'", "''") + "'" for name in (binary[0], binary[-1]))
    actual, predicted = {
        "binary": (
            f"case when label = 1 then {positive} else {negative} end",
            f"case when score > 0.5e0 then {positive} else {negative} end",
        ),
        "multiclass": ("label", "predicted"),
        "anomaly": ("case when label = 1 then 'anomaly' else 'normal' end", "predicted"),
    }[task]
    rows = f"(from labelled where predictor = '{MODEL}')"
    sql = render("confusion_matrix", rows, label=actual, predicted=predicted, by=["dataset"])
    return _records(work, f"select * rename (row_count as rows) from ({sql}) order by all")


def _records(work: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = work.execute(sql).to_arrow_table().to_pylist()
    return records
