"""The SQL form gives the number of `ml_predict` for every numeric type that a model may be trained on."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import made_versions
import pytest

import scoring
from training.train import train

WIDE = 2**60
TYPES = {
    "tinyint": "(x % 100)",
    "uinteger": "x",
    "bigint": f"({WIDE} + x)",
    "ubigint": f"({WIDE} * 8::hugeint + x)",
    "hugeint": f"(-{WIDE} * {WIDE}::hugeint * 10 + x * {2**69}::hugeint)",
    "uhugeint": f"({WIDE}::hugeint * 1000 + x)",
    "float": "x / 7",
    "double": "x / 7",
    "decimal(9, 3)": "x / 7",
    "decimal(18, 6)": "(123456789012 + x / 7::decimal(18, 6))",
    "decimal(38, 10)": f"({WIDE}::decimal(38, 10) + (x * 37 % 1000)::decimal(38, 10) / 1000)",
    "boolean": "(x % 3 = 0)",
}
BLOCK = {
    "task": "regression",
    "label": "y",
    "key": "id",
    "split": {"method": "random", "validation": 0.1, "test": 0.2},
}
SMALL = {"num_iterations": 30, "min_data_in_leaf": 2, "learning_rate": 0.5}
ESTIMATORS = {"lightgbm": SMALL, "linear_regression": {}}
ALLOWED = {"lightgbm": 0.0, "linear_regression": 1e-12}
"""A weighted sum is rounded otherwise by the runtime; the sums of trees are not."""


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    columns = ", ".join(f"({text})::{kind} as c{place}" for place, (kind, text) in enumerate(TYPES.items()))
    drawn = "select range as id, range * 7 % 500 as x from range(1000)"
    rows = f"select id, x, (x * 13 % 17)::double as y, {columns} from ({drawn})"
    with scoring.connect() as connection:
        connection.execute(f"create table rows as {rows}")
        for place in (4, 5, 10):
            connection.execute(f"update rows set c{place} = null where id % 11 = {place}")
        for estimator, params in ESTIMATORS.items():
            config = {**BLOCK, "estimator": estimator, "params": params}
            row = train(connection.sql("select * exclude (x) from rows"), model_name=estimator, config=config)
            made_versions.add(connection, row)
            form = row.column("sql_form")[0].as_py()
            assert form is not None
            connection.execute(f"create macro {estimator}_raw(r) as {form['raw_score']}")
        yield connection


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_all_types_together(warehouse: duckdb.DuckDBPyConnection, estimator: str) -> None:
    difference = f"abs({estimator}_raw(r) - ml_predict('{estimator}@1', r))"
    ((rows, largest),) = warehouse.sql(f"select count(*), max({difference}) from rows as r").fetchall()
    assert rows == 1000 and largest <= ALLOWED[estimator]


@pytest.mark.parametrize("kind", ["hugeint", "uhugeint", "decimal(18, 6)", "decimal(38, 10)"])
def test_a_model_of_doubles_takes_wider_numbers_too(kind: str) -> None:
    rows = "select id, (id * 13 % 17)::double as y, value from wide"
    with scoring.connect() as connection:
        connection.execute(
            f"create table wide as select range as id, ({TYPES[kind]})::{kind} as value "
            "from (select range, range * 7 % 500 as x from range(1000))"
        )
        config = {**BLOCK, "estimator": "lightgbm", "params": SMALL}
        row = train(
            connection.sql(f"select * replace (value::double as value) from ({rows})"),
            model_name="narrow",
            config=config,
        )
        made_versions.add(connection, row)
        connection.execute(f"create macro narrow_raw(r) as {row.column('sql_form')[0].as_py()['raw_score']}")
        ((scored, largest),) = connection.sql(
            "select count(*), max(abs(narrow_raw(r) - ml_predict('narrow@1', r))) from wide as r"
        ).fetchall()
    assert (scored, largest) == (1000, 0.0)
