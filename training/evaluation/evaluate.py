"""What a version is worth: predictions by SQL, measured by the metric macros, beside those it must beat."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from scoring.errors import RowError
from scoring.scratch import scratch
from scoring.version import Version
from training.data.dataset import DATASET
from training.evaluation.constant import quantile_of
from training.evaluation.expected_outcomes import expected_outcomes
from training.evaluation.metric_macros import render
from training.evaluation.metrics import COUNTS, MACROS, PINBALL
from training.evaluation.scored_rows import CHAMPION, MODEL, Values, score_rows, scores_of
from training.sql import quoted

ARGUMENTS: Mapping[str, Mapping[str, str]] = {
    "flagged_share": {"flagged": "case predicted when 'anomaly' then 1e0 when 'normal' then 0e0 end"}
}
"""What a macro is given beside its defaults."""
RANKED = frozenset({"roc_auc", "average_precision"})
RANKING = "ranking"
"""The table of `RANKED` metrics and of curves: the scores of each predictor in each part, in order."""
WITHOUT_LABEL = frozenset({"flagged_share", "simplified_silhouette"})


@dataclass(frozen=True)
class Evaluation:
    """What was measured, as the columns ``metrics``, ``curves`` and ``confusion`` of a version row keep it.

    Parameters
    ----------
    champion_version
        The champion that was measured on the same rows; None if there was none, or if it could not score them
        because its task, its classes or its features are others.
    held_out
        The version's predictions for the rows it was not fitted on, as far as there are any, as ``prediction``: the
        score, or the class where that is the prediction; and the slice columns, as texts.
    """

    metrics: list[dict[str, Any]]
    curves: list[dict[str, Any]]
    confusion: list[dict[str, Any]]
    champion_version: int | None
    held_out: pa.Table


def evaluate(
    version: Version, rows: pa.Table, *, predictions: Mapping[str, Values], champion: Version | None
) -> Evaluation:
    """Measure a version, the baselines and the champion on the same rows.

    Versions score with the artifact as it is deployed, and as the SQL functions do; the champion is measured on
    validation and test rows only. A metric that is not defined, such as the area under the ROC curve of one class,
    is null, and so is every metric of rows among which one has a score that is not finite; `COUNTS` says how many
    there are of both.

    Parameters
    ----------
    version
        The version.
    rows
        Features with their own types and the columns named in the version's ``slices``; `DATASET` with the part
        of the split; optionally `WEIGHT`; `LABEL` with 0 or 1, a value, or the text of a class. A clustering
        has no label, an anomaly detection may have one, 1 for an anomaly.
    predictions
        Of the baselines, by name: probabilities of the positive class or values, shape ``(rows,)``;
        of several classes, shape ``(rows, classes)``.
    champion
        The version that scores now.

    Returns
    -------
    Evaluation
        Metrics by dataset, predictor and slice; curves and confusion matrices of the version by dataset.
    """
    task, signature = version.task, version.signature_value
    scores = {MODEL: scores_of(version, rows)}
    if champion is not None and _is_comparable(champion, version):
        # The rows may lack a feature of the champion, or it has another type now, or a value that the champion rejects.
        with suppress(RowError):
            scores[CHAMPION] = _of_held_out(champion, rows)
    slices = list(version.slices or [])
    with scratch() as work:
        score_rows(
            work,
            task,
            rows,
            slices=slices,
            scores=scores,
            predictions=predictions,
            classes=signature.classes,
        )
        return Evaluation(
            _metrics(work, task, slices, _quantile(version)),
            _curves(work, task),
            _confusion(work, task, signature.classes),
            champion.version if champion is not None and CHAMPION in scores else None,
            _held_out(work, task, slices),
        )


def _quantile(version: Version) -> float | None:
    """Return the quantile of the label that a version predicts; None if it predicts something else."""
    params = json.loads(version.params or "{}")
    return quantile_of(params) if params.get("objective") == "quantile" else None


def _of_held_out(version: Version, rows: pa.Table) -> pa.Table:
    """Return what a version says of validation and test rows, null for training rows."""
    is_held_out = pc.not_equal(rows.column(DATASET), "train").to_numpy()
    positions = pa.array(np.cumsum(is_held_out) - 1, mask=~is_held_out)
    return scores_of(version, rows.filter(pa.array(is_held_out))).take(positions)


def _is_comparable(champion: Version, version: Version) -> bool:
    """Return whether the champion predicts the same thing."""
    # The numbers of clusters mean nothing, so another number of them is compared all the same.
    is_same = (
        version.task == "clustering" or version.signature_value.classes == champion.signature_value.classes
    )
    return champion.task == version.task and is_same


def _metrics(
    work: duckdb.DuckDBPyConnection, task: str, slices: Sequence[str], quantile: float | None
) -> list[dict[str, Any]]:
    """Return every metric of the task by dataset and predictor, of all rows and of every slice."""
    groups: list[tuple[str | None, list[str]]] = [(None, ["dataset", "predictor"])]
    groups += [(name, ["dataset", "predictor", f"slice_{n}"]) for n, name in enumerate(slices)]
    arguments: dict[str, Mapping[str, Any]] = {**ARGUMENTS, PINBALL: {"quantile": quantile}}
    measures = [*MACROS[task].items(), *([] if quantile is None else [(PINBALL, PINBALL)]), *COUNTS.items()]
    metrics = []
    for column, by in groups:
        ranking = RANKING if column is None else f"{RANKING}_of_slices"
        if not RANKED.isdisjoint(MACROS[task]):
            _rank(work, ranking, by)
        for metric, macro in measures:
            keys = ", ".join(by)
            if metric in COUNTS:
                sql = f"select {keys}, {macro}::double as metric_value from scored group by {keys}"
            elif metric in RANKED:
                sql = render(f"_{macro}_of", ranking, by=by)
            else:
                rows = "scored" if metric in WITHOUT_LABEL else "labelled"
                sql = render(macro, rows, weight="weight", by=by, **arguments.get(metric, {}))
            for dataset, predictor, *value, measured in work.execute(f"{sql} order by all").fetchall():
                metrics.append(
                    {
                        "dataset": dataset,
                        "predictor": predictor,
                        "slice_column": column,
                        "slice_value": value[0] if value else None,
                        "metric": metric,
                        "value": measured,
                    }
                )
    places = {metric: place for place, (metric, _) in enumerate(measures)}
    return sorted(metrics, key=lambda one: places[one["metric"]])


def _rank(work: duckdb.DuckDBPyConnection, name: str, by: Sequence[str]) -> None:
    """Rank the labelled rows of each group once, as sorting them takes most of the time of what is measured from it."""
    ranking = render("_ranking", "labelled", label="label", score="score", weight="weight", by=by)
    work.execute(f"create or replace temp table {name} as {ranking}")


def _held_out(work: duckdb.DuckDBPyConnection, task: str, slices: Sequence[str]) -> pa.Table:
    """Return the version's predictions for the test rows, or else those for validation or training."""
    prediction = "predicted" if task in ("multiclass", "clustering") else "score"
    texts = "".join(f", slice_{n} as {quoted(name)}" for n, name in enumerate(slices))
    # Parts are an enum, in which those that are held out come last.
    return work.execute(
        f"select {prediction} as prediction{texts} from scored where predictor = '{MODEL}' "
        "and dataset = (select max(dataset) from scored)"
    ).to_arrow_table()


