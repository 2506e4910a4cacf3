import numpy as np
import pytest
from fitted_models import MIXED, matrix_of, mixed_rows
from numpy.typing import NDArray
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scoring.artifact import Artifact, digest
from scoring.signature import Feature, Signature
from training.export.graph import artifact
from training.export.preprocessing import FURTHEST, Category, Form, Preprocessing

Values = NDArray[np.float64]


def in_artifact(preprocessing: Preprocessing, matrix: Values) -> Values:
    nodes, constants = preprocessing.part("features", "prediction")
    width = len(preprocessing.sources)
    data = artifact(nodes, constants, features=matrix.shape[1], outputs={"prediction": width})
    return Artifact(data, expected_digest=digest(data), model="m").run(matrix)


@pytest.mark.parametrize("form", ["scaled", "single"])
def test_artifact_prepares_every_value_alike(form: Form) -> None:
    matrix = matrix_of(mixed_rows())
    preprocessing = Preprocessing.fit(matrix, MIXED, form)
    special = np.array([np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-300, 16_777_217.0, 0.1, -0.0])
    rows = np.repeat(matrix[:5], len(special), axis=0)
    for column in (0, 1, 2, 6):
        rows[:, column] = np.tile(special, 5)
    rows[:9, 3] = np.nan
    compared = np.concatenate([matrix, rows])
    prepared = preprocessing.prepared(compared)
    assert np.isfinite(prepared).all() and prepared.flags.c_contiguous
    np.testing.assert_array_equal(in_artifact(preprocessing, compared), prepared)


def test_numbers_are_imputed_and_scaled_as_scikit_learn_does() -> None:
    random = np.random.default_rng(0)
    matrix = random.normal(5, 3, size=(200, 3))
    matrix[random.random((200, 3)) < 0.2] = np.nan
    signature = Signature(tuple(Feature.number(name) for name in "abc"))
    expected = make_pipeline(SimpleImputer(strategy="median"), StandardScaler()).fit_transform(matrix)
    prepared = Preprocessing.fit(matrix, signature, "scaled").prepared(matrix)
    np.testing.assert_allclose(prepared, expected, rtol=0, atol=1e-14)


def test_training_rows_alone_decide() -> None:
    signature = Signature((Feature.number("x"), Feature.category("c", ("a", "b"))))
    train = np.column_stack([np.arange(100.0), np.arange(100) % 2])
    preprocessing = Preprocessing.fit(train, signature, "scaled")
    strange = preprocessing.prepared(np.array([[np.nan, np.nan], [1e300, 0.0], [-np.inf, 1.0]]))
    assert strange[:, 0].tolist() == [0.0, FURTHEST, 0.0]
    assert strange[:, 1:].tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def codes(**counts: int) -> Values:
    order = {"common": 0.0, "other": 1.0, "rare": 2.0, "rarer": 3.0, "missing": np.nan}
    return np.concatenate([np.full(count, order[name]) for name, count in counts.items()])


@pytest.mark.parametrize(
    ("values", "table"),
    [
        # One column per level, and one for missing ones although there were none.
        (codes(common=50, other=50, rare=10, rarer=10), np.eye(5)),
        # Rare levels share a column.
        (codes(common=50, other=50, rare=9, rarer=1, missing=1), np.eye(4)[[0, 1, 2, 2, 3]]),
        # No row is missing, so that missing ones count as rare.
        (codes(common=50, other=50, rare=9, rarer=1), np.eye(3)[[0, 1, 2, 2, 2]]),
        # Ten rows of very many are rare.
        (codes(common=3000, other=3000, rare=29, rarer=40), np.eye(4)[[0, 1, 3, 2, 3]]),
    ],
)
def test_levels_become_columns(values: Values, table: Values) -> None:
    np.testing.assert_array_equal(Category.of(0, values, 0, 4).table, table)


def test_every_column_knows_its_feature() -> None:
    preprocessing = Preprocessing.fit(matrix_of(mixed_rows()), MIXED, "scaled")
    sources = preprocessing.sources.tolist()
    numbers = [0, 1, 2, 4, 5, 6, 4, 5]  # two instants have an hour each
    assert sources[: len(numbers)] == numbers
    assert len(sources) == preprocessing.prepared(matrix_of(mixed_rows())).shape[1]
    assert set(sources) == set(range(7))
