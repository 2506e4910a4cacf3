import numpy as np
import pyarrow as pa
import pytest
from fitted_models import check_mixed, check_parity, data_set, fit
from sklearn.cluster import KMeans
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scoring.signature import Signature
from training.errors import FitWarning
from training.estimators.base import completed


@pytest.mark.parametrize(("name", "clusters"), [("iris", 3), ("wine", 4)])
def test_clusters_are_those_of_plain_scikit_learn(name: str, clusters: int) -> None:
    features, _, described, _ = data_set(name)
    signature = Signature(described.features)
    params = {"clusters": clusters, "n_init": 3}
    model = fit("kmeans", features, None, signature, "clustering", params=params)
    expected = make_pipeline(StandardScaler(), KMeans(clusters, n_init=3, random_state=1)).fit(features)
    np.testing.assert_array_equal(model.predict(features), expected.predict(features))
    np.testing.assert_allclose(model.raw_score(features), expected.transform(features), rtol=1e-6)
    rows = pa.table(
        {feature.name: column for feature, column in zip(signature.features, features.T, strict=True)}
    )
    check_parity("kmeans", model, rows, signature, "clustering")
    assert completed(signature, model, "clustering").classes == tuple(map(str, range(clusters)))


def test_rows_of_every_type_score_alike() -> None:
    check_mixed("kmeans", "clustering", clusters=4, n_init=2)


def test_features_that_part_the_clusters_count_most() -> None:
    random = np.random.default_rng(0)
    features = np.column_stack([random.normal(size=400), np.arange(400) % 2 + random.normal(size=400) / 50])
    signature = Signature(data_set("iris")[2].features[:2])
    model = fit("kmeans", features, None, signature, "clustering", params={"clusters": 2})
    (_, noise, _), (_, signal, _) = model.importance()
    assert signal > 5 * noise


def test_fewer_points_than_clusters_is_reported() -> None:
    signature = Signature(data_set("iris")[2].features[:1])
    with pytest.warns(FitWarning, match=r"'kmeans' was not fitted to its end.*distinct clusters"):
        fit(
            "kmeans",
            np.repeat([[0.0], [1.0]], 50, axis=0),
            None,
            signature,
            "clustering",
            params={"clusters": 3},
        )
