"""The estimators a model can name."""

from collections.abc import Iterator, Mapping
from importlib import import_module

from training.estimators.base import TASKS, Estimator

__all__ = ["ESTIMATORS", "TASKS", "Estimator"]


class _Estimators(Mapping[str, Estimator]):
    """Estimators by name; each is imported, with its library, when it is asked for.

    The libraries take longer to import than a model takes that has not changed.
    """

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules

    def __getitem__(self, name: str) -> Estimator:
        estimator: Estimator = import_module(f"{__name__}.{self._modules[name]}").ESTIMATOR
        return estimator

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


ESTIMATORS: Mapping[str, Estimator] = _Estimators(
    {
        "lightgbm": "lightgbm",
        "logistic_regression": "logistic_regression",
        "linear_regression": "linear_regression",
        "random_forest": "random_forest",
        "extra_trees": "extra_trees",
        "mlp": "mlp",
        "kmeans": "kmeans",
        "isolation_forest": "isolation_forest",
        "onnx": "onnx_file",
    }
)
