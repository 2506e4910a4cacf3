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


MANY = """
    select
        range as id,
        range % 5000 as few,
        range * 7919 % 200003 / 10 as many,
        1e9 + range % 7 as far,
        (range % 250)::decimal(18, 3) / 8 as money,
        case range % 3 when 0 then null when 1 then range % 10 end::tinyint as gaps,
        timestamp '2020-01-01' + range * interval 1 second as seen_at,
        case range % 4 when 0 then 'infinity'::double else -(range % 2) * 0e0 end as zeros,
        'c' || range % 300 as place
    from range(200003)
"""


def test_many_rows_are_described_as_sql_describes_them() -> None:
    """Distinct values are estimated: within three standard errors, and exactly where there are few."""
    with duckdb.connect() as connection:
        rows = connection.sql(MANY).to_arrow_table()
        names = ("few", "many", "far", "money", "gaps", "seen_at", "zeros")
        places = tuple(f"c{n}" for n in range(300))
        features = (
            *(Feature.instant(name) if name == "seen_at" else Feature.number(name) for name in names),
            Feature.category("place", places),
        )
        described = snapshot(rows, Signature(features), time=None)["features"]
        for entry in described:
            number = "epoch(seen_at)" if entry["name"] == "seen_at" else f"{entry['name']}::double"
            if entry["type"] == "category":
                number = "null::double"
            finite = f"filter (where isfinite({number}))"
            expected = connection.sql(
                f"select avg({number}) {finite}, stddev_samp({number}) {finite}, min({number}) {finite}, "
                f"max({number}) {finite}, count(*) - count({entry['name']}), count(distinct {entry['name']}) "
                f"from ({MANY})"
            ).fetchall()[0]
            for name, value in zip(("mean", "stddev", "min", "max"), expected[:4], strict=True):
                wanted = None if value is None else pytest.approx(value, rel=1e-9)
                assert entry[name] == wanted, (entry["name"], name)
            assert entry["nulls"] == expected[4]
            allowed = 0 if expected[5] <= 4000 else 0.05
            assert entry["distinct_values"] == pytest.approx(expected[5], rel=allowed), entry["name"]


def test_a_column_of_nulls_or_of_one_value_has_no_deviation() -> None:
    rows = pa.table({"none": pa.nulls(2, pa.float64()), "one": pa.array([None, 1e308]), "id": [1, 2]})
    signature = Signature((Feature.number("none"), Feature.number("one")))
    none, one = snapshot(rows, signature, time=None)["features"]
    assert (none["nulls"], none["distinct_values"], none["mean"], none["max"]) == (2, 0, None, None)
    assert (one["nulls"], one["distinct_values"], one["mean"], one["stddev"]) == (1, 1, 1e308, None)
