from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from scoring.artifact import Artifact, digest
from scoring.columns import LAST_INSTANT
from training.export.graph import artifact
from training.export.preprocessing_instants import EDGES, Instants

Values = NDArray[np.float64]
INSTANTS = Instants(2, (1,))


def in_artifact(matrix: Values) -> Values:
    nodes, constants = INSTANTS.nodes("features", "prediction")
    data = artifact(nodes, constants, features=2, outputs={"prediction": 5})
    return Artifact(data, expected_digest=digest(data), model="m").run(matrix)


def rows(seconds: Values) -> Values:
    return np.column_stack([np.zeros_like(seconds), seconds])


@settings(deadline=None, max_examples=200)
@given(st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23)))
def test_parts_are_those_of_the_calendar(moment: datetime) -> None:
    seconds = (moment - datetime(1970, 1, 1)) / timedelta(seconds=1)
    *_, hour, weekday, month = INSTANTS.expanded(rows(np.array([seconds])))[0]
    assert (weekday, month) == (moment.weekday(), moment.month)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    assert abs(hour - (moment - midnight) / timedelta(hours=1)) < 1e-7


@pytest.mark.parametrize("year", [1600, 2000, 2024, 2100])
def test_every_day_of_a_year_has_its_month(year: int) -> None:
    days = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(365)]
    days.append(datetime(year, 12, 31, tzinfo=UTC))
    expanded = INSTANTS.expanded(rows(np.array([day.timestamp() for day in days])))
    assert expanded[:, 4].tolist() == [day.month for day in days]


def test_artifact_gives_the_same_parts_bit_for_bit() -> None:
    random = np.random.default_rng(0)
    limits = [LAST_INSTANT, -LAST_INSTANT, np.nextafter(LAST_INSTANT, np.inf), np.nan, np.inf, -np.inf, 1e300]
    near = np.concatenate([EDGES, EDGES + 1e-6, EDGES - 1e-6, EDGES * 1.5, limits])
    matrix = rows(np.concatenate([near, random.uniform(-1e10, 1e10, 5_000)]))
    np.testing.assert_array_equal(in_artifact(matrix), INSTANTS.expanded(matrix))
    assert np.isnan(INSTANTS.expanded(rows(np.array(limits[2:])))[:, 2:]).all()


def test_columns_follow_the_features() -> None:
    instants = Instants(3, (0, 2))
    assert instants.sources == (0, 1, 2, 0, 2, 0, 2, 0, 2)
    assert [instants.columns(part) for part in ("hour", "weekday", "month")] == [(3, 4), (5, 6), (7, 8)]
    matrix = np.arange(6.0).reshape(2, 3)
    assert Instants(3, ()).expanded(matrix) is matrix
