import lightgbm
import numpy as np
import pytest

from training.estimators.lightgbm import Examples, fit
from training.metrics import evaluate


def examples(rows: int, seed: int) -> Examples:
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, 3))
    features[:, 2] = random.integers(0, 6, rows)
    return Examples(
        features, (features[:, 0] + (features[:, 2] == 3) + random.normal(size=rows) > 0).astype(float)
    )


def fitted(seed: int = 1, **params: float) -> lightgbm.Booster:
    settings = {"min_data_in_leaf": 5, "num_iterations": 200, **params}
    return fit(examples(400, 0), examples(200, 1), task="binary", params=settings, seed=seed, categorical=[2])


def model(seed: int = 1, **params: float) -> str:
    return str(fitted(seed, **params).model_to_string())


def test_same_data_and_settings_give_the_same_model() -> None:
    assert model() == model()
    assert model() != model(seed=2)


def test_trees_are_kept_up_to_the_best_on_validation() -> None:
    booster, validation = fitted(early_stopping_round=5), examples(200, 1)
    kept = range(1, booster.num_trees() + 1)
    losses = [
        evaluate("binary", validation.label, booster.predict(validation.features, num_iteration=n))[
            "log_loss"
        ]
        for n in kept
    ]
    assert len(kept) < 195
    assert int(np.argmin(losses)) + 1 == len(kept)


def test_categories_are_split_as_sets() -> None:
    assert "num_cat=1" in model(max_cat_to_onehot=1, cat_smooth=1, min_data_per_group=5)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    model(min_data_in_leaf=100_000)
    assert capfd.readouterr() == ("", "")
