from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
import pytest
from fitted_models import MIXED, check_parity, classes_of, matrix_of, mixed_label, mixed_rows
from fitted_models import fit as fit_estimator
from sklearn import datasets
from sklearn.metrics import log_loss

from scoring.artifact import Artifact, digest
from scoring.signature import Feature, Signature
from training.estimators.base import Examples, FitRequest
from training.estimators.lightgbm_booster import Booster, fit
from training.estimators.lightgbm_settings import OBJECTIVES

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
    actual = (
        fitted.probabilities(data.data[is_test])
        if task == "multiclass"
        else fitted.predict(data.data[is_test])
    )
    np.testing.assert_allclose(actual, expected, rtol=1e-12)


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


def positive_label(rows: Examples) -> Examples:
    return Examples(rows.features, np.exp(rows.features[:, 0]) + rows.features[:, 2])


def labelled(task: str, rows: Examples) -> Examples:
    if task == "multiclass":
        return Examples(rows.features, rows.features[:, 2] // 2)
    return positive_label(rows) if task == "regression" else rows


BOOSTING: list[dict[str, Any]] = [
    {},
    {"boosting": "dart"},
    {"boosting": "rf"},
    {"data_sample_strategy": "goss"},
]


@pytest.mark.parametrize(
    ("task", "objective"), [(task, objective) for task, names in OBJECTIVES.items() for objective in names]
)
@pytest.mark.parametrize("boosting", BOOSTING, ids=str)
def test_every_objective_is_that_of_plain_lightgbm(
    task: str, objective: str, boosting: dict[str, Any]
) -> None:
    train, validation = labelled(task, examples(400, 0)), labelled(task, examples(200, 1))
    signature = Signature(
        NUMBERS_AND_CATEGORY.features, classes=("a", "b", "c") if task == "multiclass" else ()
    )
    params = {"objective": objective, "num_iterations": 20, **boosting}
    losses: list[float] = []
    fitted = fit(
        request(
            train=train,
            validation=validation,
            task=task,
            signature=signature,
            params=params,
            report=lambda _, loss: losses.append(loss),
        )
    )
    assert len(losses) >= fitted.booster.num_trees() / (3 if task == "multiclass" else 1)
    plain: dict[str, Any] = {**fitted.params, "verbosity": -1, "seed": 1, "deterministic": True}
    if task == "multiclass":
        plain["num_class"] = 3
    if plain.pop("early_stopping_round", None):
        plain["num_iterations"] = fitted.booster.current_iteration()
    expected = lightgbm.train(
        {**plain, "force_row_wise": True},
        lightgbm.Dataset(train.features, train.label, categorical_feature=[2]),
    )
    np.testing.assert_array_equal(
        fitted.raw_score(validation.features), expected.predict(validation.features, raw_score=True)
    )
    artifact = fitted.to_onnx()
    run = Artifact(artifact, expected_digest=digest(artifact), model="m").run
    np.testing.assert_array_equal(
        run(validation.features, "raw_score"), fitted.raw_score(validation.features)
    )


@pytest.mark.parametrize(
    ("task", "params"),
    [
        ("binary", {"objective": "cross_entropy", "boosting": "dart"}),
        ("multiclass", {"objective": "multiclassova", "boosting": "rf"}),
        ("regression", {"objective": "tweedie", "data_sample_strategy": "goss"}),
        ("regression", {"reg_sqrt": True, "boosting": "rf"}),
    ],
)
def test_rows_of_every_type_score_alike_in_sql(task: str, params: dict[str, Any]) -> None:
    rows = mixed_rows()
    signature = Signature(MIXED.features, classes=classes_of(task))
    label = np.abs(np.asarray(mixed_label(rows, task)))
    settings = {"num_iterations": 10, "min_data_in_leaf": 5, **params}
    fitted = fit_estimator("lightgbm", matrix_of(rows), label, signature, task, params=settings)
    differences = check_parity("lightgbm", fitted, rows, signature, task)
    assert differences.max_absolute_difference == 0.0 and differences.max_relative_difference <= 1e-15


def test_dropped_trees_do_not_stop_early() -> None:
    fitted = fit(request(params={"boosting": "dart", "num_iterations": 60}))
    assert fitted.booster.num_trees() == 60 and "early_stopping_round" not in fitted.params


def test_losses_of_all_objectives_of_a_task_are_comparable() -> None:
    train, validation = positive_label(examples(400, 0)), positive_label(examples(200, 1))
    losses: dict[str, list[float]] = {"poisson": [], "regression": []}
    for objective, reported in losses.items():
        fit(
            request(
                train=train,
                validation=validation,
                task="regression",
                params={"objective": objective, "num_iterations": 3, "learning_rate": 1e-6},
                report=lambda _, loss, reported=reported: reported.append(loss),
            )
        )
    np.testing.assert_allclose(losses["poisson"], losses["regression"], rtol=0.01)


def test_a_table_gives_the_same_model_as_a_matrix() -> None:
    rows = 260_000  # more than LightGBM samples to find its bins
    draw = np.random.default_rng(3)
    matrix = np.column_stack(
        [
            draw.normal(size=rows),
            np.where(draw.random(rows) < 0.1, np.nan, draw.normal(size=rows)),
            np.where(draw.random(rows) < 0.97, 0.0, draw.normal(size=rows)),
            np.where(draw.random(rows) < 0.5, -0.0, 1e-300),
            draw.integers(0, 12, rows).astype(float),
            np.where(draw.random(rows) < 0.01, np.nan, np.floor(draw.random(rows) * 1e9)),
            np.full(rows, 7.0),
        ]
    )
    kinds = [Feature.number(f"x{n}") for n in range(7)]
    kinds[4] = Feature.category("x4", tuple(map(str, range(12))))
    kinds[5] = Feature.instant("x5")
    signature = Signature(tuple(kinds), classes=("0", "1"))
    label = (np.nan_to_num(matrix[:, 0] + matrix[:, 1]) + matrix[:, 4] / 6 > 1).astype(float)
    columns = pa.table({f"f{n}": column for n, column in enumerate(np.ascontiguousarray(matrix.T))})
    table = pa.Table.from_batches(columns.to_batches(max_chunksize=50_000))
    texts = set()
    for source in (matrix, table):
        train, validation = (
            Examples(source[:250_000], label[:250_000]),
            Examples(source[250_000:], label[250_000:]),
        )
        texts.add(fit(request(train=train, validation=validation, signature=signature)).native_model)
    assert len(texts) == 1
