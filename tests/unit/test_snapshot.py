from datetime import datetime

import duckdb
import pyarrow as pa
import pytest

from scoring.signature import Feature, Signature
from training.data.snapshot import snapshot

ROWS = """
    select * from (values
        (1e0, 'a', true, timestamp '2024-01-01'),
        (3e0, 'b', null, timestamp '2024-01-03'),
        (null, null, false, timestamp '2024-01-02'),
        ('nan', 'b', true, timestamp '2024-01-01'),
        ('inf', 'b', true, timestamp '2024-01-01')
    ) as t (amount, region, flag, predicted_at)
"""


@pytest.fixture
def rows() -> pa.Table:
    with duckdb.connect() as connection:
        return connection.sql(ROWS).to_arrow_table()


def test_statistics_describe_every_feature(rows: pa.Table) -> None:
    signature = Signature(
        (Feature.number("amount"), Feature.category("region", ("a", "b")), Feature.number("flag"))
    )
    statistics = snapshot(rows, signature, time="predicted_at")
    assert (statistics["rows"], statistics["cutoff"]) == (5, datetime(2024, 1, 3))
    amount, region, flag = statistics["features"]
    assert amount == {
        "name": "amount",
        "type": "number",
        "nulls": 2,
        "distinct_values": 3,
        "mean": 2.0,
        "stddev": pytest.approx(2**0.5),
        "min": 1.0,
        "max": 3.0,
    }
    assert (region["nulls"], region["distinct_values"], region["mean"]) == (1, 2, None)
    assert (flag["nulls"], flag["mean"], flag["max"]) == (1, 0.75, 1.0)


def test_fingerprint_is_that_of_the_fitted_rows(rows: pa.Table) -> None:
    signature = Signature((Feature.number("amount"),))
    whole = snapshot(rows, signature, time="predicted_at")["fingerprint"]
    assert snapshot(rows.take([4, 3, 2, 1, 0]), signature, time="predicted_at")["fingerprint"] == whole
    assert snapshot(rows[:4], signature, time="predicted_at")["fingerprint"] != whole
