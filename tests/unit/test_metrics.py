import numpy as np
import pytest

from training.metrics import METRICS, evaluate


@pytest.mark.parametrize(
    ("task", "label", "prediction", "expected"),
    [
        (
            "binary",
            [0, 0, 1, 1],
            [0.25, 0.5, 0.25, 0.75],
            {
                "roc_auc": 0.625,
                "brier": 0.234375,
                "accuracy": 0.5,
                "average_precision": 0.75,
                "log_loss": 0.6637014,
            },
        ),
        ("binary", [0, 1], [0.0, 1.0], {"roc_auc": 1.0, "brier": 0.0, "accuracy": 1.0}),
        ("regression", [1, 2, 3], [1, 2, 6], {"rmse": 3**0.5, "mae": 1.0, "r2": -3.5}),
    ],
)
def test_metrics_of_a_task(
    task: str, label: list[float], prediction: list[float], expected: dict[str, float]
) -> None:
    found = evaluate(task, np.array(label, dtype=np.float64), np.array(prediction, dtype=np.float64))
    assert found.keys() == METRICS[task].keys()
    assert {name: found[name] for name in expected} == pytest.approx(expected)
