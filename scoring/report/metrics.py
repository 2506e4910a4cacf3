"""The metrics as a reader of a report meets them: their order, which way is better, and which one matters."""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from scoring.report.facts import Model, Record

ORDER = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "accuracy",
    "f1",
    "f1_macro",
    "rmse",
    "mae",
    "r2",
    "mape",
    "pinball",
    "simplified_silhouette",
    "flagged_share",
)
"""Every metric, in the order of the tables."""
LESS_IS_BETTER = frozenset({"log_loss", "brier", "rmse", "mae", "mape", "pinball", "flagged_share"})
DATASETS = ("test", "validation", "train")
"""The parts of a split, the one that tells most first."""


def best_dataset(entries: Iterable[Record]) -> str:
    """Return the part of the split that tells most, of those that entries are about."""
    present = {entry["dataset"] for entry in entries}
    return next((dataset for dataset in DATASETS if dataset in present), min(present, default=DATASETS[0]))


def value_of(version: Record, metric: str, dataset: str, predictor: str = "model") -> float | None:
    """Return a metric of all rows of a part of the split; None where it was not measured or is not finite."""
    for one in version["metrics"] or []:
        if (one["metric"], one["dataset"], one["predictor"], one["slice_column"]) == (
            metric,
            dataset,
            predictor,
            None,
        ):
            value: float | None = one["value"]
            return value if value is not None and isfinite(value) else None
    return None


def key_metric(version: Record) -> str | None:
    """Return the metric that matters: that of the first gate on all rows, else the first that was measured."""
    dataset = best_dataset(version["metrics"] or [])
    measured = [metric for metric in ORDER if value_of(version, metric, dataset) is not None]
    gates = [gate["metric"] for gate in version["gates"] or [] if gate["slice_column"] is None]
    return next((metric for metric in (*gates, *measured) if metric in measured), None)


def metric_table(
    version: Record, dataset: str
) -> tuple[list[str], list[tuple[str, list[float | None], int | None]]]:
    """Return the predictors of a table, and for each metric its values and which of them is the best."""
    present = {one["predictor"] for one in version["metrics"] or [] if one["dataset"] == dataset}
    predictors = [one for one in ("model", "champion", "linear", "constant") if one in present]
    rows = []
    for metric in ORDER:
        values = [value_of(version, metric, dataset, predictor) for predictor in predictors]
        measured = [value for value in values if value is not None]
        if measured:
            best = min(measured) if metric in LESS_IS_BETTER else max(measured)
            rows.append((metric, values, values.index(best) if len(measured) > 1 else None))
    return predictors, rows


def headline(model: Model) -> tuple[str, float, str, float | None] | None:
    """Return the metric that matters, its value, the part of the split and the value of the better baseline."""
    version = model.shown
    metric = key_metric(version) if version is not None else None
    if version is None or metric is None:
        return None
    dataset = best_dataset(version["metrics"] or [])
    value = value_of(version, metric, dataset)
    baselines = [
        baseline
        for predictor in ("constant", "linear")
        if (baseline := value_of(version, metric, dataset, predictor)) is not None
    ]
    better = min if metric in LESS_IS_BETTER else max
    return (metric, value, dataset, better(baselines, default=None)) if value is not None else None
