"""What a worker of Spark masks has the hash that DuckDB gives it, whatever its type."""

from __future__ import annotations

import pytest

import scoring
from scoring.errors import SparkError
from scoring.masking import key_of
from scoring.spark.masking_worker import Key, mask

NAME = "WAREHOUSE_ML_MASK_KEY"
SECRET = "a key to mask with"
VALUES = {
    "varchar": "'ann@example.org'",
    "integer": "42",
    "double": "1e10",
    "float": "0.1",
    "decimal(9, 3)": "1.5",
    "boolean": "true",
    "date": "'2024-02-29'",
    "timestamp": "'2024-02-29 01:30:00.5'",
}


@pytest.mark.parametrize("kind", VALUES)
def test_a_value_has_the_hash_of_duckdb(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, SECRET)
    with scoring.connect() as connection:
        rows = connection.sql(
            f"select value, ml_mask(value) as hash from (values ({VALUES[kind]}::{kind}), (null)) as rows(value)"
        ).to_arrow_table()
    hashes = mask(Key(key_of({NAME: SECRET})), rows.column("value").combine_chunks())
    assert hashes.to_pylist() == rows.column("hash").to_pylist()
    assert hashes[1].as_py() is None and len(hashes[0].as_py()) == 64


def test_without_a_key_only_null_is_masked() -> None:
    with scoring.connect() as connection:
        texts = connection.sql("select * from (values ('x'), (null)) as rows(value)").to_arrow_table()
    values = texts.column("value").combine_chunks()
    key = Key(None, f"The environment variable {NAME} is missing")
    assert mask(key, values.slice(1)).to_pylist() == [None]
    with pytest.raises(SparkError, match=f"{NAME} is missing"):
        mask(key, values)


def test_a_key_is_not_shown() -> None:
    assert SECRET not in repr(Key(SECRET.encode()))
