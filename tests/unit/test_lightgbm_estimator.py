from typing import Any

import lightgbm
import numpy as np
import pytest
from sklearn import datasets
from sklearn.metrics import log_loss

from scoring.signature import Feature, Signature
from training.estimators.base import Examples, FitRequest
from training.estimators.lightgbm import Booster, fit

NUMBERS_AND_CATEGORY = Signature(
    (Feature.number("a"), Feature.number("b"), Feature.category("c", tuple("uvwxyz"))), classes=("no", "yes")
)


def examples(rows: int, seed: int) -> Examples:
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, 3))
    features[:, 2] = random.integers(0, 6, rows)
    return Examples(
        features, (features[:, 0] + (features[:, 2] == 3) + random.normal(size=rows) > 0).astype(float)
    )


def request(seed: int = 1, **changes: Any) -> FitRequest:
    settings = {
        "train": examples(400, 0),
        "validation": examples(200, 1),
        "task": "binary",
        "params": {},
        "seed": seed,
        "signature": NUMBERS_AND_CATEGORY,
        **changes,
    }
    return FitRequest(
        **settings | {"params": {"min_data_in_leaf": 5, "num_iterations": 200, **settings["params"]}}
    )


def model(seed: int = 1, **params: Any) -> str:
    return fit(request(seed, params=params)).native_model


def test_same_data_and_settings_give_the_same_model() -> None:
    assert model(num_iterations=20) == model(num_iterations=20)
    assert model(num_iterations=20) != model(seed=2, num_iterations=20)


def test_trees_are_kept_up_to_the_best_on_validation() -> None:
    booster, validation = fit(request(params={"early_stopping_round": 5})).booster, examples(200, 1)
    kept = range(1, booster.num_trees() + 1)
    losses = [log_loss(validation.label, booster.predict(validation.features, num_iteration=n)) for n in kept]
    assert len(kept) < 195
    assert int(np.argmin(losses)) + 1 == len(kept)


def test_without_validation_rows_all_rounds_are_kept_and_told() -> None:
    fitted = fit(request(validation=None, params={"num_iterations": 7}))
    assert fitted.booster.num_trees() == 7
    assert fitted.params["num_iterations"] == 7 and "early_stopping_round" not in fitted.params


def test_categories_are_split_as_sets() -> None:
    assert "num_cat=1" in model(max_cat_to_onehot=1, cat_smooth=1, min_data_per_group=5)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    model(min_data_in_leaf=100_000)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["iris", "wine", "digits", "breast_cancer", "diabetes"])
def test_predictions_are_those_of_plain_lightgbm(name: str) -> None:
    data = getattr(datasets, f"load_{name}")()
    is_test = np.arange(len(data.data)) % 4 == 0
    task = {"breast_cancer": "binary", "diabetes": "regression"}.get(name, "multiclass")
    classes = tuple(map(str, data.target_names)) if task != "regression" else ()
    signature = Signature(tuple(Feature.number(f"f{n}") for n in range(data.data.shape[1])), classes=classes)
    params = {"num_iterations": 10, "num_leaves": 7, "min_data_in_leaf": 5, "bagging_fraction": 1.0}
    train = Examples(data.data[~is_test], data.target[~is_test].astype(float))
    fitted = fit(request(train=train, validation=None, task=task, signature=signature, params=params))
    plain: dict[str, Any] = {**fitted.params, "objective": task, "verbosity": -1, "seed": 1}
    if task == "multiclass":
        plain["num_class"] = len(classes)
    expected = lightgbm.train(
        plain | {"deterministic": True, "force_row_wise": True},
        lightgbm.Dataset(train.features, train.label),
        num_boost_round=plain.pop("num_iterations"),
    ).predict(data.data[is_test])
    found = (
        fitted.probabilities(data.data[is_test])
        if task == "multiclass"
        else fitted.predict(data.data[is_test])
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_weights_are_those_of_plain_lightgbm() -> None:
    rows, held_out = examples(400, 0), examples(200, 1)
    weight = 1.0 + np.arange(400) % 3
    train = Examples(rows.features[:, :2], rows.label, weight)
    validation = Examples(held_out.features[:, :2], held_out.label, weight[:200])
    signature = Signature((Feature.number("a"), Feature.number("b")), classes=("no", "yes"))
    fitted = fit(request(train=train, validation=validation, signature=signature))
    training_set = lightgbm.Dataset(train.features, train.label, weight=weight)
    expected = lightgbm.train(
        {**fitted.params, "objective": "binary", "seed": 1, "verbosity": -1, "force_row_wise": True}
        | {"deterministic": True},
        training_set,
        valid_sets=[training_set.create_valid(validation.features, validation.label, weight=weight[:200])],
    )
    np.testing.assert_allclose(fitted.predict(train.features), expected.predict(train.features), rtol=1e-12)
    unweighted = fit(
        request(train=Examples(train.features, train.label), validation=None, signature=signature)
    )
    assert fitted.native_model != unweighted.native_model


@pytest.mark.parametrize("direction", [1, -1])
def test_score_moves_one_way_with_a_monotone_feature(direction: int) -> None:
    fitted = fit(request(monotone={0: direction}))
    rows = np.tile(examples(50, 3).features, (40, 1, 1))
    rows[:, :, 0] = np.linspace(-3, 3, 40)[:, None]
    scores = fitted.raw_score(rows.reshape(-1, 3)).reshape(40, 50)
    assert (np.diff(scores, axis=0) * direction >= 0).all()


def test_loss_of_every_round_is_reported_and_the_report_may_stop() -> None:
    losses: list[tuple[int, float]] = []

    class Enough(Exception):
        pass

    def report(iteration: int, loss: float) -> None:
        losses.append((iteration, loss))
        if iteration == 4:
            raise Enough

    with pytest.raises(Enough):
        fit(request(report=report))
    assert [iteration for iteration, _ in losses] == [0, 1, 2, 3, 4]
    assert losses[-1][1] < losses[0][1] < 0.7


def test_parts_of_an_instant_are_learned_and_count_for_it() -> None:
    seconds = np.arange(600) * 5_000.0 + 1.7e9
    is_monday = (np.floor(seconds / 86_400) + 3) % 7 == 0
    signature = Signature((Feature.instant("at"), Feature.number("x")), classes=("no", "yes"))
    features = np.column_stack([seconds, np.zeros(600)])
    fitted: Booster = fit(
        request(
            train=Examples(features, is_monday.astype(float)),
            validation=None,
            signature=signature,
            params={"num_iterations": 40, "learning_rate": 0.3},
        )
    )
    assert ((fitted.predict(features) > 0.5) == is_monday).all()
    (position, gain, splits), nothing = fitted.importance()
    assert position == 0 and gain > 0 and splits > 0 and nothing == (1, 0.0, 0)
