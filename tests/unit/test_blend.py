"""The average of several models: exact in the artifact, whatever its members and its task."""

import numpy as np
import pytest
from fitted_models import MIXED, check_parity, classes_of, fit, matrix_of, mixed_label, mixed_rows

from scoring.signature import Signature
from training.estimators import ESTIMATORS
from training.estimators.blend import Blend, Member
from training.estimators.linear import RELATIVE_DIFFERENCE

TREES = ("lightgbm", "extra_trees")
FEW = {
    "lightgbm": {"num_iterations": 30},
    **{name: {"n_estimators": 20} for name in ("extra_trees", "random_forest")},
}
LINEAR = {"regression": "linear_regression"}
TASKS = ("binary", "multiclass", "regression")


def blend(task: str, estimators: tuple[str, ...]) -> Blend:
    """Return the estimators with weights 1, 2, 3 …, fitted on rows with nulls, text and instants."""
    rows, signature = mixed_rows(), Signature(MIXED.features, classes=classes_of(task))
    label = mixed_label(rows, task)
    members = []
    for weight, name in enumerate(estimators, start=1):
        model = fit(name, matrix_of(rows), label, signature, task, params=FEW.get(name, {}))
        members.append(Member(ESTIMATORS[name], model, weight))
    return Blend(tuple(members), signature, task)


@pytest.mark.parametrize("task", TASKS)
def test_artifact_gives_the_average_of_the_members(task: str) -> None:
    model = blend(task, TREES)
    parity = check_parity(
        "blend", model, mixed_rows(), model.signature, task, largest_allowed=model.relative_difference
    )
    assert parity.max_absolute_difference <= 1e-15
    assert model.relative_difference <= 2e-15
    assert model.to_onnx() == blend(task, TREES).to_onnx()


@pytest.mark.parametrize("task", TASKS)
def test_a_linear_member_is_as_exact_as_alone(task: str) -> None:
    model = blend(task, ("lightgbm", LINEAR.get(task, "logistic_regression"), "random_forest"))
    limit = model.relative_difference
    assert limit == pytest.approx(RELATIVE_DIFFERENCE, rel=1e-4)
    check_parity("blend", model, mixed_rows(), model.signature, task, largest_allowed=limit)


def test_prediction_is_the_weighted_average() -> None:
    model, matrix = blend("binary", TREES), matrix_of(mixed_rows())
    first, second = (member.model.predict(matrix) for member in model.members)
    np.testing.assert_allclose(model.predict(matrix), (first + 2 * second) / 3, rtol=1e-15)


def test_params_and_importance_say_what_it_is_made_of() -> None:
    model = blend("multiclass", TREES)
    members = model.params["members"]
    assert [(member["estimator"], member["weight"]) for member in members] == [
        ("lightgbm", 1),
        ("extra_trees", 2),
    ]
    assert members[0]["params"]["num_leaves"] == 31
    assert sum(gain for _, gain, _ in model.importance()) == pytest.approx(1)
    assert model.native_model is None and model.sql_form(model.signature) is None
