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
        from sklearn import metrics  # not needed, and slow to import, where nothing is tuned

        measure: Callable[..., float] = getattr(metrics, self.function)
        options: dict[str, object] = {"sample_weight": weight}
        found = prediction
        if self.of_classes and probabilities is None:
            found = (prediction > 0.5).astype(np.float64)
        elif self.function == "log_loss":
            classes = 2 if probabilities is None else probabilities.shape[1]
            options["labels"] = np.arange(classes)
            found = prediction if probabilities is None else probabilities
        return float(measure(label, found, **options))


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
