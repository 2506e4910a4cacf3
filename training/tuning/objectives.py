"""What tuning makes best on the validation rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Objective:
    """A measure of predictions.

    Parameters
    ----------
    function
        Name of the function in `sklearn.metrics`.
    is_greater_better
        Whether a better model has a greater value.
    of_classes
        Whether it judges the class that is predicted, and not its probability.
    """

    function: str
    is_greater_better: bool
    of_classes: bool = False

    def __call__(
        self, label: Values, prediction: Values, probabilities: Values | None, weight: Values | None
    ) -> float:
        """Return the value.

        Parameters
        ----------
        label, prediction
            Shape ``(rows,)``, as `training.estimators.base.Fitted.predict` gives them.
        probabilities
            Shape ``(rows, classes)`` for task ``multiclass``.
        weight
            Shape ``(rows,)``; None where all rows weigh the same.
        """
        if self.function == "log_loss" and probabilities is not None:
            return _log_loss(label, probabilities, weight)
        from sklearn import metrics  # not needed, and slow to import, where nothing is tuned

        measure: Callable[..., float] = getattr(metrics, self.function)
        options: dict[str, object] = {"sample_weight": weight}
        predicted = prediction
        if self.of_classes and probabilities is None:
            predicted = (prediction > 0.5).astype(np.float64)
        elif self.function == "log_loss":
            options["labels"] = np.arange(2)
        return float(measure(label, predicted, **options))


def _log_loss(label: Values, probabilities: Values, weight: Values | None) -> float:
    """Return the log loss as macros/metrics/log_loss_multiclass.sql has it.

    That of scikit-learn wants probabilities that add up to 1; those of one class against all others do not.
    """
    of_label = probabilities[np.arange(len(label)), label.astype(np.int64)]
    epsilon = np.finfo(np.float64).eps
    return float(np.average(-np.log(np.clip(of_label, epsilon, 1 - epsilon)), weights=weight))


_LOG_LOSS = Objective("log_loss", False)
_ACCURACY = Objective("accuracy_score", True, of_classes=True)

OBJECTIVES: Mapping[str, Mapping[str, Objective]] = {
    "binary": {
        "log_loss": _LOG_LOSS,
        "roc_auc": Objective("roc_auc_score", True),
        "average_precision": Objective("average_precision_score", True),
        "brier": Objective("brier_score_loss", False),
        "accuracy": _ACCURACY,
    },
    "multiclass": {"log_loss": _LOG_LOSS, "accuracy": _ACCURACY},
    "regression": {
        "rmse": Objective("root_mean_squared_error", False),
        "mae": Objective("mean_absolute_error", False),
        "r2": Objective("r2_score", True),
    },
}
"""The objectives of each task that can be tuned; the first is the default."""
