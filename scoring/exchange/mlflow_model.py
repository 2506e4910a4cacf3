"""What MLflow loads a version with: the module named as ``loader_module`` in its ``MLmodel`` file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scoring.exchange import folder
from scoring.model import Model

PREDICTION, CLASS, PROBABILITY = "prediction", "predicted_class", "probability_"
"""The columns of a result; the last begins the names of one for each class of several."""


class PyFunc:
    """A version as ``mlflow.pyfunc`` calls it."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Return a pandas frame with `columns` for each row.

        Parameters
        ----------
        model_input
            A frame, its columns matched to the features by name.
        params
            Not used.
        """
        import pandas

        model, task = self.model, self.model.task
        results: dict[str, Any] = {}
        if task == "multiclass":
            probabilities = model.predict_proba(model_input)
            results = {PROBABILITY + name: probabilities[name] for name in map(str, model.classes_)}
            return pandas.DataFrame({CLASS: model.predict(model_input), **results})
        results[PREDICTION] = model.predict_value(model_input)
        if task in ("binary", "anomaly"):
            results[CLASS] = model.predict(model_input)
        return pandas.DataFrame(results)


def columns(model: Model) -> dict[str, str]:
    """Return the columns of a result and MLflow's types of them."""
    if model.task == "multiclass":
        return {CLASS: "string", **{PROBABILITY + str(name): "double" for name in model.classes_}}
    return {PREDICTION: "double"} | ({CLASS: "string"} if model.task in ("binary", "anomaly") else {})


def _load_pyfunc(data_path: str) -> PyFunc:
    return PyFunc(folder.read(Path(data_path)))