def _curves(work: duckdb.DuckDBPyConnection, task: str) -> list[dict[str, Any]]:
    """Return the curves of a version that has a probability, a value, or a score of rows with labels."""
    points = []
    if not RANKED.isdisjoint(MACROS[task]):
        ranking = f"(from {RANKING} where predictor = '{MODEL}')"
        points += _records(work, render("_ranking_curves_of", ranking, by=["dataset"]))
    if task == "binary":
        rows = f"(from labelled where predictor = '{MODEL}')"
        calibration = render("calibration_curve", rows, weight="weight", by=["dataset"])
        points += [{**point, "curve": "calibration"} for point in _records(work, calibration)]
    points += expected_outcomes(work, task)
    return sorted(points, key=lambda point: (point["dataset"], point["curve"], -point["threshold"]))


def _confusion(work: duckdb.DuckDBPyConnection, task: str, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Return how many rows of each class were predicted to be of which; null if a score is not finite."""
    if task not in ("binary", "multiclass", "anomaly"):
        return []
    binary = classes or ("0", "1")
    negative, positive = ("'" + name.replace("'", "''") + "'" for name in (binary[0], binary[-1]))
    actual, predicted = {
        "binary": (
            f"case when label = 1 then {positive} else {negative} end",
            f"case when is_finite then case when score > 0.5e0 then {positive} else {negative} end end",
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
