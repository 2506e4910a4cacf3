"""Two models with the same key and seed are tested on the same rows, whatever their names."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import numpy as np

from training import train

ROWS = "select id, id % 7 as a, hash(id) % 11 as b, a * 2 + b as y from range(400) as rows (id)"
BLOCK = {
    "task": "regression",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "validation": 0.2, "test": 0.2},
    "estimator": "lightgbm",
    "params": {"num_iterations": 5},
}
SHARE = "('0x' || substr(md5(? || id::varchar), 1, 8))::bigint / 4294967296e0"


def version(name: str, **changes: Any) -> dict[str, Any]:
    with duckdb.connect() as connection:
        (row,) = train(connection.sql(ROWS), model_name=name, config={**BLOCK, **changes}).to_pylist()
    return dict(row)


def rows_in_test(salt: str) -> set[int]:
    with duckdb.connect() as connection:
        return {
            n
            for (n,) in connection.execute(f"select id from ({ROWS}) where {SHARE} < 0.2", [salt]).fetchall()
        }


def test_a_model_of_another_name_is_the_same_model() -> None:
    first, second = version("churn"), version("churn_candidate")
    for column in ("split", "metrics", "artifact_sha256", "native_model", "training_snapshot"):
        assert first[column] == second[column], column


def test_the_version_row_tells_which_rows_are_in_test() -> None:
    split = version("churn", seed=7)["split"]
    assert split["salt"] == "seed 7"
    (rows,) = (part["rows"] for part in split["parts"] if part["split"] == "test")
    assert len(rows_in_test(split["salt"])) == rows


def test_another_seed_gives_other_rows() -> None:
    assert rows_in_test("seed 1") != rows_in_test("seed 2")


def test_no_name_decides_what_is_selected_or_chosen() -> None:
    simple = {key: value for key, value in BLOCK.items() if key not in ("estimator", "params")}
    tuned = {**BLOCK, "tuning": {"trials": 2}}
    for block in ({**BLOCK, "select_features": True}, simple, tuned):
        with duckdb.connect() as connection:
            rows = [
                train(connection.sql(ROWS), model_name=name, config=block).to_pylist()[0]
                for name in ("a", "zz")
            ]
        for column in ("estimator", "params", "feature_selection", "artifact_sha256"):
            assert rows[0][column] == rows[1][column], column
        values = [[trial["value"] for trial in row["tuning_trials"]] for row in rows]
        assert np.array_equal(*values), json.dumps(values)
