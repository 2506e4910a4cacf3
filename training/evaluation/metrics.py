"""The metrics of each task: which there are, which way is better, and the macro that measures each."""

from __future__ import annotations

from collections.abc import Mapping

DIRECTION: Mapping[str, bool] = {
    "roc_auc": True,
    "average_precision": True,
    "log_loss": False,
    "brier": False,
    "accuracy": True,
    "f1": True,
    "f1_macro": True,
    "rmse": False,
    "mae": False,
    "r2": True,
    "mape": False,
    "pinball": False,
    "simplified_silhouette": True,
    "flagged_share": False,
}
"""Every metric by name: whether a higher value is a better one."""

MACROS: Mapping[str, Mapping[str, str]] = {
    "binary": {
        name: name for name in ("roc_auc", "average_precision", "log_loss", "brier", "accuracy", "f1")
    },
    "multiclass": {
        "accuracy": "accuracy_multiclass",
        "f1_macro": "f1_macro",
        "log_loss": "log_loss_multiclass",
        "brier": "brier_multiclass",
    },
    "regression": {name: name for name in ("rmse", "mae", "r2", "mape")},
    "clustering": {"simplified_silhouette": "simplified_silhouette"},
    "anomaly": {name: name for name in ("flagged_share", "roc_auc", "average_precision")},
}
"""The metrics of each task and the macro in ``macros/metrics`` that measures each."""

PINBALL = "pinball"
"""The metric, and its macro, that is measured besides where the objective is a quantile."""

METRICS: Mapping[str, Mapping[str, bool]] = {
    task: {name: DIRECTION[name] for name in macros} for task, macros in MACROS.items()
}
"""The metrics of each task by name: whether a higher value is a better one."""

ROWS, NON_FINITE = "rows", "non_finite_scores"
COUNTS: Mapping[str, str] = {ROWS: "count(*)", NON_FINITE: "count(*) filter (where not is_finite)"}
"""What is counted beside the metrics, weights left aside, as SQL: rows, and those without a finite score."""
