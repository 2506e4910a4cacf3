"""How LightGBM turns raw scores into predictions: `ConvertOutput` of each objective.

See https://github.com/microsoft/LightGBM/tree/master/src/objective.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import lightgbm

from training.errors import ExportError
from training.export.lightgbm_trees import Model

Function = Literal["identity", "signed_square", "logistic", "exp", "softmax"]

FUNCTIONS: dict[str, Function] = {
    "binary": "logistic",
    "cross_entropy": "logistic",
    "multiclass": "softmax",
    "multiclassova": "logistic",
    **dict.fromkeys(("regression", "regression_l1", "huber", "fair", "quantile", "mape"), "identity"),
    **dict.fromkeys(("poisson", "gamma", "tweedie"), "exp"),
}
SETTINGS = {"binary": {"sigmoid"}, "multiclass": {"num_class"}, "multiclassova": {"num_class", "sigmoid"}}
"""What the text of an objective holds besides its name."""


@dataclass(frozen=True)
class Link:
    """What is done to each raw score to predict from it.

    Parameters
    ----------
    function
        ``identity``: ``x``; ``signed_square``: ``sign(x) * x * x``; ``logistic``:
        ``1 / (1 + exp(-factor * x))``; ``exp``: ``exp(x)``; ``softmax``: ``exp(x - max) / sum(exp(x - max))``
        over the classes.
    factor
        The ``sigmoid`` of the objective.
    divisor
        What raw scores are divided by first: the number of iterations where trees are averaged, else 1.
    """

    function: Function
    factor: float = 1.0
    divisor: int = 1


def link(model: Model) -> Link:
    """Return the link of a model.

    Raises
    ------
    training.errors.ExportError
        If its objective is none of those whose link is known.
    """
    name, *settings = model.objective.split()
    options = dict(setting.partition(":")[::2] for setting in settings)
    function = FUNCTIONS.get(name)
    if function == "identity" and options == {"sqrt": ""}:
        function, options = "signed_square", {}
    if function is None or options.keys() != SETTINGS.get(name, set()):
        raise ExportError.not_exact(
            f"objectives other than {', '.join(FUNCTIONS)}",
            f"objective '{model.objective}'",
            "choose another objective",
        )
    return Link(
        function,
        factor=float(options.get("sigmoid", 1.0)),
        divisor=model.iterations if model.averaged else 1,
    )


def check_written(booster: lightgbm.Booster, link: Link) -> None:
    """Check that a booster which is still in training predicts as its text does.

    Raises
    ------
    training.errors.ExportError
        If its ``sigmoid`` has more digits than the six that the text keeps.
    """
    sigmoid = float(booster.params.get("sigmoid", link.factor))
    in_training = getattr(booster, "train_set", None) is not None
    if in_training and link.function == "logistic" and sigmoid != link.factor:
        raise ExportError.not_exact(
            "more than six digits of 'sigmoid' in a booster that is still in training",
            f"sigmoid {sigmoid!r}",
            "train it without keep_training_booster",
        )
